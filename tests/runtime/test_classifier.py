"""One model file: what it answers, to whatever it is asked, and what it refuses."""

import io
import math
import os
import pickle
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from PIL import Image

import fer_onnx
from fer_onnx.errors import ModelError
from fer_onnx.legibility import is_legible
from fer_onnx.modelfile import bundled_models
from fer_onnx.modelfile.bounds import BATCHES

FACES = Path(__file__).parents[2] / "samples" / "faces"


@pytest.fixture(scope="module")
def model(model_file):
    return fer_onnx.load(model_file)


@pytest.fixture(scope="module")
def faces():
    """More faces than are run at once, each of a brightness and a size of its own."""
    count = BATCHES[0] + 5
    sizes = [(8 + n % 7, 8 + n % 5) for n in range(count)]
    return [Image.new("L", size, n * 255 // count) for n, size in enumerate(sizes)]


@pytest.fixture(scope="module")
def noise():
    rng = np.random.default_rng(3)
    return [rng.integers(0, 256, (40 + n, 60 - n), dtype=np.uint8) for n in range(5)]


@pytest.mark.parametrize("grey", [0, 64, 128, 255])
def test_scores_are_what_the_network_says(model, expected, grey):
    prediction = model.predict(Image.new("L", (8, 8), grey))
    assert prediction.scores == pytest.approx(expected(grey), abs=1e-6)
    assert prediction.label == max(expected(grey), key=expected(grey).get)
    assert prediction.score == max(prediction.scores.values())


def test_a_model_in_int8_is_read_like_any_other(onnx, expected, tmp_path):
    path = tmp_path / "int8.onnx"
    path.write_bytes(onnx.model(quantized=True))
    prediction = fer_onnx.load(path).predict(Image.new("L", (8, 8), 64), evidence=True)
    assert prediction.scores == pytest.approx(expected(64), abs=1e-5)
    assert prediction.evidence["grey"] == pytest.approx(np.zeros((8, 8)))


def test_scores_are_plain_floats_in_label_order_and_sum_to_one(model):
    prediction = model.predict(Image.new("L", (8, 8), 90))
    assert list(prediction.scores) == ["dark", "grey", "bright"] == list(model.labels)
    assert {type(score) for score in prediction.scores.values()} == {float}
    assert sum(prediction.scores.values()) == pytest.approx(1, abs=1e-12)


def test_an_answer_below_the_models_threshold_is_uncertain(model, draw):
    sure, unsure = model.predict(draw(205)), model.predict(draw(128))
    assert (sure.uncertain, sure.legible) == (False, True)  # 0.9
    assert (unsure.uncertain, unsure.legible) == (True, True)  # a third each; asks for 0.6


@pytest.mark.parametrize("side", [10, 15])
def test_a_face_of_a_few_pixels_is_illegible_and_uncertain_whatever_its_score(side):
    face = Image.open(FACES / "astronaut.png")
    model = fer_onnx.load()
    prediction = model.predict(face.resize((side, side)))
    assert prediction.score > model.info.uncertain_below
    assert (prediction.legible, prediction.uncertain) == (False, True)


def test_a_blank_picture_is_illegible_and_its_neighbours_in_a_batch_are_not(model, draw):
    answers = model.predict_batch([draw(200), Image.new("L", (40, 40)), draw(60)])
    assert [answer.legible for answer in answers] == [True, False, True]


@pytest.mark.parametrize("size", [(48, 48), (8, 8)])
def test_a_face_is_judged_the_same_by_models_of_any_input(onnx, tmp_path, size, draw):
    """By one whose input is the 48×48 that legibility is measured on, and by any other."""
    path = tmp_path / "model.onnx"
    info = onnx.info(input={"height": size[1], "width": size[0]})
    path.write_bytes(onnx.model(info=info, shape=("batch", *size, 1)))
    model = fer_onnx.load(path)
    for face in (draw(200), draw(200).resize((12, 12)).resize((60, 60)), Image.new("L", (60, 60))):
        assert model.predict(face).legible is is_legible(face)


def test_a_model_is_shown_in_one_line(onnx, tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(onnx.model(info=onnx.info(name="light", version="2")))
    assert (
        repr(fer_onnx.load(path)) == "<Classifier light 2: dark, grey, bright; 8x8 grey, float32>"
    )
    assert repr(fer_onnx.load("happy-sad")).startswith("<Classifier happy-sad ")


def test_a_frame_of_opencvs_is_the_picture_with_its_channels_turned_round(model):
    pixels = np.random.default_rng(1).integers(0, 256, (21, 34, 3), dtype=np.uint8)
    expected, frame = model.predict(pixels), pixels[..., ::-1]
    assert model.predict(frame, colour="bgr") == expected
    assert model.predict_batch([frame, frame[..., 0]], colour="bgr")[0] == expected
    assert model.predict(frame).scores != expected.scores


def test_the_callers_limits_hold(model):
    face = np.zeros((20, 20), np.uint8)
    with pytest.raises(
        fer_onnx.ImageError, match=r"^array: 20x20 pixels, more than 0\.000399 mega"
    ):
        model.predict(face, limits=fer_onnx.Limits(pixels=399))
    with pytest.raises(ValueError, match=r"^limits: expected Limits, not int$"):
        model.predict(face, limits=7)


def test_every_kind_of_input_gets_the_same_answer(model, tmp_path):
    pixels = np.random.default_rng(1).integers(0, 256, (21, 34, 3), dtype=np.uint8)
    path = tmp_path / "face.png"
    Image.fromarray(pixels).save(path)
    data = path.read_bytes()
    with path.open("rb") as file:
        sources = [path, str(path), data, file, io.BytesIO(data), Image.open(path), pixels]
        answers = [model.predict(source).scores for source in sources]
    assert answers == [answers[0]] * 7


def test_a_batch_is_answered_as_each_face_alone_and_in_order(model, faces):
    batch = model.predict_batch(faces)
    assert len(batch) == len(faces)
    for answer, face in zip(batch, faces, strict=True):
        assert answer.scores == pytest.approx(model.predict(face).scores, abs=1e-6)
    assert batch[0].label == "dark"
    assert batch[-1].label == "bright"


def test_pictures_may_come_one_by_one_and_no_more_are_held_than_are_asked_about_at_once(
    model, faces, monkeypatch
):
    taken, run, answer = [], [], ort.InferenceSession.run

    def give():
        for face in faces:
            taken.append(face)
            yield face
            if len(taken) == BATCHES[0] + 1:  # the first ones are answered by now
                assert len(run) == 1

    def count(session, outputs, feeds):
        run.append(len(feeds["image"]))
        return answer(session, outputs, feeds)

    with monkeypatch.context() as patch:
        patch.setattr(ort.InferenceSession, "run", count)
        answers = model.predict_batch(give())
    assert answers == model.predict_batch(tuple(faces))
    assert run == [BATCHES[0], 5]


@pytest.mark.parametrize(
    "one",
    [
        "face.png",
        b"bytes",
        bytearray(4),
        memoryview(b"1"),
        Path("face.png"),
        io.BytesIO(b"file"),
        Image.new("L", (8, 8)),
        7,
        None,
    ],
)
def test_one_picture_in_the_place_of_several_is_a_wrong_argument(model, one):
    message = f"^images: expected several pictures, not {type(one).__name__}$"
    with pytest.raises(ValueError, match=message):
        model.predict_batch(one)


def test_an_empty_batch_has_no_answers(model):
    assert model.predict_batch([]) == []


def test_run_gives_the_probabilities_of_a_batch(model, expected):
    batch = np.stack([np.full((8, 8, 1), grey, np.uint8) for grey in (0, 255)])
    probabilities = model.run(batch)
    assert probabilities.dtype == np.float32
    assert probabilities.tolist() == [
        pytest.approx(list(expected(0).values()), abs=1e-6),
        pytest.approx(list(expected(255).values()), abs=1e-6),
    ]


def test_many_threads_get_the_answers_of_one(model, faces):
    alone = [model.predict(face).scores for face in faces]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda face: model.predict(face).scores, faces * 10))
    assert together == alone * 10


def test_the_mean_of_the_evidence_is_the_logits(model):
    pixels = np.random.default_rng(2).integers(0, 256, (8, 8), dtype=np.uint8)
    prediction = model.predict(pixels, evidence=True)
    assert list(prediction.evidence) == list(model.labels)
    assert {(each.shape, each.dtype.name) for each in prediction.evidence.values()} == {
        ((8, 8), "float32")
    }
    means = np.array([each.mean() for each in prediction.evidence.values()])
    softmax = np.exp(means) / np.exp(means).sum()
    assert softmax == pytest.approx(list(prediction.scores.values()), abs=1e-5)
    # a pixel is evidence for "bright" as far as it is bright
    assert prediction.evidence["bright"] == pytest.approx(pixels * 8.0 / 255 - 4, abs=1e-4)


def test_evidence_is_given_only_when_it_is_asked_for(model):
    assert model.predict(Image.new("L", (8, 8))).evidence is None


def test_evidence_of_a_model_that_has_none_is_refused(onnx, tmp_path):
    path = tmp_path / "plain.onnx"
    path.write_bytes(onnx.model(evidence=False))
    model = fer_onnx.load(path)
    assert not model.has_evidence
    with pytest.raises(
        fer_onnx.ModelError, match=r"^brightness: this model has no evidence output"
    ):
        model.predict(Image.new("L", (8, 8)), evidence=True)


def test_a_bad_picture_is_named(model, tmp_path):
    with pytest.raises(fer_onnx.ImageError, match=r"nobody\.png: no such file$"):
        model.predict(tmp_path / "nobody.png")


def test_a_batch_of_the_wrong_shape_is_one_line(model):
    with pytest.raises(fer_onnx.ModelError, match=r"^brightness: ") as caught:
        model.run(np.zeros((1, 9, 9, 1), np.uint8))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("threads", [0, 1025, 2**32])
def test_threads_must_be_a_number_that_can_be_started(model_file, threads):
    with pytest.raises(ValueError, match=f"^threads must be from 1 to 1024: {threads}$"):
        fer_onnx.load(model_file, threads=threads)


@pytest.mark.parametrize("threads", [2.0, "2", True, [1], b"1"])
def test_threads_of_another_type_are_a_wrong_argument(model_file, threads):
    with pytest.raises(ValueError, match=r"^threads must be from 1 to 1024: ") as caught:
        fer_onnx.load(model_file, threads=threads)
    assert str(caught.value).endswith(repr(threads))
    assert not isinstance(caught.value, ModelError)


def test_threads_may_be_a_whole_number_of_numpy(model_file):
    assert fer_onnx.load(model_file, threads=np.int64(2)).labels


class TestPickled:
    """What comes out opens the same file again."""

    def test_a_bundled_model_answers_the_same_with_as_many_threads(self, monkeypatch):
        model, threads = fer_onnx.load("happy-sad", threads=2), []
        data, start = pickle.dumps(model), ort.InferenceSession

        def note(model, options, **others):
            threads.append(options.intra_op_num_threads)
            return start(model, options, **others)

        monkeypatch.setattr(ort, "InferenceSession", note)
        copy = pickle.loads(data)
        face = np.arange(2304, dtype=np.uint8).reshape(48, 48)
        assert copy.predict(face) == model.predict(face)
        assert threads == [2]

    def test_a_file_is_found_from_another_folder(self, model_file, tmp_path, monkeypatch):
        monkeypatch.chdir(model_file.parent)
        data = pickle.dumps(fer_onnx.load(model_file.name, providers="CPUExecutionProvider"))
        monkeypatch.chdir(tmp_path)
        assert pickle.loads(data).info == fer_onnx.load(model_file).info

    def test_a_file_that_is_gone_says_so(self, model_file, tmp_path):
        path = tmp_path / "gone.onnx"
        path.write_bytes(model_file.read_bytes())
        data = pickle.dumps(fer_onnx.load(path))
        os.remove(path)  # noqa: PTH107
        with pytest.raises(
            fer_onnx.ModelNotFoundError, match=r"gone\.onnx: no such file, and no bundled model"
        ):
            pickle.loads(data)


class TestAnswers:
    """A network whose answers are no scores is an error, and never an answer."""

    NO_SCORES = "^brightness: unusable model output; expected scores from 0 to 1 that"

    def load(self, onnx, tmp_path, change):
        path = tmp_path / "broken.onnx"
        path.write_bytes(change(onnx.model()))
        return fer_onnx.load(path)

    @pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
    def test_that_are_not_finite(self, onnx, tmp_path, number):
        first = struct.pack("<f", 4.0)  # the first bias
        assert onnx.model().count(first) == 1
        model = self.load(onnx, tmp_path, lambda d: d.replace(first, struct.pack("<f", number)))
        if number < 0:  # one label is ruled out, and the others are scores
            assert model.predict(Image.new("L", (8, 8))).scores["dark"] == 0
        else:
            with pytest.raises(ModelError, match=self.NO_SCORES):
                model.predict(Image.new("L", (8, 8)))
        with pytest.raises(ModelError, match=r"^brightness: "):
            model.predict(Image.new("L", (8, 8)), evidence=True)

    def test_that_do_not_sum_to_one(self, onnx, tmp_path):
        one, zero = onnx.integer("axis", 1), onnx.integer("axis", 0)
        assert onnx.model().count(one) == 1
        model = self.load(onnx, tmp_path, lambda data: data.replace(one, zero))
        with pytest.raises(ModelError, match=self.NO_SCORES):
            model.predict_batch([Image.new("L", (8, 8))] * 2)

    @pytest.mark.parametrize(
        "answer", [[[1.3, -0.2, -0.1]], [[0.5, 0.5]], [], [[0.2, 0.2, 0.2]], [[math.nan] * 3]]
    )
    def test_whatever_onnxruntime_gives(self, model_file, answer, monkeypatch):
        model, given = fer_onnx.load(model_file), [np.array(answer, np.float32)]
        monkeypatch.setattr(ort.InferenceSession, "run", lambda *words: given)
        with pytest.raises(ModelError, match=self.NO_SCORES):
            model.predict(Image.new("L", (8, 8)))


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        ({"shape": (1, 8, 8, 1)}, r"reads \(1, 8, 8, 1\), but its metadata says"),
        ({"info": ""}, "an ONNX file, but not one made by 'python -m export'"),
        ({"info": "{"}, "its 'fer_onnx' metadata is not JSON"),
        ({"kind": 1}, r"expected one uint8 input 'image', found \['image'\]"),
        ({"inputs": "picture"}, r"expected one uint8 input 'image', found \['picture'\]"),
        (
            {"shape": ("batch", 9, 9, 1), "evidence": False},
            r"reads \('batch', 9, 9, 1\), but its metadata says",
        ),
        ({"outputs": 2}, "does not fit its 3 labels"),
    ],
)
def test_a_graph_that_is_not_what_its_metadata_says_is_refused(onnx, tmp_path, faults, message):
    path = tmp_path / "model.onnx"
    path.write_bytes(onnx.model(**faults))
    with pytest.raises(fer_onnx.ModelError, match=message) as caught:
        fer_onnx.load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", bundled_models())
class TestBundled:
    """What holds for every model that comes with the package, whatever it has learned."""

    def test_scores_sum_to_one_and_stand_in_label_order(self, name, noise):
        model = fer_onnx.load(name)
        for prediction in model.predict_batch(noise):
            assert tuple(prediction.scores) == model.labels
            assert sum(prediction.scores.values()) == pytest.approx(1, abs=1e-6)
            assert prediction.score == prediction.scores[prediction.label]

    def test_a_batch_equals_each_alone(self, name, noise):
        model = fer_onnx.load(name)
        for answer, face in zip(model.predict_batch(noise), noise, strict=True):
            assert answer.scores == pytest.approx(model.predict(face).scores, abs=1e-6)

    def test_the_evidence_adds_up_to_the_probabilities(self, name, noise):
        for prediction in fer_onnx.load(name).predict_batch(noise, evidence=True):
            means = np.array([each.mean() for each in prediction.evidence.values()], np.float64)
            softmax = np.exp(means) / np.exp(means).sum()
            assert softmax == pytest.approx(list(prediction.scores.values()), abs=1e-5)

    def test_it_is_called_what_it_says_it_is(self, name):
        assert fer_onnx.load(name).info.name == name


def test_the_bundled_models_are_the_three_that_are_documented():
    assert {"emotions", "emotions-fer2013", "happy-sad"} <= set(bundled_models())


def test_the_default_tells_seven_labels_apart_by_several_sets_of_labels():
    info = fer_onnx.load().info
    assert info.name == "emotions"
    assert info.label_set == "FER+, FER2013, nhfi"
    assert fer_onnx.load("emotions-ferplus").info.label_set == "FER+"
    assert set(info.labels) == {"angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"}
    assert set(fer_onnx.load("happy-sad").labels) == {"happy", "sad"}

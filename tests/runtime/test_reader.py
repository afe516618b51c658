"""Pictures read face by face: with a hand-made model and detector, then with real ones."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

import fer_onnx
from fer_onnx.detector import DETECTORS, Detection, load_detector
from fer_onnx.images import read_image
from fer_onnx.reader import is_crop, read_faces, read_whole
from fer_onnx.turns import turn, turn_back, turn_forth

SAMPLES = Path(__file__).parents[2] / "samples"
FACES = {"astronaut.png": (133, 45, 69, 86), "hopper.jpg": (180, 114, 174, 216)}  # by eye
DARK, BRIGHT, BOTH = (20, 30, 60, 60), (120, 40, 40, 50), (60, 90, 80, 80)


class Finding:
    """A detector that finds the same in every picture."""

    def __init__(self, *found: Detection):
        self.found = found

    def detect(self, image: Image.Image) -> list[Detection]:
        return list(self.found)


MISSED = {  # by the detector in the package; its model card says so
    "test_in_the_dark[faces-hopper.jpg]",  # a button of the coat is taken for a small face
}


@pytest.fixture(scope="module")
def model(model_file):
    """The hand-made model, which tells dark from bright faces."""
    return fer_onnx.load(model_file)


@pytest.fixture
def scene():
    """Grey, with a dark and a bright patch; finely chequered, so that there is detail."""
    image = Image.new("L", (200, 160), 128)
    for (x, y, width, height), value in ((DARK, 25), (BRIGHT, 230)):
        image.paste(value, (x, y, x + width, y + height))
    rows, columns = np.mgrid[:160, :200]
    chequers = np.where((rows // 2 + columns // 2) % 2, 20, -20)
    return Image.fromarray((np.asarray(image) + chequers).clip(0, 255).astype(np.uint8))


@pytest.fixture(params=DETECTORS)
def installed(request, open_detector):
    if request.node.name in MISSED:
        request.applymarker(pytest.mark.xfail(strict=True))
    return open_detector(request.param)


@pytest.fixture(scope="module")
def emotions():
    """Load a model whose answers of the portraits are far from any border: crops are tested."""
    return fer_onnx.load("emotions-ferplus")


def portrait(name: str) -> Image.Image:
    return read_image(SAMPLES / name)


def overlap(one, other) -> float:
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    shared = max(width, 0) * max(height, 0)
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


class TestGivenBoxes:
    def test_they_are_read_in_their_order_without_any_search(self, model, scene, no_detector):
        faces = read_faces(scene, model=model, boxes=[BRIGHT, DARK])
        assert [face.box for face in faces] == [BRIGHT, DARK]
        assert [face.detection_score for face in faces] == [None, None]
        assert [face.prediction.label for face in faces] == ["bright", "dark"]

    def test_the_answer_is_that_for_the_square_cut_out(self, model, scene):
        (face,) = read_faces(scene, model=model, boxes=[BRIGHT])
        assert face.crop == (115, 40, 50, 50)
        cut = scene.crop((115, 40, 165, 90))
        assert face.prediction.scores == pytest.approx(model.predict(cut).scores)

    def test_arrays_and_fractions_will_do(self, model, scene):
        boxes = np.array([DARK, BRIGHT]) + 0.3
        assert [face.box for face in read_faces(scene, model=model, boxes=boxes)] == [DARK, BRIGHT]

    def test_none_are_no_faces(self, model, scene):
        assert read_faces(scene, model=model, boxes=[]) == []

    def test_what_sticks_out_is_clipped_but_the_crop_is_not(self, model, scene):
        (face,) = read_faces(scene, model=model, boxes=[(-20, 100, 60, 80)])
        assert face.box == (0, 100, 40, 60)
        assert face.crop == (-30, 100, 80, 80)

    @pytest.mark.parametrize(
        ("box", "reason"),
        [
            ((300, 10, 20, 20), "outside the picture of 200x160 pixels"),
            ((190, 10, 30, 30), "outside the picture of 200x160 pixels"),
            ((10, 10, 0, 20), "width and height must be at least 1 pixel"),
            ((10, 10, 20), "expected four numbers"),
        ],
    )
    def test_one_that_cannot_be_is_refused_in_one_line(self, model, scene, box, reason):
        with pytest.raises(ValueError, match=reason) as raised:
            read_faces(scene, model=model, boxes=[DARK, box])
        assert str(raised.value).startswith(f"box {box}: ")
        assert "\n" not in str(raised.value)


class TestFoundBoxes:
    def test_the_largest_face_comes_first(self, model, scene):
        detector = Finding(Detection(BRIGHT, 0.9), Detection(DARK, 0.75))
        faces = read_faces(scene, model=model, detector=detector)
        assert [(face.box, face.detection_score) for face in faces] == [(DARK, 0.75), (BRIGHT, 0.9)]
        assert [face.prediction.label for face in faces] == ["dark", "bright"]

    def test_no_face_is_an_empty_list(self, model, scene):
        assert read_faces(scene, model=model, detector=Finding()) == []

    def test_small_pictures_are_searched_too(self, model):
        detector = Finding(Detection((4, 4, 30, 30), 0.9))
        (face,) = read_faces(Image.new("L", (48, 48)), model=model, detector=detector)
        assert face.box == (4, 4, 30, 30)

    def test_a_broken_picture_is_told_before_a_missing_detector(self, model, no_detector):
        with pytest.raises(fer_onnx.ImageError):
            read_faces(b"no picture", model=model)


class TestCrop:
    """The square is the one that the model file asks for."""

    def test_scale_shift_and_border_come_from_the_model_file(self, onnx, scene, tmp_path):
        crop = {"scale": 2.0, "shift_x": 0.0, "shift_y": 0.5, "border": "black"}
        path = tmp_path / "wide.onnx"
        path.write_bytes(onnx.model(info=onnx.info(crop=crop)))
        wide = fer_onnx.load(path)
        (face,) = read_faces(scene, model=wide, boxes=[DARK])
        assert face.crop == (-10, 30, 120, 120)
        black = Image.new("L", (120, 120))
        black.paste(scene, (10, -30))
        assert face.prediction.scores == pytest.approx(wide.predict(black).scores)


def portrait_of_both() -> Image.Image:
    """A grey picture with a square at BOTH: bright above, dark below."""
    image = Image.new("L", (200, 260), 128)
    image.paste(230, (60, 90, 140, 130))
    image.paste(25, (60, 130, 140, 170))
    return image


class TestTurnedPictures:
    class Upright:
        """Finds what is bright, if it is the upper part of what is marked."""

        def detect(self, image):
            pixels = np.asarray(image.convert("L"), int)
            bright, dark = np.argwhere(pixels > 200), np.argwhere(pixels < 50)
            if not len(bright) or not len(dark) or bright[:, 0].max() > dark[:, 0].min():
                return []
            top, left = bright.min(0)
            return [Detection((int(left), int(top), 80, 80), 0.9)]

    @pytest.fixture
    def upright(self):
        return portrait_of_both()

    @pytest.mark.parametrize("quarters", range(4))
    def test_box_and_crop_are_in_pixels_of_the_picture_as_it_was_given(
        self, model, upright, quarters
    ):
        lying = turn(upright, quarters)
        (face,) = read_faces(lying, model=model, detector=self.Upright())
        assert turn_back(face.box, upright.size, quarters) == BOTH
        assert face.crop == face.box
        assert np.array_equal(np.asarray(lying.crop(corners(face.box))).min(), 25)

    @pytest.mark.parametrize("quarters", range(4))
    def test_the_face_is_read_upright(self, model, upright, quarters, monkeypatch):
        shown = []
        predict = model.predict_batch
        monkeypatch.setattr(
            model, "predict_batch", lambda faces, **k: shown.extend(faces) or predict(faces, **k)
        )
        read_faces(turn(upright, quarters), model=model, detector=self.Upright())
        (face,) = shown
        assert np.array_equal(face, upright.crop(corners(BOTH)))

    @pytest.mark.parametrize("quarters", range(4))
    def test_the_crop_turned_as_the_face_says_is_what_the_model_saw(self, model, upright, quarters):
        lying = turn(upright, quarters)
        (face,) = read_faces(lying, model=model, detector=self.Upright())
        seen = turn(lying.crop(corners(face.crop)), face.quarters)
        assert np.array_equal(seen, upright.crop(corners(BOTH)))

    @pytest.mark.parametrize("quarters", range(4))
    def test_evidence_lies_as_the_picture_does(self, model, upright, quarters):
        lying = turn(upright, quarters)
        (face,) = read_faces(lying, model=model, detector=self.Upright(), evidence=True)
        bright = face.prediction.evidence["bright"]  # the hand-made model's is its brightness
        seen = np.asarray(lying.crop(corners(face.box)).resize((8, 8), Image.Resampling.BOX), float)
        assert np.corrcoef(bright.ravel(), seen.ravel())[0, 1] > 0.99

    def test_exif_is_obeyed_and_boxes_are_in_pixels_of_what_it_gives(
        self, model, upright, tmp_path
    ):
        exif = Image.Exif()
        exif[0x0112] = 6  # to be turned clockwise
        turn(upright, 1).save(tmp_path / "phone.jpg", exif=exif, quality=95)
        (face,) = read_faces(tmp_path / "phone.jpg", model=model, detector=self.Upright())
        assert overlap(face.box, BOTH) > 0.9


class TestKnownTurn:
    """A film lies the same way in every picture of it, so nothing else need be tried."""

    class Counted(TestTurnedPictures.Upright):
        calls = 0

        def detect(self, image):
            self.calls += 1
            return super().detect(image)

    @pytest.mark.parametrize("quarters", range(4))
    def test_it_is_searched_once_and_answered_as_if_it_were_found_out(self, model, quarters):
        lying = turn(portrait_of_both(), quarters)
        back, detector = (4 - quarters) % 4, self.Counted()
        expected = read_faces(lying, model=model, detector=self.Counted())
        assert read_faces(lying, model=model, detector=detector, quarters=back) == expected
        assert (detector.calls, len(expected)) == (1, 1)

    def test_in_another_turn_nothing_is_found(self, model):
        assert (
            read_faces(portrait_of_both(), model=model, detector=self.Counted(), quarters=1) == []
        )

    @pytest.mark.parametrize("quarters", range(4))
    def test_boxes_are_read_in_that_turn(self, model, quarters, monkeypatch):
        shown = []
        predict = model.predict_batch
        monkeypatch.setattr(
            model, "predict_batch", lambda faces, **k: shown.extend(faces) or predict(faces, **k)
        )
        upright, back = portrait_of_both(), (4 - quarters) % 4
        box = turn_forth(BOTH, upright.size, quarters)
        (face,) = read_faces(turn(upright, quarters), model=model, boxes=[box], quarters=back)
        assert (face.box, face.quarters) == (box, back)
        assert np.array_equal(shown[0], upright.crop(corners(BOTH)))

    @pytest.mark.parametrize("quarters", [4, -1, 0.5, "up"])
    def test_one_that_is_none_is_a_value_error(self, model, quarters):
        with pytest.raises(ValueError, match=r"^quarters=.*: expected 0, 1, 2 or 3$"):
            read_faces(portrait_of_both(), model=model, quarters=quarters)


class TestArguments:
    """Colours and limits are passed on to where pictures are read."""

    def test_opencvs_frames_are_read_as_rgb_of_the_same_picture(self):
        picture = portrait("astronaut.png")
        frame = np.asarray(picture)[..., ::-1]
        assert read_faces(frame, colour="bgr") == read_faces(picture)
        assert read_faces(frame) != read_faces(picture)

    def test_the_callers_limits_hold(self, model, scene):
        with pytest.raises(fer_onnx.ImageError, match=r"more than 0\.01 megapixels"):
            read_faces(scene, model=model, boxes=[DARK], limits=fer_onnx.Limits(pixels=10_000))
        wide = fer_onnx.Limits(pixels=32_000)
        assert len(read_faces(scene, model=model, boxes=[DARK], limits=wide)) == 1


class TestUncertain:
    """What cannot be read is not guessed at."""

    def test_a_sharp_face_is_as_certain_as_its_score(self, model, scene):
        (face,) = read_faces(scene, model=model, boxes=[DARK])
        assert face.prediction.legible
        assert not face.prediction.uncertain

    @pytest.mark.parametrize("box", [(30, 40, 12, 14), (30, 40, 4, 4)])
    def test_a_face_of_a_few_pixels_is_uncertain_whatever_its_score(self, model, scene, box):
        (face,) = read_faces(scene, model=model, boxes=[box])
        assert face.prediction.score > 0.9
        assert face.prediction.uncertain
        assert not face.prediction.legible

    def test_a_blurred_face_is_uncertain_whatever_its_score(self, model, scene):
        blurred = scene.filter(ImageFilter.GaussianBlur(6))
        (face,) = read_faces(blurred, model=model, boxes=[(30, 40, 40, 40)])
        assert face.prediction.score > 0.9
        assert face.prediction.uncertain

    def test_it_stays_uncertain_under_another_threshold_and_among_fewer_labels(self, model):
        (face,) = read_whole(Image.new("L", (60, 60)), model=model)
        assert face.prediction.judged(0.0).uncertain
        fewer = face.prediction.among(["dark", "bright"], 0.0)
        assert (fewer.label, fewer.uncertain, fewer.legible) == ("dark", True, False)


class TestWhole:
    def test_the_whole_picture_is_the_face(self, model, scene):
        (face,) = read_whole(scene, model=model, evidence=True)
        assert (face.box, face.detection_score) == ((0, 0, 200, 160), None)
        assert face.prediction.scores == model.predict(scene).scores
        assert face.prediction.evidence["dark"].shape == (8, 8)

    @pytest.mark.parametrize(
        ("size", "crop"), [((128, 128), True), ((48, 48), True), ((129, 20), False)]
    )
    def test_a_picture_of_at_most_128_pixels_is_a_crop(self, size, crop):
        assert is_crop(Image.new("L", size)) is crop


class TestNames:
    """Models and detectors by name, and what is neither."""

    def test_a_bundled_model_is_opened_once_by_however_many_threads(self):
        script = """
from concurrent.futures import ThreadPoolExecutor
import numpy, onnxruntime, fer_onnx
opened, open_session = [], onnxruntime.InferenceSession
def count(*arguments, **options):
    opened.append(1)
    return open_session(*arguments, **options)
onnxruntime.InferenceSession = count
noise = numpy.random.default_rng(0).integers(0, 256, (60, 60), dtype=numpy.uint8)
def read(name):
    return fer_onnx.read_faces(noise, model=name, boxes=[(5, 5, 40, 40)])
with ThreadPoolExecutor(8) as pool:
    answers = list(pool.map(read, [None, "emotions"] * 8))
print(len(opened), answers == answers[:1] * 16)
read("happy-sad"), read("happy-sad")
print(len(opened))
"""
        output = subprocess.check_output([sys.executable, "-c", script], text=True)
        assert output == "1 True\n2\n"

    def test_a_bundled_model_by_name_is_the_one_that_is_loaded(self, scene):
        expected = read_faces(scene, model=fer_onnx.load("happy-sad"), boxes=[DARK])
        assert read_faces(scene, model="happy-sad", boxes=[DARK]) == expected
        assert read_whole(scene, model="happy-sad")[0].scores.keys() == {"happy", "sad"}

    def test_a_path_is_a_model_too(self, model, model_file, scene):
        for path in (model_file, str(model_file)):
            assert read_faces(scene, model=path, boxes=[DARK]) == read_faces(
                scene, model=model, boxes=[DARK]
            )

    def test_a_detector_by_name_is_the_one_that_is_loaded(self, model):
        picture = portrait("astronaut.png")
        expected = read_faces(picture, model=model, detector=load_detector("faces"))
        assert len(expected) == 1
        assert read_faces(picture, model=model, detector="faces") == expected

    def test_names_of_nothing_are_errors_of_ours(self, model, scene):
        with pytest.raises(
            fer_onnx.ModelNotFoundError, match=r"^nobody: no such file, and no bundled model"
        ):
            read_faces(scene, model="nobody", boxes=[DARK])
        with pytest.raises(fer_onnx.DetectionError, match=r"^nobody: no such detector"):
            read_faces(scene, model=model, detector="nobody")

    @pytest.mark.parametrize("wrong", [7, b"happy-sad", ["happy-sad"], {}])
    def test_other_types_are_wrong_arguments(self, model, scene, wrong):
        kind = type(wrong).__name__
        message = f"^model: expected a Classifier, a name or a path, not {kind}$"
        for read in (read_faces, read_whole):
            with pytest.raises(ValueError, match=message):
                read(scene, model=wrong)
        with pytest.raises(
            ValueError, match=f"^detector: expected a detector or a name, not {kind}$"
        ):
            read_faces(scene, model=model, detector=wrong)


class TestPortraits:
    """The public-domain portraits, whole, with each detector that is installed here."""

    @pytest.fixture(params=FACES)
    def name(self, request):
        return request.param

    @pytest.mark.parametrize("quarters", [1, 2, 3])
    def test_turned_they_are_answered_as_upright(self, emotions, installed, name, quarters):
        upright = portrait(name)
        lying = turn(upright, quarters)
        (expected,) = read_faces(upright, model=emotions, detector=installed)
        (face,) = read_faces(lying, model=emotions, detector=installed)
        assert overlap(expected.box, FACES[name]) > 0.7
        assert turn_back(face.box, upright.size, quarters) == expected.box
        assert face.prediction.scores == pytest.approx(expected.prediction.scores)

    @pytest.mark.parametrize(("orientation", "quarters"), [(3, 2), (6, 1), (8, 3)])
    def test_stored_sideways_by_a_phone(
        self, emotions, installed, name, orientation, quarters, tmp_path
    ):
        exif = Image.Exif()
        exif[0x0112] = orientation
        path = tmp_path / "phone.jpg"
        turn(portrait(name), quarters).save(path, quality=95, exif=exif)
        (face,) = read_faces(path, model=emotions, detector=installed)
        assert overlap(face.box, FACES[name]) > 0.7

    def test_reduced_they_are_answered_nearly_the_same(self, emotions, installed, name):
        (expected,) = read_faces(portrait(name), model=emotions, detector=installed)
        small = portrait(name).resize((224, 224 * portrait(name).height // portrait(name).width))
        (face,) = read_faces(small, model=emotions, detector=installed)
        differences = [
            abs(face.prediction.scores[label] - score)
            for label, score in expected.prediction.scores.items()
        ]
        assert max(differences) < 0.25

    def test_several_are_told_apart(self, emotions, installed):
        scene = Image.new("RGB", (1200, 700), (150, 150, 140))
        astronaut, hopper = portrait("astronaut.png"), portrait("hopper.jpg")
        scene.paste(hopper, (20, 60))
        scene.paste(astronaut, (560, 100))
        scene.paste(turn(astronaut, 0).resize((230, 230)), (960, 400))
        faces = read_faces(scene, model=emotions, detector=installed)
        assert len(faces) == 3
        boxes = [(200, 174, 174, 216), (693, 145, 69, 86), (1040, 427, 41, 52)]
        for face, box in zip(faces, boxes, strict=True):  # the largest first
            assert overlap(face.box, box) > 0.6
        (alone,) = read_faces(hopper, model=emotions, detector=installed)
        assert faces[0].prediction.label == alone.prediction.label

    def test_cut_through_by_the_edge_the_box_stays_in_the_picture(self, emotions, installed):
        x, y, width, height = FACES["hopper.jpg"]
        cut = portrait("hopper.jpg").crop((x + width // 4, 0, 512, 600))
        (face,) = read_faces(cut, model=emotions, detector=installed)
        assert 0 <= face.box[0] <= 2
        assert overlap(face.box, (0, y, width * 3 // 4, height)) > 0.6

    def test_in_the_dark(self, emotions, installed, name):
        dark = portrait(name).point(lambda value: value // 8)
        (face,) = read_faces(dark, model=emotions, detector=installed)
        assert overlap(face.box, FACES[name]) > 0.7

    def test_in_a_texture_there_is_none(self, emotions, installed):
        noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)
        assert read_faces(noise, model=emotions, detector=installed) == []


def corners(box):
    x, y, width, height = box
    return (x, y, x + width, y + height)

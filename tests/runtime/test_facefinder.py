"""Model files that find faces: what the network sees, what is kept, and what is refused.

The hand-made one finds, with scores .9, .5, .8 and .1, the whole of what it sees three times and
once, beyond it, a box half as wide and high.
"""

import json
import pickle

import numpy as np
import onnxruntime as ort
import pytest
from PIL import Image

import fer_onnx
from fer_onnx import ModelError
from fer_onnx.detector import Detection, FaceFinder
from fer_onnx.metadata import DetectorInfo

SCORES = (0.9, 0.5, 0.8, 0.1)
BEYOND = 2  # the number of the one beyond
PLACE = 1000  # pixels from the left and from the top
UINT8, FLOAT = 2, 1


def make_info(**changes):
    return {
        "format": 1,
        "name": "whole",
        "version": "1",
        "min_score": 0.4,
        "multiple": 32,
        "trained_on": "nothing",
    } | changes


def make_finder(onnx, info=None) -> bytes:
    """Write the model: boxes are the size of the input, times 1 or a half."""
    parts = [0.5 if number == BEYOND else 1.0 for number in range(len(SCORES))]
    corners = [PLACE if number // 2 == BEYOND else 0 for number in range(2 * len(SCORES))]
    nodes = [
        onnx.node("Shape", "image", "shape"),
        onnx.node("Constant", "", "size_at", onnx.ints("value_ints", (2, 1))),
        onnx.node("Gather", "shape size_at", "whole"),
        onnx.node("Cast", "whole", "size", onnx.integer("to", FLOAT)),
        onnx.node("Mul", "parts size", "sizes"),
        onnx.node("Concat", "corners sizes", "boxes", onnx.integer("axis", 1)),
        onnx.node("Identity", "sure", "scores"),
    ]
    count = len(SCORES)
    graph = onnx.message(
        *[(1, node) for node in nodes],
        (2, "whole"),
        (5, onnx.tensor("parts", (count, 1), parts)),
        (5, onnx.tensor("corners", (count, 2), corners)),
        (5, onnx.tensor("sure", (count,), SCORES)),
        (11, onnx.value_info("image", UINT8, (1, "height", "width", 3))),
        (12, onnx.value_info("boxes", FLOAT, (count, 4))),
        (12, onnx.value_info("scores", FLOAT, (count,))),
    )
    text = json.dumps(make_info() if info is None else info)
    properties = (14, onnx.message((1, "fer_onnx"), (2, text)))
    return onnx.message((1, 8), (7, graph), (8, onnx.message((1, ""), (2, 17))), properties)


@pytest.fixture
def finder_file(onnx, tmp_path):
    path = tmp_path / "whole.onnx"
    path.write_bytes(make_finder(onnx))
    return path


@pytest.mark.parametrize(
    ("size", "seen"),
    [((64, 32), (64, 32)), ((65, 31), (96, 32)), ((1, 1), (32, 32)), ((640, 480), (640, 480))],
)
def test_the_network_sees_multiples_of_32_pixels(finder_file, size, seen):
    (whole, _) = FaceFinder(finder_file).detect(Image.new("RGB", size))
    assert whole.box == (0, 0, *seen)


def test_boxes_are_in_pixels_of_a_picture_too_large_to_search_as_it_is(finder_file):
    (whole, _) = FaceFinder(finder_file).detect(Image.new("L", (1920, 1440)))
    assert whole.box == (0, 0, 1920, 2 * 736)  # 960 × 720, filled up to 736


def test_of_boxes_on_the_same_face_the_surest_is_kept_and_what_is_too_unsure_is_not(finder_file):
    found = FaceFinder(finder_file).detect(Image.new("RGB", (64, 64)))
    assert found == [
        Detection((0, 0, 64, 64), pytest.approx(0.9)),
        Detection((PLACE, PLACE, 32, 32), pytest.approx(0.8)),
    ]


def test_what_is_sure_enough_is_the_callers_to_say(finder_file):
    finder = FaceFinder(finder_file, min_score=0.85)
    assert len(finder.detect(Image.new("RGB", (64, 64)))) == 1


def test_a_model_that_finds_faces_cannot_read_them(finder_file):
    with pytest.raises(ModelError) as raised:
        fer_onnx.load(finder_file)
    assert str(raised.value) == (
        f"{finder_file}: finds faces and cannot read them; --detector faces is its place"
    )


def test_a_model_that_reads_faces_cannot_find_them(model_file):
    with pytest.raises(ModelError, match=r"brightness\.onnx: not a model file that finds faces"):
        FaceFinder(model_file)


@pytest.mark.parametrize(
    "changes", [{"min_score": 0}, {"multiple": 0}, {"format": 2}, {"colour": "grey"}]
)
def test_metadata_that_is_not_usable_is_refused(onnx, tmp_path, changes):
    path = tmp_path / "odd.onnx"
    path.write_bytes(make_finder(onnx, make_info(**changes)))
    with pytest.raises(ModelError, match="not a model file that finds faces"):
        FaceFinder(path)


def test_other_inputs_and_outputs_are_refused(onnx, tmp_path):
    path = tmp_path / "odd.onnx"
    for one, other in ((b"height", b"width_"), (b"scores", b"points"), (b"image", b"photo")):
        path.write_bytes(make_finder(onnx).replace(one, other))
        with pytest.raises(ModelError, match=r"expected a uint8 input 'image' \(1, height, width"):
            FaceFinder(path)


def test_it_can_be_pickled_with_its_threshold(finder_file):
    finder = FaceFinder(finder_file)
    finder.min_score = 0.85
    copy = pickle.loads(pickle.dumps(finder))
    assert (copy.info, copy.min_score) == (finder.info, 0.85)
    picture = Image.new("RGB", (64, 64))
    assert copy.detect(picture) == finder.detect(picture)


@pytest.mark.parametrize(
    ("boxes", "scores"),
    [
        ([[np.nan, 0, 9, 9]], [0.9]),
        ([[0, 0, np.inf, 9]], [0.9]),
        ([[0, 0, 9, 9]], [np.nan]),
        ([[0, 0, 9]], [0.9]),
        ([[0, 0, 9, 9]], [0.9, 0.8]),
    ],
)
def test_answers_that_are_no_boxes_are_an_error(finder_file, boxes, scores, monkeypatch):
    finder = FaceFinder(finder_file)
    given = [np.array(boxes, np.float32), np.array(scores, np.float32)]
    monkeypatch.setattr(ort.InferenceSession, "run", lambda *words: given)
    with pytest.raises(ModelError, match=r"^whole: the model's answer is not usable; expected box"):
        finder.detect(Image.new("RGB", (64, 64)))


@pytest.mark.parametrize(("side", "count"), [(1920, 1), (1921, 0), (1e30, 0)])
def test_a_box_of_more_than_twice_the_picture_is_no_face(finder_file, side, count, monkeypatch):
    finder = FaceFinder(finder_file)
    given = [np.array([[0, 0, 9, side]], np.float32), np.array([0.9], np.float32)]
    monkeypatch.setattr(ort.InferenceSession, "run", lambda *words: given)
    assert len(finder.detect(Image.new("RGB", (64, 64)))) == count


def test_metadata_is_read_as_it_was_written():
    info = DetectorInfo("faces", "1", 0.3, 32, "photos", metrics={"recall": 0.5})
    assert DetectorInfo.from_json(info.to_json()) == info


def test_it_is_shown_in_one_line(finder_file):
    assert repr(FaceFinder(finder_file, min_score=0.25)) == "<FaceFinder whole 1: scores from 0.25>"


def test_threads_share_it(finder_file):
    from concurrent.futures import ThreadPoolExecutor

    finder = FaceFinder(finder_file)
    pictures = [Image.fromarray(np.zeros((32 * n, 64, 3), np.uint8)) for n in range(1, 9)]
    with ThreadPoolExecutor(4) as pool:
        boxes = [found[0].box for found in pool.map(finder.detect, pictures)]
    assert boxes == [(0, 0, 64, 32 * n) for n in range(1, 9)]

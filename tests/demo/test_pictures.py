"""What the page shows of a picture: the very pixels, the order of reading, sizes."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

import fer_onnx
from fer_onnx import images, preprocess
from fer_onnx.demo import pictures
from fer_onnx.runs.pipeline import Answerer, Settings


def upload(data: bytes, name: str = "a.png") -> UploadedFile:
    return UploadedFile(UploadedFileRec("1", name, "image/png", data), None)


@pytest.fixture(scope="module")
def answerer() -> Answerer:
    return Answerer(Settings("emotions"))


def look_closer(data: bytes, answerer: Answerer):
    source = upload(data)
    record = pictures.read(source, answerer)[0].record
    return record, pictures.look_closer(source, record, answerer.model)


def to_array(png: bytes):
    return np.asarray(Image.open(BytesIO(png)))


def turn_over(data: bytes) -> bytes:
    file = BytesIO()
    Image.open(BytesIO(data)).transpose(Image.Transpose.ROTATE_180).save(file, "PNG")
    return file.getvalue()


def test_the_pixels_shown_are_the_very_ones_that_the_model_gets(crop, answerer):
    (shown,) = look_closer(crop, answerer)[1].pixels
    expected = preprocess.to_array(images.read_image(crop), answerer.model.info.input)
    assert np.array_equal(to_array(shown), expected[..., 0])


def test_the_pixels_of_a_picture_upside_down_are_shown_as_the_model_got_them(portrait, answerer):
    record, closeup = look_closer(turn_over(portrait), answerer)
    for face, pixels in zip(record.faces, closeup.pixels, strict=True):
        scores = fer_onnx.load().predict(to_array(pixels)).scores
        assert scores == pytest.approx(face.prediction.scores, abs=1e-6)


def test_where_the_model_looked_is_what_the_library_draws(portrait, answerer, monkeypatch):
    drawn = []
    monkeypatch.setattr(pictures.overlay, "lay_evidence", lambda canvas, faces: drawn.extend(faces))
    over = turn_over(portrait)
    look_closer(over, answerer)
    (expected,) = fer_onnx.read_faces(over, model=answerer.model, evidence=True)
    (face,) = drawn
    for label, values in expected.prediction.evidence.items():
        np.testing.assert_allclose(face.prediction.evidence[label], values, atol=1e-4)


def test_a_picture_is_shown_at_the_size_of_the_page(answerer):
    file = BytesIO()
    Image.new("RGB", (3000, 2000)).save(file, "PNG")
    _, shown = pictures.read(upload(file.getvalue()), answerer)
    assert Image.open(BytesIO(shown)).size == (1024, 683)
    assert pictures.show(upload(file.getvalue())) == shown


def place(*boxes):
    answer = fer_onnx.Prediction.from_scores({"happy": 1.0, "sad": 0.0}, 0.5)
    return [fer_onnx.Face(box, 0.9, answer) for box in boxes]


ORDERS = {
    "one row, not quite level": ([(90, 0, 9, 9), (0, 4, 9, 9), (50, 2, 9, 9)], [1, 2, 0]),
    "two rows": ([(50, 40, 9, 9), (60, 0, 9, 9), (0, 41, 9, 9), (10, 1, 9, 9)], [3, 1, 2, 0]),
    "beside a large one": ([(0, 30, 60, 60), (100, 50, 9, 9), (100, 200, 9, 9)], [0, 1, 2]),
    # the small one and the middle one share no height, but each does with the large one
    "small, middle, large": ([(200, 30, 60, 60), (90, 44, 40, 40), (0, 34, 9, 9)], [2, 1, 0]),
    "large, small, middle": ([(0, 0, 90, 90), (110, 5, 12, 12), (140, 50, 40, 40)], [0, 1, 2]),
    "a shallow diagonal": ([(0, 60, 30, 30), (40, 48, 30, 30), (80, 36, 30, 30)], [0, 1, 2]),
    "a steep diagonal": ([(0, 80, 30, 30), (40, 40, 30, 30), (80, 0, 30, 30)], [2, 1, 0]),
    # a face as tall as two rows of children beside it
    "a parent": ([(0, 0, 90, 90), (100, 50, 40, 40), (150, 2, 40, 40), (100, 0, 40, 40)],
                 [0, 3, 2, 1]),
    # between two rows stands somebody who is level with each
    "a group": ([(0, 0, 40, 40), (55, 3, 40, 40), (110, 0, 40, 40), (165, 20, 50, 60),
                 (20, 55, 40, 40), (80, 52, 40, 40)], [0, 1, 2, 3, 4, 5]),
    "boxes as wide as the picture": ([(0, 0, 90, 40), (0, 50, 90, 40)], [0, 1]),
    "the same box twice": ([(5, 5, 9, 9), (5, 5, 9, 9)], [0, 1]),
    "none": ([], []),
}  # fmt: skip


@pytest.mark.parametrize(("boxes", "order"), ORDERS.values(), ids=ORDERS)
def test_faces_are_ordered_as_people_read_by_row_and_from_the_left(boxes, order):
    assert pictures.order_faces(place(*boxes)) == order


@pytest.mark.parametrize(("boxes", "order"), ORDERS.values(), ids=ORDERS)
def test_the_order_of_faces_is_that_of_their_places_and_not_of_their_scores(boxes, order):
    backwards = pictures.order_faces(place(*boxes[::-1]))
    assert [boxes[::-1][i] for i in backwards] == [boxes[i] for i in order]


def test_another_threshold_changes_what_is_uncertain_alone(crop, answerer):
    record = pictures.read(upload(crop), answerer)[0].record
    assert pictures.judge(record, None) is record
    (strict,) = pictures.judge(record, 1.0).faces
    assert strict.uncertain
    assert strict.scores == record.faces[0].scores

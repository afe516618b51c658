"""One result as a picture to keep: the frames, and a bar of each label's colour and length."""

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from fer_onnx import Face, Prediction, images, overlay
from fer_onnx.demo import pictures
from fer_onnx.demo.result import MOST, WIDTH, draw_result
from fer_onnx.runs.pipeline import Answerer, Settings

SCORES = {"angry": 0.1, "happy": 0.6, "sad": 0.3}


@pytest.fixture(scope="module")
def source(portrait) -> UploadedFile:
    return UploadedFile(UploadedFileRec("1", "a.png", "image/png", portrait), None)


@pytest.fixture(scope="module")
def record(source):
    return pictures.read(source, Answerer(Settings("emotions")))[0].record


def draw(source, record, *answers: Prediction) -> Image.Image:
    """Draw a result in which the faces, from left to right, have these answers."""
    faces = [Face((20 * n, 20, 15, 15), 0.9, answer) for n, answer in enumerate(answers)]
    return Image.open(BytesIO(draw_result(source, replace(record, faces=tuple(faces)))))


def measure(result: Image.Image, label: str) -> list[int]:
    """Return the lengths of the bars of a label below the picture of 384 pixels, by row."""
    below = np.asarray(result.convert("RGB"))[28 + 384 :]
    same = (below == Image.new("RGB", (1, 1), overlay.colour_of(label)).getpixel((0, 0))).all(2)
    lengths = same.sum(1)
    starts = np.flatnonzero((lengths[1:] > 0) & (lengths[:-1] == 0)) + 1
    return [int(lengths[row]) for row in starts]


def test_the_bars_have_the_colours_and_the_lengths_of_the_scores(source, record):
    result = draw(source, record, Prediction.from_scores(SCORES, 0.5))
    assert result.width == WIDTH
    lengths = {label: measure(result, label) for label in SCORES}
    assert all(len(each) == 1 for each in lengths.values())
    whole = lengths["happy"][0] / 0.6
    for label, (length,) in lengths.items():
        assert length == pytest.approx(SCORES[label] * whole, abs=2)


def test_the_faces_are_framed_in_the_picture(source, record):
    answer = record.faces[0].prediction
    result = Image.open(BytesIO(draw_result(source, record)))
    image = images.read_image(source.getvalue()).convert("RGB")
    framed = overlay.annotate(image, record.faces)
    left = (WIDTH - image.width) // 2
    assert answer.label == "happy"
    shown = result.crop((left, 28, left + image.width, 28 + image.height))
    assert shown.tobytes() == framed.tobytes()


def test_several_faces_stand_in_two_columns_and_the_first_twelve_have_bars(source, record):
    answer = Prediction.from_scores(SCORES, 0.5)
    heights = [draw(source, record, *[answer] * faces).height for faces in (2, 4, MOST, MOST + 5)]
    assert heights[0] < heights[1] < heights[2] == heights[3]
    assert len(measure(draw(source, record, *[answer] * 4), "happy")) == 2  # two in each row


def test_a_face_that_is_not_legible_has_no_bars(source, record):
    answer = Prediction.from_scores(SCORES, 0.5).illegible()
    result = draw(source, record, answer)
    assert [measure(result, label) for label in SCORES] == [[], [], []]

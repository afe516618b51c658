"""What is kept of a picture: the answer of the command line, the very pixels, and nothing twice."""

import time
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

import fer_onnx
from fer_onnx import images, preprocess
from fer_onnx.demo import cache
from fer_onnx.runs.files import Picture
from fer_onnx.runs.pipeline import Answerer, Settings

read_picture, draw_picture = cache.read_picture.__wrapped__, cache.draw_picture.__wrapped__


@pytest.fixture(autouse=True)
def uncached(monkeypatch):
    """Read without a visitor, for whom it would be kept."""
    monkeypatch.setattr(cache, "read_picture", read_picture)


def upload(data: bytes, name: str = "a.png", file_id: str = "1") -> UploadedFile:
    return UploadedFile(UploadedFileRec(file_id, name, "image/png", data), None)


def test_the_pixels_shown_are_the_very_ones_that_the_model_gets(crop):
    (shown,) = read_picture(upload(crop), "emotions").tensors
    expected = preprocess.to_array(images.read_image(crop), fer_onnx.load().info.input)
    assert np.array_equal(np.asarray(shown), expected[..., 0])


def test_the_pixels_of_a_picture_upside_down_are_shown_as_the_model_got_them(portrait):
    file = BytesIO()
    Image.open(BytesIO(portrait)).transpose(Image.Transpose.ROTATE_180).save(file, "PNG")
    reading = read_picture(upload(file.getvalue()), "emotions")
    for face, pixels in zip(reading.record.faces, reading.tensors, strict=True):
        scores = fer_onnx.load().predict(np.asarray(pixels)).scores
        assert scores == pytest.approx(face.prediction.scores, abs=1e-6)


def test_the_record_is_the_one_of_the_command_line(portrait, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(portrait)
    record = Answerer(Settings("emotions")).answer(Picture("a.png", str(path)))
    assert read_picture(upload(portrait), "emotions").record.to_dict() == record.to_dict()


def test_frames_are_drawn_at_the_size_of_the_page():
    large = Image.new("RGB", (3000, 2000))
    file = BytesIO()
    large.save(file, "PNG")
    drawn = draw_picture(upload(file.getvalue()), "emotions", False)
    assert Image.open(BytesIO(drawn)).size == (1280, 853)


def test_a_warm_page_answers_a_portrait_within_300_ms_of_processor_time(portrait):
    cache.open_model("emotions")
    times = []
    for n in range(3):
        start = time.process_time()
        draw_picture(upload(portrait, file_id=str(n)), "emotions", False)
        times.append(time.process_time() - start)
    assert min(times) < 0.3

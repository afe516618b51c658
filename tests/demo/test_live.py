"""The camera: what is answered to a picture, and to what is none."""

import base64
import io
from pathlib import Path

import pytest
from PIL import Image

import fer_onnx
from fer_onnx import overlay
from fer_onnx.demo.live import MAX_TEXT, NO_FACE, Watch

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="module")
def model():
    return fer_onnx.load()


def url(data: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"


@pytest.fixture(scope="module")
def portrait_url() -> str:
    return url((SAMPLES / "hopper.jpg").read_bytes())


def test_a_picture_is_answered_with_frames_and_bars(model, portrait_url):
    watch = Watch(model)
    watch.see({"number": 7, "picture": portrait_url}, 0.0)
    (face,) = fer_onnx.read_faces(SAMPLES / "hopper.jpg", model=model)
    assert watch.answer["number"] == 7
    assert watch.answer["size"] == [512, 600]
    (frame,) = watch.answer["faces"]
    assert frame["box"] == list(face.box)
    assert frame["text"].startswith(face.prediction.label)
    assert frame["colour"] == overlay.colour_of(face.prediction.label)
    assert watch.answer["html"].count("<li") == len(model.labels)
    assert watch.answer["note"] == ""


def test_the_same_picture_is_answered_once(model, portrait_url, monkeypatch):
    watch = Watch(model)
    watch.see({"number": 1, "picture": portrait_url}, 0.0)
    first = watch.answer
    watch.see({"number": 1, "picture": portrait_url}, 1.0)
    assert watch.answer is first


def test_a_picture_without_a_face_says_so(model):
    file = io.BytesIO()
    Image.new("RGB", (320, 240)).save(file, "JPEG")
    watch = Watch(model)
    watch.see({"number": 1, "picture": url(file.getvalue())}, 0.0)
    assert watch.answer == {
        "number": 1, "faces": [], "size": [320, 240], "html": "", "note": NO_FACE
    }  # fmt: skip


@pytest.mark.parametrize(
    "picture", ["data:image/jpeg;base64,!", url(b"hello"), "", 5, None, "x" * (MAX_TEXT + 1)]
)
def test_what_is_no_picture_is_one_line(model, picture):
    watch = Watch(model)
    watch.see({"number": 1, "picture": picture}, 0.0)
    assert watch.answer["number"] == 1
    assert watch.answer["faces"] == []
    assert len(watch.answer["note"].splitlines()) == 1


@pytest.mark.parametrize("frame", [None, {}, {"number": 1}, "text"])
def test_before_the_first_picture_there_is_no_answer(model, frame):
    watch = Watch(model)
    watch.see(frame, 0.0)
    assert watch.answer == {"number": None}


def test_the_page_offers_the_camera_in_place_of_the_answers(page):
    page.choose("Live")
    assert page.answers == []
    assert [element.key for element in page.app.get("bidi_component")] == ["camera", "script"]
    assert "Looks, not feelings." in page.text

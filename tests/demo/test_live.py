"""The camera: what is answered to a picture, to what is none, and to whom."""

import asyncio
import gc
import io
import json
from pathlib import Path

import pytest
from PIL import Image
from starlette.routing import Router

import fer_onnx
from fer_onnx import Tracker, overlay
from fer_onnx.demo import live
from fer_onnx.demo.live import MAX_BYTES, NO_FACE, ROUTE, Watch

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="module")
def model():
    return fer_onnx.load()


def pair() -> Image.Image:
    """The two portraits side by side."""
    canvas = Image.new("RGB", (640, 480), (60, 60, 60))
    for left, name in ((0, "astronaut.png"), (320, "hopper.jpg")):
        portrait = Image.open(SAMPLES / name).convert("RGB").resize((320, 320))
        canvas.paste(portrait, (left, 80))
    return canvas


def to_jpeg(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=92)
    return file.getvalue()


@pytest.fixture(scope="module")
def portrait() -> bytes:
    return (SAMPLES / "hopper.jpg").read_bytes()


def post(key: str, picture: bytes, folder: str = "/") -> tuple[int, bytes]:
    """Send a picture as the browser does, in parts; return status and body."""
    parts = [picture[i : i + 65536] for i in range(0, len(picture), 65536)] or [b""]
    sent: list[dict] = []

    async def receive():
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": f"{folder}live/{key}", "headers": []}
    asyncio.run(Router([ROUTE])(scope, receive, send))
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


def test_a_picture_is_answered_with_frames_and_bars(model):
    path = SAMPLES / "astronaut.png"
    answer = Watch(model).see(path.read_bytes())
    (face,) = fer_onnx.read_faces(path, model=model)
    assert answer["size"] == list(Image.open(path).size)
    (shown,) = answer["faces"]
    assert shown["box"] == list(face.box)
    assert shown["text"].startswith(face.prediction.label)
    assert shown["colour"] == overlay.colour_of(face.prediction.label)
    assert shown["card"].count("<li") == len(model.labels)
    assert answer["note"] == ""


def test_a_face_that_is_not_legible_has_no_bars():
    answer = fer_onnx.Prediction.from_scores({"happy": 0.9, "sad": 0.1}, 0.5)
    bars = [
        live._describe(fer_onnx.Face((0, 0, 9, 9), 0.9, each))["card"].count("<li")
        for each in (answer, answer.illegible())
    ]
    assert bars == [2, 0]


def test_faces_stand_from_left_to_right(model):
    boxes = [face["box"] for face in Watch(model).see(to_jpeg(pair()))["faces"]]
    assert len(boxes) == 2
    assert boxes[0][0] < 320 <= boxes[1][0]


def test_answers_are_steadied_over_the_pictures_of_one_visitor(model, monkeypatch):
    seen: list[float] = []
    monkeypatch.setattr(Tracker, "update", lambda self, faces, now: seen.append(now) or faces)
    watch = Watch(model)
    for _ in range(2):
        watch.see(to_jpeg(Image.new("RGB", (32, 24))))
    assert seen == sorted(seen)
    assert len(seen) == 2


def test_a_picture_without_a_face_says_so(model):
    answer = Watch(model).see(to_jpeg(Image.new("RGB", (320, 240))))
    assert answer == {"faces": [], "size": [320, 240], "note": NO_FACE}


@pytest.mark.parametrize("picture", [b"", b"hello", b"\xff\xd8\xff" + bytes(100)])
def test_what_is_no_picture_is_one_line(model, picture):
    answer = Watch(model).see(picture)
    assert answer["faces"] == []
    assert len(answer["note"].splitlines()) == 1


@pytest.mark.parametrize("folder", ["/", "/demo/", "/~/+/"])
def test_pictures_are_answered_wherever_the_page_is_served(model, portrait, folder):
    watch = Watch(model)
    status, body = post(watch.key, portrait, folder)
    assert status == 200
    assert len(json.loads(body)["faces"]) == 1


def test_a_picture_of_nobody_who_visits_is_not_read(model, portrait):
    watch = Watch(model)
    key = watch.key
    assert post("guess", portrait) == (404, b"")
    del watch  # the visit ends
    gc.collect()
    assert post(key, portrait) == (404, b"")


def test_a_picture_that_is_too_large_is_refused(model):
    watch = Watch(model)
    assert post(watch.key, bytes(MAX_BYTES + 1))[0] == 413


def test_one_picture_of_a_visitor_is_read_at_a_time(model, portrait, monkeypatch):
    watch, inner = Watch(model), []

    def read(*_, **__):
        inner.append(watch.see(portrait))
        return []

    monkeypatch.setattr(live.reader, "read_faces", read)
    assert post(watch.key, portrait)[0] == 200
    assert inner == [None]
    monkeypatch.setattr(watch, "see", lambda picture: None)
    assert post(watch.key, portrait)[0] == 429


def test_a_visit_has_a_watch_for_its_model(page):
    page.choose("Live")
    first = page.app.session_state["watch"][1]
    page.run()
    assert page.app.session_state["watch"][1] is first
    page.choose("Happy or sad?")
    assert page.app.session_state["watch"][1].key != first.key


def test_the_page_offers_the_camera_in_place_of_the_answers(page):
    page.choose("Live")
    assert page.answers == []
    assert [element.key for element in page.app.get("bidi_component")] == ["camera", "script"]
    assert "Looks, not feelings." in page.text

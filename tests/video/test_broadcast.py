"""The page that shows a camera: who may see it, how many, and that nobody holds it up."""

import http.client
import socket
import threading
import urllib.request
from io import BytesIO
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

import fer_onnx
from fer_onnx.cli import main
from fer_onnx.video import broadcast
from fer_onnx.video.broadcast import Broadcast, LatestPicture
from fer_onnx.video.camera import Camera

from .conftest import rows, still

SECONDS = 60  # after which a test fails that waits for what never comes


def grey(level: int, side: int = 256) -> Image.Image:
    return Image.new("RGB", (side, side), (level,) * 3)


def noise(side: int) -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    return Image.fromarray(pixels)


def ask(page: Broadcast, path: str, host: str | None = None) -> http.client.HTTPResponse:
    parts = urlsplit(page.address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=SECONDS)
    connection.putrequest("GET", path, skip_host=True)
    if host != "":
        connection.putheader("Host", host or parts.netloc)
    connection.endheaders()
    return connection.getresponse()


def read_picture(stream: http.client.HTTPResponse) -> Image.Image | None:
    """Read the next picture of a stream; None at its end."""
    if stream.readline() != b"--picture\r\n":
        return None
    assert stream.readline() == b"Content-Type: image/jpeg\r\n"
    length = int(stream.readline().removeprefix(b"Content-Length: "))
    assert stream.readline() == b"\r\n"
    data = stream.read(length)
    assert stream.readline() == b"\r\n"
    return Image.open(BytesIO(data))


def level_of(image: Image.Image) -> float:
    return float(np.asarray(image, float).mean())


def test_the_page_names_the_camera_and_shows_the_stream():
    with Broadcast("camera <0>") as page:
        answer = ask(page, "/")
        text = answer.read().decode()
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<h1>camera &lt;0&gt;</h1>" in text
    assert '<img src="/stream"' in text
    assert "not what a person feels" in text


def test_the_stream_is_one_picture_after_the_other_until_the_end():
    with Broadcast("camera 0") as page:
        stream = ask(page, "/stream")
        assert stream.headers["Content-Type"] == "multipart/x-mixed-replace; boundary=picture"
        for level in (40, 200):
            page.show(grey(level), [])
            assert level_of(read_picture(stream)) == pytest.approx(level, abs=2)
    assert read_picture(stream) is None


def test_whoever_comes_later_sees_the_newest_picture_at_once():
    with Broadcast("camera 0") as page:
        page.show(grey(40), [])
        page.show(grey(200), [])
        assert level_of(read_picture(ask(page, "/stream"))) == pytest.approx(200, abs=2)


def test_frames_and_words_are_drawn_in():
    image = still(0)
    (face,) = fer_onnx.read_faces(image)
    with Broadcast("camera 0") as page:
        page.show(image, [face])
        seen = read_picture(ask(page, "/stream"))
    difference = np.abs(np.asarray(seen, float) - np.asarray(image, float)).max(axis=-1)
    assert (difference > 60).mean() > 0.02


def test_a_picture_is_drawn_once_for_all_who_look_and_not_if_nobody_does(monkeypatch):
    drawn = []
    encode = broadcast._encode
    monkeypatch.setattr(broadcast, "_encode", lambda *args: drawn.append(1) or encode(*args))
    latest = LatestPicture()
    latest.show(grey(10), [])
    latest.show(grey(20), [])
    assert drawn == []
    assert latest.wait(0) == latest.wait(1)
    assert drawn == [1]


def test_a_slow_viewer_holds_up_neither_the_camera_nor_other_viewers():
    large = noise(1500)
    with Broadcast("camera 0") as page:
        slow, quick = ask(page, "/stream"), ask(page, "/stream")
        for _ in range(10):
            page.show(large, [])
            assert read_picture(quick).size == (1500, 1500)
        page.show(grey(200), [])
        assert level_of(read_picture(quick)) == pytest.approx(200, abs=2)
        sizes = [read_picture(slow).size]
        while sizes[-1] == (1500, 1500):
            sizes.append(read_picture(slow).size)
    assert 2 <= len(sizes) < 11  # some were missed; all would be more than the connection holds


def test_a_viewer_that_goes_leaves_its_place_to_another(monkeypatch):
    monkeypatch.setattr(broadcast, "VIEWERS", 1)
    left = threading.Event()
    with Broadcast("camera 0") as page:
        places = page._server.places
        release = places.release
        monkeypatch.setattr(places, "release", lambda: (release(), left.set()))
        page.show(noise(1500), [])
        first = ask(page, "/stream")
        read_picture(first)
        refused = ask(page, "/stream")
        assert refused.status == 503
        assert "1 browsers look already." in refused.read().decode()
        first.close()
        while not left.is_set():  # it is noticed when the next pictures are sent
            page.show(noise(1500), [])
        assert ask(page, "/stream").status == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8080", "[::1]", "", "0"])
@pytest.mark.parametrize("path", ["/", "/stream"])
def test_a_page_of_somebody_else_whose_name_leads_here_is_refused(path, host):
    with Broadcast("camera 0") as page:
        page.show(grey(40), [])
        answer = ask(page, path, host)
        assert answer.status == 403
        assert b"picture" not in answer.read()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:9000", "LOCALHOST"])
def test_localhost_by_name_and_through_a_tunnel_is_answered(host):
    with Broadcast("camera 0") as page:
        assert ask(page, "/", host).status == 200


def test_other_sites_cannot_show_the_stream_and_nothing_is_stored():
    with Broadcast("camera 0") as page:
        page.show(grey(40), [])
        headers = ask(page, "/stream").headers
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in headers
        assert headers["Server"].strip() == "fer-onnx"
        assert ask(page, "/else").status == 404


def test_it_is_reached_from_this_machine_alone():
    with Broadcast("camera 0") as page:
        assert page._server.socket.getsockname()[0] == "127.0.0.1"


def test_a_port_that_is_taken_is_one_line():
    with Broadcast("camera 0") as page:
        port = urlsplit(page.address).port
        with pytest.raises(fer_onnx.VideoError, match=f"^port {port}: cannot be served on"):
            Broadcast("camera 1", port)


@pytest.fixture
def film(films):
    return str(films("short.mp4", still, rows(10)))


def test_the_command_shows_the_camera_while_it_lasts(film, monkeypatch, capsys):
    pictures, seen = Camera.pictures, {}

    def look(self, every):
        first, *_ = pictures(self, every)
        yield first
        # here, the first picture has been read
        address = capsys.readouterr().err.removeprefix(f"camera {film}: ").strip()
        seen["page"] = urllib.request.urlopen(address, timeout=SECONDS).read().decode()
        seen["stream"] = urllib.request.urlopen(f"{address}stream", timeout=SECONDS)
        seen["picture"] = read_picture(seen["stream"])
        seen["address"] = urlsplit(address)
        raise KeyboardInterrupt

    monkeypatch.setattr(Camera, "pictures", look)
    assert main(["video", "--camera", film, "--serve", "--labels", "happy,sad"]) == 0
    assert capsys.readouterr().err == f"camera {film}: 1 moment\n"
    assert f"<h1>camera {film}</h1>" in seen["page"]
    assert seen["picture"].size == (320, 180)
    assert read_picture(seen["stream"]) is None
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((seen["address"].hostname, seen["address"].port))
    assert not [each for each in threading.enumerate() if "serve_forever" in each.name]


def test_films_are_not_served(film, capsys):
    assert main(["video", film, "--serve", "8080"]) == 2
    assert capsys.readouterr().err == "error: --serve is for a camera, not for films\n"


def test_a_port_that_is_none_is_one_line(film, capsys):
    assert main(["video", "--camera", film, "--serve", "70000"]) == 2
    assert capsys.readouterr().err.startswith("error: argument --serve: expected a port")

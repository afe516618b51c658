"""Where pictures come from: taken as they are, or refused at once in one line that names them."""

import base64
import io
import os
import socket
import subprocess
import sys
import tempfile

import numpy as np
import pytest
from PIL import Image

from fer_onnx import ImageError
from fer_onnx.images import read_image
from fer_onnx.limits import Limits

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
ISO = b"\0\0\0\x18ftyp"
NOT_READ = {  # by how the file starts
    b"II*\0": "a TIFF image; convert it to JPEG or PNG first",
    b"MM\0*": "a TIFF image; convert it to JPEG or PNG first",
    ISO + b"heic": "an HEIC image; convert it to JPEG or PNG first",
    ISO + b"mif1": "an HEIC image; convert it to JPEG or PNG first",
    ISO + b"avif": "an AVIF image; convert it to JPEG or PNG first",
    ISO + b"isom": "an MP4 video; read it with 'fer-onnx video'",
    ISO + b"qt  ": "a QuickTime video; read it with 'fer-onnx video'",
    b"RIFF\0\0\0\0AVI LIST": "an AVI video; read it with 'fer-onnx video'",
    b"\x1a\x45\xdf\xa3": "a Matroska or WebM video; read it with 'fer-onnx video'",
    b"\0\0\1\xba": "an MPEG video; read it with 'fer-onnx video'",
    b"RIFF\0\0\0\0WAVEfmt ": "a sound file",
    b"%PDF-1.7": "a PDF document; extract its pictures first",
    b"PK\3\4": "a zip archive; unpack it first",
    b"<svg xmlns": "an SVG drawing; convert it to JPEG or PNG first",
    b"<!DOCTYPE html>": "a web page",
    b"RIFF\0\0\0\0OTHR": "not a JPEG, PNG, WebP, BMP or GIF image",
}


@pytest.fixture
def data() -> bytes:
    """A PNG file."""
    file = io.BytesIO()
    Image.fromarray(PIXELS).save(file, "PNG")
    return file.getvalue()


def refuse(source: object, **options: Limits) -> str:
    """Return why a source is refused: one line, and short."""
    with pytest.raises(ImageError) as caught:
        read_image(source, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 200
    return message


class TestTaken:
    @pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
    def test_bytes_of_every_kind(self, data, kind):
        assert np.array_equal(read_image(kind(data)), PIXELS)

    def test_a_memoryview_with_gaps(self, data):
        spread = bytearray(2 * len(data))
        spread[::2] = data
        assert np.array_equal(read_image(memoryview(spread)[::2]), PIXELS)

    @pytest.mark.parametrize("place", [0, 5, None])
    def test_a_file_object_is_read_from_its_start_wherever_it_stands(self, data, place):
        file = io.BytesIO(data)
        file.seek(0, io.SEEK_END) if place is None else file.seek(place)
        assert np.array_equal(read_image(file), PIXELS)

    def test_a_temporary_file_just_written(self, data):
        with tempfile.TemporaryFile() as file:
            file.write(data)
            assert np.array_equal(read_image(file), PIXELS)

    def test_a_pipe_that_cannot_be_rewound(self, data):
        read, write = os.pipe()
        with os.fdopen(read, "rb") as source, os.fdopen(write, "wb") as sink:
            sink.write(data)
            sink.close()
            assert np.array_equal(read_image(source), PIXELS)

    def test_a_link_to_a_picture(self, data, tmp_path):
        (tmp_path / "face.png").write_bytes(data)
        (tmp_path / "link.png").symlink_to(tmp_path / "face.png")
        assert np.array_equal(read_image(tmp_path / "link.png"), PIXELS)


class TestClosed:
    """A PIL picture whose pixels can no longer be had."""

    MESSAGE = "closed before it was read"

    def test_by_its_block(self, data, tmp_path):
        (tmp_path / "a.png").write_bytes(data)
        with Image.open(tmp_path / "a.png") as image:
            pass
        assert refuse(image).endswith(f"a.png: {self.MESSAGE}")

    def test_with_its_file(self, data, tmp_path):
        (tmp_path / "a.png").write_bytes(data)
        with (tmp_path / "a.png").open("rb") as file:
            image = Image.open(file)
        assert refuse(image).endswith(self.MESSAGE)

    def test_by_close(self, data):
        opened, made = Image.open(io.BytesIO(data)), Image.new("L", (4, 4))
        for image in (opened, made):
            image.close()
            assert refuse(image) == f"picture: {self.MESSAGE}"

    def test_one_that_was_loaded_in_time_is_read(self, data):
        with Image.open(io.BytesIO(data)) as image:
            image.load()
        assert np.array_equal(read_image(image), PIXELS)


class TestNoRegularFile:
    @POSIX
    def test_a_pipe_is_not_waited_for(self, tmp_path):
        os.mkfifo(tmp_path / "b.png")
        assert refuse(tmp_path / "b.png").endswith("b.png: a pipe, expected an image file")

    @POSIX
    def test_a_device_is_not_read(self):
        assert refuse("/dev/zero") == "/dev/zero: a device, expected an image file"

    @POSIX
    def test_a_socket_is_not_opened(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)  # the path of a socket is short
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("c.png")
            assert refuse("c.png") == "c.png: a socket, expected an image file"

    @POSIX
    def test_a_pipe_in_a_folder_is_one_input_that_failed(self, tmp_path, data):
        (tmp_path / "a.png").write_bytes(data)
        os.mkfifo(tmp_path / "b.png")
        command = [sys.executable, "-m", "fer_onnx", "predict", ".", "--format", "jsonl"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert done.returncode == 1
        assert done.stderr == "error: ./b.png: a pipe, expected an image file\n"
        assert len(done.stdout.splitlines()) == 2


class TestNamed:
    @pytest.mark.parametrize("start", NOT_READ, ids=lambda start: repr(start[-8:]))
    def test_a_format_that_is_not_read(self, start):
        assert refuse(start + bytes(100)) == f"bytes: {NOT_READ[start]}"

    def test_a_data_uri(self, data):
        for kind in ("image/png", "image/jpeg"):
            uri = f"data:{kind};base64,{base64.b64encode(data * 9000).decode()}"
            assert len(uri) > 1_000_000
            said = refuse(uri)
            assert said.startswith(f"data:{kind};base64,")
            assert ": a data URI; pass its bytes, " in said
            assert len(said) < 150
            assert refuse(uri.encode()).startswith("bytes: a data URI; pass its bytes")

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
    def test_a_picture_in_base64(self, kind):
        file = io.BytesIO()
        Image.fromarray(PIXELS).save(file, kind)
        text = base64.b64encode(file.getvalue())
        assert ": a picture in base64; pass its bytes" in refuse(text.decode())
        assert refuse(text).startswith("bytes: a picture in base64; pass its bytes")

    @pytest.mark.parametrize(
        "url", ["https://example.org/a.jpg", "http://a/b", "s3://bucket/a.jpg"]
    )
    def test_a_url_is_not_fetched(self, url):
        assert refuse(url).startswith(f"{url}: a URL; ")
        assert "nothing is fetched" in refuse(url)

    def test_a_path_of_absurd_length_loses_its_middle(self):
        message = refuse("folder/" + "x" * 1_000_000 + "/face.png")
        assert message.startswith("folder/xxx")
        assert "…" in message
        assert "/face.png: cannot be read (" in message

    def test_a_name_cannot_break_the_line(self):
        assert refuse("a\nb\x1b[2J.png") == "a\\nb\\x1b[2J.png: no such file"


class TestTooLarge:
    @pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview, io.BytesIO])
    def test_more_bytes_than_allowed(self, wrap):
        name = "file object" if wrap is io.BytesIO else "bytes"
        message = refuse(wrap(bytes(2**20 + 1)), limits=Limits(bytes=2**20))
        assert message == f"{name}: more than 1 MiB"

    def test_a_file_of_more_bytes_than_allowed(self, tmp_path):
        (tmp_path / "large.png").write_bytes(bytes(2**20 + 1))
        message = refuse(tmp_path / "large.png", limits=Limits(bytes=2**20))
        assert message.endswith("large.png: more than 1 MiB")

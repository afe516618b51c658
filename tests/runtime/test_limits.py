"""What one picture may cost: counted before it is decoded, and refused in one line beyond that."""

import io
import json
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fer_onnx import ImageError
from fer_onnx.images import read_image
from fer_onnx.images.exif import read_orientation
from fer_onnx.images.formats import find_format
from fer_onnx.images.memory import estimate_memory
from fer_onnx.images.parts import PART, Parts
from fer_onnx.images.trim import RUN, RUN_PIXEL, trim
from fer_onnx.limits import DEFAULT, Limits

CASES = Path(__file__).parent / "cases" / "pictures"
REFUSED = {
    "200-more-scans.jpg": "8900x8900 pixels in 206 scans: 255 million steps to decode",
    "grey-with-alpha-80-megapixels.png": "644 MB of memory to read, more than 400 MB",
    "one-pixel-wide.png": "1x80000000 pixels in 80,000,000 rows: 87 million steps to decode",
    "rgba-80-megapixels.webp": "960 MB of memory to read, more than 400 MB",
    "run-lengths-80-megapixels.bmp": "80000000x1 pixels in run lengths: 320 million steps",
    "run-lengths-delta.bmp": "80000000x1 pixels in run lengths: 320 million steps",
}
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and address space limits")
READER = """
import json, resource, sys
from importlib import import_module
from fer_onnx.images import read_image
for name in ("Jpeg", "Png", "WebP", "Bmp", "Gif"):
    import_module(f"PIL.{name}ImagePlugin")

def status(key):
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(key))

if room := int(sys.argv[2]):
    room += status("VmSize:")
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
before = status("VmHWM:")
try:
    image = read_image(sys.argv[1])
    answer = [image.mode, *image.size]
except Exception as exc:
    answer = f"{type(exc).__name__}: {exc}"
print(json.dumps([answer, status("VmHWM:") - before]))
"""


def read_apart(path: Path, room: int = 0) -> tuple[object, int]:
    """Read a picture in a process of its own; give the answer and the peak of memory, in bytes.

    Args:
        path: of the picture.
        room: bytes that the process may ask for beyond what it has; 0 for no limit.
    """
    command = [sys.executable, "-c", READER, str(path), str(room)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer, peak = json.loads(done.stdout)
    return answer, peak


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def photograph(megapixels: float, mode: str) -> Image.Image:
    """A picture, 4:3, in a mode, with a little of everything in it."""
    width, height = round((megapixels * 4e6 / 3) ** 0.5), round((megapixels * 3e6 / 4) ** 0.5)
    coarse = np.random.default_rng(0).integers(0, 256, (60, 80, 4), np.uint8)
    image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BILINEAR)
    if mode == "I;16":
        return Image.fromarray(np.asarray(image.convert("L"), np.uint16) * 257)
    return image.convert("RGB").convert(mode) if mode in ("CMYK", "P", "1") else image.convert(mode)


def chunk(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def count(data: bytes) -> Parts:
    """Walk through a file, without a limit."""
    kind = find_format(data)
    assert kind
    return trim(data, kind, 10**9)


def exif(orientation: int, order: str = ">", kind: int = 3, tags: int = 0) -> bytes:
    sign = b"MM\0*" if order == ">" else b"II*\0"
    other = struct.pack(f"{order}HHII", 0xC000, 7, 60_000, 8) * tags
    value = struct.pack(f"{order}{'H' if kind == 3 else 'I'}", orientation).ljust(4, b"\0")
    entry = struct.pack(f"{order}HHI", 0x0112, kind, 1) + value
    return sign + struct.pack(f"{order}IH", 8, tags + 1) + other + entry


class TestCases:
    @pytest.mark.parametrize("name", REFUSED)
    def test_a_hostile_file_is_refused_before_it_is_decoded(self, name, monkeypatch):
        monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda image: pytest.fail("decoded"))
        with pytest.raises(ImageError) as caught:
            read_image(CASES / name)
        assert f"{name}: {REFUSED[name]}" in str(caught.value)

    @LINUX
    @pytest.mark.parametrize("name", REFUSED)
    def test_a_hostile_file_takes_no_memory(self, name):
        answer, peak = read_apart(CASES / name)
        assert REFUSED[name] in answer
        assert peak < 8e6

    @LINUX
    def test_exif_of_6000_tags_is_read_as_the_picture_it_is(self):
        answer, peak = read_apart(CASES / "exif-6000-tags.png")
        assert answer == ["L", 8, 8]
        assert peak < 8e6

    def test_12_bits_in_16_are_read_as_they_look(self):
        image = read_image(CASES / "12-bits-in-16.png")
        with Image.open(CASES / "12-bits-in-16.png") as deep:
            assert np.array_equal(image, np.asarray(deep) >> 4)
        assert np.asarray(image).max() == 255

    def test_every_case_is_one_of_these(self):
        read = {"exif-6000-tags.png", "12-bits-in-16.png"}
        assert {path.name for path in CASES.iterdir()} == read | set(REFUSED)


class TestCounts:
    """Steps of decoding, known from the file alone."""

    def test_scans_of_a_jpeg_count_their_blocks(self):
        image = Image.new("RGB", (160, 160))
        blocks = 20 * 20
        assert count(encode(image, "JPEG", subsampling=0)).steps % PART == 3 * blocks % PART
        parts = count(encode(image.convert("L"), "JPEG", progressive=True))
        assert parts.reason == "6 scans"
        assert parts.steps % PART == 6 * blocks % PART

    def test_a_scan_that_is_repeated_counts_each_time(self):
        data = encode(Image.new("L", (160, 160), 99), "JPEG", progressive=True)
        last = data[data.rindex(b"\xff\xda") : -2]
        more = count(data[:-2] + last * 50 + data[-2:])
        assert more.reason == "56 scans"
        assert more.steps - count(data).steps == 50 * (400 + PART)

    def test_arithmetic_code_counts_thirty_times(self):
        data = encode(Image.new("L", (160, 160)), "JPEG")
        arithmetic = data.replace(b"\xff\xc0", b"\xff\xc9")
        assert count(arithmetic).steps - count(data).steps == 29 * 400

    def test_rows_of_a_png_count(self):
        tall, wide = Image.new("L", (1, 5000)), Image.new("L", (5000, 1))
        assert count(encode(tall, "PNG")).steps - count(encode(wide, "PNG")).steps == 4999

    def test_bytes_of_the_rows_of_a_png_count(self):
        shallow, deep = (encode(photograph(0.12, mode), "PNG") for mode in ("L", "I;16"))
        size = 400 * 300
        assert count(deep).steps - count(shallow).steps == size // 12

    def test_run_lengths_of_a_bmp_count_their_pixels_and_their_bytes(self):
        data = (CASES / "run-lengths-delta.bmp").read_bytes()
        expected = 1 + 80_000_000 * RUN_PIXEL + len(data) // 2 * RUN
        assert count(data).steps == expected

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
    def test_a_flood_of_parts_ends_the_walk(self, kind):
        parts, least = 400, Limits(steps=400 * PART)
        data = encode(Image.new("L", (8, 8)), kind)
        start = {"JPEG": 2, "PNG": 33, "GIF": data.find(b",", 13), "WEBP": 12}[kind]
        part = {
            "JPEG": b"\xff\xfe\0\2",
            "PNG": chunk(b"noNe"),
            "GIF": b"!\xfe\0",
            "WEBP": b"none\0\0\0\0",
        }[kind]
        flooded = data[:start] + part * (parts + 1) + data[start:]
        with pytest.raises(ImageError, match=r"^bytes: more than 400 parts \(markers, chunks or"):
            read_image(flooded, least)

    def test_the_pixels_of_a_flooded_file_within_the_limit_are_the_same(self):
        image = photograph(0.01, "L")
        for kind, start, part in (
            ("JPEG", 2, b"\xff\xfe\0\2" + b"\xff\xe1\0\x04ab" + b"\xff\xe2\0\2"),
            ("PNG", 33, chunk(b"noNe", b"abc") + chunk(b"zTXt", b"a\0\0" + zlib.compress(b"b"))),
        ):
            data = encode(image, kind)
            flooded = data[:start] + part * 200 + data[start:]
            assert np.array_equal(read_image(flooded), read_image(data))
            assert count(flooded).data == count(data).data

    def test_what_follows_the_picture_is_left_out(self):
        for kind in ("JPEG", "PNG"):
            data = encode(photograph(0.01, "RGB"), kind)
            assert count(data + data + b"film" * 1000).data == count(data).data

    def test_no_file_is_walked_through_without_end(self):
        for start in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"GIF89a", b"BM"):
            for fill in (b"\0", b"\xff", b"!", b"\xff\xd9", b"\xff\xda\0\2"):
                data = start + fill * 3000
                with pytest.raises(ImageError):
                    read_image(data, Limits(steps=1000 * PART))


class TestOrientation:
    @pytest.mark.parametrize("order", "<>")
    @pytest.mark.parametrize("kind", [3, 4])
    def test_both_byte_orders_and_both_types(self, order, kind):
        for orientation in range(1, 9):
            assert read_orientation(exif(orientation, order, kind)) == orientation
            assert read_orientation(b"Exif\0\0" + exif(orientation, order, kind)) == orientation

    def test_behind_thousands_of_tags(self):
        assert read_orientation(exif(6, tags=6000)) == 6

    @pytest.mark.parametrize(
        "data",
        [b"", b"Exif\0\0", b"II*\0", exif(6)[:-4], exif(0), exif(9), b"MM\0*\xff\xff\xff\xff"],
    )
    def test_what_is_damaged_is_upright(self, data):
        assert read_orientation(data) == 1

    @pytest.mark.filterwarnings("ignore::UserWarning:PIL")
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_pillow_never_parses_exif(self, kind, monkeypatch):
        data = encode(photograph(0.01, "RGB"), kind, exif=b"Exif\0\0" + exif(6, tags=50))
        opened = Image.open(io.BytesIO(data))
        for name in ("load", "load_from_fp"):
            monkeypatch.setattr(Image.Exif, name, lambda *_: pytest.fail("parsed"))
        upright = read_image(data)
        assert upright.height > upright.width
        assert np.array_equal(upright, read_image(opened))


class TestMemory:
    @LINUX
    @pytest.mark.filterwarnings("ignore::UserWarning:PIL")
    @pytest.mark.parametrize(
        ("kind", "mode", "options"),
        [
            ("JPEG", "L", {}),
            ("JPEG", "RGB", {}),
            ("JPEG", "RGB", {"progressive": True}),
            ("JPEG", "RGB", {"progressive": True, "subsampling": 0}),
            ("JPEG", "RGB", {"exif": b"Exif\0\0" + exif(6)}),
            ("JPEG", "CMYK", {}),
            ("PNG", "1", {}),
            ("PNG", "L", {}),
            ("PNG", "L", {"transparency": 3}),
            ("PNG", "LA", {}),
            ("PNG", "I;16", {}),
            ("PNG", "P", {}),
            ("PNG", "P", {"transparency": 3}),
            ("PNG", "RGB", {}),
            ("PNG", "RGBA", {}),
            ("PNG", "RGBA", {"exif": exif(6)}),
            ("WEBP", "RGB", {"method": 0}),
            ("WEBP", "RGBA", {"method": 0}),
            ("WEBP", "RGBA", {"method": 0, "lossless": True, "quality": 0}),
            ("BMP", "RGB", {}),
            ("BMP", "P", {}),
            ("GIF", "P", {}),
            ("GIF", "P", {"transparency": 3}),
        ],
    )
    def test_the_estimate_holds(self, kind, mode, options, tmp_path):
        image = photograph(4, mode)
        if kind == "PNG":
            options = {**options, "compress_level": 1}
        path = tmp_path / "picture"
        path.write_bytes(encode(image, kind, **options))
        parts = count(path.read_bytes())
        with Image.open(path) as opened:
            turned = "exif" in options
            estimate = estimate_memory(opened, turned, len(parts.data) + parts.buffer)
        answer, peak = read_apart(path)
        assert sorted(answer[1:]) == sorted(image.size)
        assert 0.6 * estimate < peak < estimate + 4e6

    def test_a_picture_beyond_the_limit_is_refused_and_a_caller_may_raise_it(self):
        data = encode(Image.new("LA", (1000, 1000)), "PNG")
        with pytest.raises(ImageError, match=r"^bytes: \d+ MB of memory to read, more than 8 MB$"):
            read_image(data, Limits(memory=8_000_000))
        assert read_image(data, Limits(memory=20_000_000)).size == (1000, 1000)

    def test_a_picture_that_pillow_opened_is_held_to_the_same(self):
        for kind, mode in (("WEBP", "RGB"), ("PNG", "RGBA"), ("JPEG", "RGB")):
            data = encode(Image.new(mode, (1000, 1000)), kind)
            with pytest.raises(ImageError, match=r"^picture: \d+ MB of memory to read, "):
                read_image(Image.open(io.BytesIO(data)), Limits(memory=3_000_000))

    @pytest.mark.parametrize("name", ["run-lengths-delta.bmp", "run-lengths-80-megapixels.bmp"])
    def test_run_lengths_that_pillow_opened_are_not_decoded(self, name):
        with Image.open(CASES / name) as image, pytest.raises(ImageError, match="run lengths"):
            read_image(image)

    @LINUX
    @pytest.mark.parametrize(
        ("kind", "mode", "options"),
        [
            ("JPEG", "RGB", {"progressive": True}),
            ("PNG", "RGBA", {}),
            ("WEBP", "RGB", {"method": 0}),
            ("GIF", "P", {}),
            ("BMP", "RGB", {}),
        ],
    )
    def test_where_memory_runs_out_the_error_says_so(self, kind, mode, options, tmp_path):
        path = tmp_path / "picture"
        path.write_bytes(encode(photograph(12, mode), kind, **options))
        answer, _ = read_apart(path, room=40_000_000)
        assert answer == f"ImageError: {path}: not enough memory to read it"


class TestAnswered:
    """Large pictures that people have."""

    @LINUX
    @pytest.mark.parametrize(
        ("kind", "mode", "megapixels", "options"),
        [
            ("WEBP", "RGB", 12, {"method": 0}),
            ("JPEG", "RGB", 48, {"progressive": True}),
            ("PNG", "RGBA", 48, {"compress_level": 1}),
        ],
    )
    def test_by_default_and_within_400_mb(self, kind, mode, megapixels, options, tmp_path):
        image = photograph(megapixels, mode)
        path = tmp_path / "picture"
        image.save(path, kind, **options)
        answer, peak = read_apart(path)
        assert answer == ["RGB", *image.size]
        assert peak < DEFAULT.memory


class TestLimits:
    def test_the_defaults(self):
        assert Limits() == DEFAULT == Limits(64 * 2**20, 80_000_000, 400_000_000, 30_000_000, 60.0)

    @pytest.mark.parametrize("name", ["bytes", "pixels", "memory", "steps", "seconds"])
    @pytest.mark.parametrize("value", [0, -1, "9", True, float("nan")])
    def test_a_limit_is_a_positive_number(self, name, value):
        with pytest.raises(ValueError, match=f"^{name}={value!r}: expected a positive number$"):
            Limits(**{name: value})

    def test_seconds_may_be_without_limit_and_nothing_else(self):
        assert Limits(seconds=None).seconds is None
        with pytest.raises(ValueError, match=r"^pixels=None: expected a positive number$"):
            Limits(pixels=None)

    def test_pixels(self):
        with pytest.raises(ImageError, match=r"^array: 10x10 pixels, more than 9.9e-05 "):
            read_image(np.zeros((10, 10), np.uint8), Limits(pixels=99))

"""Anything a person hands us: read upright in 8 bits, or refused in one line."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageFile

from fer_onnx import ImageError
from fer_onnx.images import read_image

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)


def encode(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds no pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(b"")
    chunks = [
        struct.pack(">I", len(each) - 4) + each + struct.pack(">I", zlib.crc32(each))
        for each in (header, data, b"IEND")
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


class TestSources:
    def test_path_bytes_file_picture_and_array_are_the_same_picture(self, tmp_path):
        path = tmp_path / "face.png"
        Image.fromarray(PIXELS).save(path)
        data = path.read_bytes()
        sources = [path, str(path), data, io.BytesIO(data), Image.open(path), PIXELS]
        for source in sources:
            image = read_image(source)
            assert image.mode == "RGB"
            assert np.array_equal(np.asarray(image), PIXELS)

    def test_a_grey_array_stays_grey(self):
        image = read_image(PIXELS[..., 0])
        assert image.mode == "L"
        assert np.array_equal(np.asarray(image), PIXELS[..., 0])

    def test_arrays_in_opencvs_order_are_turned_round_and_nothing_else_is(self):
        given = Image.fromarray(PIXELS)
        for source in (PIXELS[..., ::-1], given, encode(given)):
            assert np.array_equal(read_image(source, colour="bgr"), PIXELS)
        assert np.array_equal(read_image(PIXELS[..., 0], colour="bgr"), PIXELS[..., 0])

    @pytest.mark.parametrize("colour", ["RGB", "grey", None, 3])
    def test_another_order_is_a_wrong_argument(self, colour):
        with pytest.raises(ValueError, match=f"^colour={colour!r}: expected 'rgb' or 'bgr'$"):
            read_image(PIXELS, colour=colour)

    def test_an_array_that_is_a_view_is_read_as_it_looks(self):
        assert np.array_equal(np.asarray(read_image(PIXELS[:, ::-1, ::-1])), PIXELS[:, ::-1, ::-1])

    def test_a_picture_that_is_upright_and_plain_is_not_copied(self):
        given = Image.new("L", (4, 4), 7)
        assert read_image(given) is given

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "GIF"])
    def test_every_format_is_read(self, kind):
        image = read_image(encode(Image.new("RGB", (12, 8), (250, 120, 10)), kind))
        assert image.size == (12, 8)
        assert np.abs(np.asarray(image, int) - (250, 120, 10)).max() <= 4

    def test_a_pipe_that_gives_a_little_at_a_time_is_read_to_its_end(self):
        class Pipe(io.BytesIO):
            def read(self, size=-1):
                return super().read(min(size, 7))

        picture = Image.fromarray(PIXELS)
        assert np.array_equal(read_image(Pipe(encode(picture))), picture)

    def test_a_suffix_does_not_decide_the_format(self, tmp_path):
        path = tmp_path / "really-a-png.jpg"
        path.write_bytes(encode(Image.fromarray(PIXELS)))
        assert np.array_equal(np.asarray(read_image(path)), PIXELS)


class TestModes:
    def test_16_bit_grey_keeps_its_high_byte(self):
        deep = np.arange(0, 65536, 257, dtype=np.uint16).reshape(16, 16)
        image = read_image(encode(Image.fromarray(deep)))
        assert image.mode == "L"
        assert np.array_equal(np.asarray(image), deep >> 8)

    @pytest.mark.parametrize("bits", [10, 12, 14])
    def test_the_bits_of_a_camera_in_16_are_read_as_they_look(self, bits):
        deep = np.arange(0, 2**bits, 2 ** (bits - 8), dtype=np.uint16).reshape(16, 16)
        image = read_image(encode(Image.fromarray(deep)))
        assert np.array_equal(np.asarray(image), deep >> (bits - 8))

    @pytest.mark.parametrize("size", [(1, 700_000), (700_000, 1), (900, 800)])
    def test_a_picture_converted_in_strips_is_whole(self, size):
        noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 4), np.uint8)
        layer = Image.fromarray(noise)
        white = Image.new("RGBA", size, (255, 255, 255, 255))
        flat = Image.alpha_composite(white, layer).convert("RGB")
        assert np.array_equal(read_image(layer), flat)
        deep = np.asarray(layer.convert("L"), np.uint16) * 257
        assert np.array_equal(read_image(Image.fromarray(deep)), deep >> 8)

    def test_32_bit_grey_is_read_as_16(self):
        deep = Image.fromarray(np.array([[-5, 0, 40_000, 70_000]], np.int32))
        assert np.asarray(read_image(deep)).tolist() == [[0, 0, 156, 255]]

    @pytest.mark.parametrize("mode", ["I", "I;16"])
    def test_8_bit_values_in_a_deeper_mode_stay_as_they_are(self, mode):
        grey = Image.fromarray(PIXELS).convert("L")
        assert np.array_equal(read_image(grey.convert(mode)), grey)

    def test_a_palette_is_looked_up(self):
        colours = Image.new("P", (2, 1))
        colours.putpalette([10, 20, 30, 200, 100, 50])
        colours.putpixel((1, 0), 1)
        image = read_image(encode(colours))
        assert np.asarray(image).tolist() == [[[10, 20, 30], [200, 100, 50]]]

    def test_alpha_lies_on_white(self):
        layer = Image.new("RGBA", (3, 1), (0, 0, 0, 0))
        layer.putpixel((1, 0), (100, 0, 0, 255))
        layer.putpixel((2, 0), (0, 0, 0, 128))
        pixels = np.asarray(read_image(encode(layer))).tolist()
        assert pixels == [[[255, 255, 255], [100, 0, 0], [127, 127, 127]]]

    def test_grey_with_alpha_lies_on_white(self):
        layer = Image.new("LA", (1, 1), (40, 0))
        assert np.asarray(read_image(encode(layer))).tolist() == [[[255, 255, 255]]]

    def test_a_transparent_palette_entry_lies_on_white(self):
        layer = Image.new("P", (2, 1))
        layer.putpalette([10, 20, 30, 200, 100, 50])
        layer.putpixel((1, 0), 1)
        for kind in ("PNG", "GIF"):
            image = read_image(encode(layer, kind, transparency=0))
            assert np.asarray(image).tolist() == [[[255, 255, 255], [200, 100, 50]]]

    @pytest.mark.parametrize(
        ("mode", "clear", "solid"), [("L", 40, 90), ("RGB", (40, 40, 40), (90, 90, 90))]
    )
    def test_a_colour_declared_transparent_lies_on_white(self, mode, clear, solid):
        layer = Image.new(mode, (2, 1), clear)
        layer.putpixel((1, 0), solid)
        image = read_image(encode(layer, transparency=clear))
        assert np.asarray(image.convert("L")).tolist() == [[255, 90]]

    def test_cmyk_becomes_rgb(self):
        data = encode(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=100)
        image = read_image(data)
        assert image.mode == "RGB"
        assert np.abs(np.asarray(image, int) - (255, 0, 0)).max() <= 3

    def test_black_and_white_becomes_grey(self):
        image = Image.new("1", (2, 1))
        image.putpixel((1, 0), 1)
        assert np.asarray(read_image(encode(image))).tolist() == [[0, 255]]

    def test_the_first_frame_of_an_animation_counts(self):
        frames = [Image.new("L", (4, 4), grey) for grey in (10, 200)]
        data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
        assert np.asarray(read_image(data).convert("L")).max() == 10

    def test_floating_point_is_refused(self):
        with pytest.raises(ImageError, match=r"^picture: floating-point pixels, expected 8 or 16"):
            read_image(Image.new("F", (2, 2)))


class TestUpright:
    @pytest.mark.parametrize(
        ("orientation", "turn"),  # Exif 2.32, tag 0x0112
        [
            (1, lambda pixels: pixels),
            (2, lambda pixels: pixels[:, ::-1]),
            (3, lambda pixels: pixels[::-1, ::-1]),
            (4, lambda pixels: pixels[::-1]),
            (5, lambda pixels: pixels.transpose(1, 0, 2)),
            (6, lambda pixels: np.rot90(pixels, -1)),
            (7, lambda pixels: pixels.transpose(1, 0, 2)[::-1, ::-1]),
            (8, lambda pixels: np.rot90(pixels)),
        ],
    )
    def test_a_picture_stored_sideways_is_turned_once(self, orientation, turn):
        exif = Image.Exif()
        exif[0x0112] = orientation
        data = encode(Image.fromarray(PIXELS), exif=exif)
        for source in (data, Image.open(io.BytesIO(data))):
            image = read_image(source)
            assert np.array_equal(np.asarray(image), turn(PIXELS))
            assert np.array_equal(np.asarray(read_image(image)), turn(PIXELS))

    @pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
    def test_damaged_exif_does_not_cost_the_picture(self):
        data = encode(Image.fromarray(PIXELS), exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
        assert np.array_equal(np.asarray(read_image(data)), PIXELS)


class TestRefusals:
    """Every refusal is one line that names the picture."""

    def refuse(self, source, message):
        with pytest.raises(ImageError, match=message) as caught:
            read_image(source)
        assert "\n" not in str(caught.value)

    def test_missing(self, tmp_path):
        self.refuse(tmp_path / "no.png", r"no\.png: no such file$")

    def test_a_folder(self, tmp_path):
        self.refuse(tmp_path, ": a folder, expected an image file$")

    def test_empty(self, tmp_path):
        (tmp_path / "empty.png").touch()
        self.refuse(tmp_path / "empty.png", r"empty\.png: empty, expected an image$")
        self.refuse(b"", "^bytes: empty, expected an image$")

    def test_not_an_image(self, tmp_path):
        (tmp_path / "notes.jpg").write_text("Dear diary")
        self.refuse(tmp_path / "notes.jpg", r"notes\.jpg: not a JPEG, PNG, WebP, BMP or GIF image$")

    def test_formats_that_are_not_on_the_list(self):
        self.refuse(encode(Image.new("RGB", (16, 16)), "PPM"), "^bytes: not a JPEG, PNG, WebP")
        for kind in ("TIFF", "ICO"):
            data = encode(Image.new("RGB", (16, 16)), kind)
            self.refuse(data, f"^bytes: an? {kind} image: convert it to JPEG or PNG first$")

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "GIF"])
    def test_truncated(self, kind, tmp_path):
        noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
        data = encode(Image.fromarray(noise), kind)
        path = tmp_path / "half"
        path.write_bytes(data[: len(data) // 2])
        self.refuse(path, "half: (damaged image|not a JPEG)")

    def test_a_picture_that_pillow_opened_but_cannot_finish(self):
        noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
        data = encode(Image.fromarray(noise), "JPEG")
        self.refuse(Image.open(io.BytesIO(data[: len(data) // 2])), "^picture: damaged image")

    @pytest.mark.parametrize("side", [9_001, 12_000, 60_000])
    def test_more_pixels_than_anyone_photographs(self, side):
        self.refuse(png_of_size(side, side), "^bytes: .*more than 80 megapixels$")

    def test_a_host_program_that_allows_fewer_pixels_is_obeyed(self, monkeypatch):
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 9_999)
        self.refuse(png_of_size(100, 100), "^bytes: 100x100 pixels, more than 0.009999 megapixels$")

    def test_a_nul_in_a_path(self):
        self.refuse("face\0.png", "cannot be read")

    def test_a_text_file(self, tmp_path):
        path = tmp_path / "face.png"
        path.write_text("text")
        with path.open() as file:
            self.refuse(file, "opened as text, expected a binary file$")

    def test_a_picture_opened_as_text(self, tmp_path):
        path = tmp_path / "face.png"
        path.write_bytes(encode(Image.fromarray(PIXELS)))
        with path.open(encoding="utf-8") as file:
            self.refuse(file, r"face\.png: opened as text, expected a binary file$")

    def test_a_file_that_is_closed(self, tmp_path):
        path = tmp_path / "face.png"
        path.write_bytes(encode(Image.fromarray(PIXELS)))
        with path.open("rb") as file:
            pass
        self.refuse(file, r"face\.png: cannot be read \(read of closed file\)$")

    def test_what_is_no_source_at_all(self):
        self.refuse(12, "^int: expected a path, bytes, file, picture or array$")

    @pytest.mark.parametrize(
        ("array", "received"),
        [
            (np.zeros((4, 4), np.float32), r"float32 of shape \(4, 4\)"),
            (np.zeros((4, 4, 4), np.uint8), r"uint8 of shape \(4, 4, 4\)"),
            (np.zeros((3, 4, 4), np.uint8), r"uint8 of shape \(3, 4, 4\)"),
            (np.zeros((0, 4), np.uint8), r"uint8 of shape \(0, 4\)"),
            (np.zeros(4, np.uint8), r"uint8 of shape \(4,\)"),
        ],
    )
    def test_arrays_that_are_no_pictures(self, array, received):
        self.refuse(array, f"^array: expected uint8 of shape .* received {received}$")

    def test_pillows_globals_stay_as_the_host_program_set_them(self):
        before = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES
        read_image(encode(Image.fromarray(PIXELS)))
        self.refuse(b"no image", "not a JPEG")
        assert before == (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)

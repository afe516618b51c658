"""A picture decoded as large as it is needed: JPEG files reduced, all others whole."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import fer_onnx
from fer_onnx import detector, reader
from fer_onnx.errors import ImageError
from fer_onnx.images import Original, original, read_image
from fer_onnx.limits import Limits

SAMPLES = Path(__file__).parents[2] / "samples"
TOLERANCE = 0.1  # of a score, between a face cut from a reduced picture and from the whole


def encode(image: Image.Image, kind: str = "JPEG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.fixture(scope="module")
def large() -> bytes:
    """The astronaut as a JPEG of 16 megapixels; the face is 900 pixels high."""
    return encode(read_image(SAMPLES / "astronaut.png").resize((4000, 4000)), quality=90)


@pytest.fixture
def decoded(monkeypatch) -> list[tuple[int, int]]:
    """The sizes to which files were decoded."""
    sizes: list[tuple[int, int]] = []
    decode = original._File.decode

    def note(self, times, beside):
        image = decode(self, times, beside)
        sizes.append(image.size)
        return image

    monkeypatch.setattr(original._File, "decode", note)
    return sizes


class TestDecoding:
    @pytest.mark.parametrize(
        ("longer", "size"),
        [
            (None, (803, 601)),
            (803, (803, 601)),
            (402, (803, 601)),
            (401, (402, 301)),
            (201, (402, 301)),
            (200, (201, 151)),
            (101, (201, 151)),
            (100, (101, 76)),
            (1, (101, 76)),
            (5000, (803, 601)),
        ],
    )
    @pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
    @pytest.mark.parametrize("progressive", [False, True])
    def test_a_jpeg_has_at_least_the_pixels_asked_for_and_less_than_twice_them(
        self, mode, progressive, longer, size
    ):
        picture = Original(encode(Image.new(mode, (803, 601)), progressive=progressive))
        assert picture.size == (803, 601)
        image = picture.decode(longer)
        assert (image.size, image.mode) == (size, "L" if mode == "L" else "RGB")

    @pytest.mark.parametrize("kind", ["PNG", "WebP", "BMP", "GIF"])
    def test_any_other_file_is_decoded_whole(self, kind):
        assert Original(encode(Image.new("RGB", (803, 601)), kind)).decode(10).size == (803, 601)

    def test_pictures_and_arrays_are_given_back_whole(self):
        image = Image.new("RGB", (803, 601))
        assert Original(image).decode(10) is image
        assert Original(np.zeros((601, 803), np.uint8)).decode(10).size == (803, 601)

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_size_and_pixels_are_upright(self, orientation):
        colours = np.zeros((300, 400, 3), np.uint8)
        colours[:150, :200] = 255
        exif = Image.Exif()
        exif[0x0112] = orientation
        data = encode(Image.fromarray(colours), exif=exif)
        picture = Original(data)
        whole = read_image(data)
        assert picture.size == whole.size
        reduced = picture.decode(100)
        assert reduced.size == (whole.width // 4, whole.height // 4)
        expected = np.asarray(whole.reduce(4), int)
        assert np.abs(np.asarray(reduced, int) - expected).max() < 20

    def test_what_was_decoded_serves_for_less_and_is_decoded_anew_for_more(self, decoded):
        picture = Original(encode(Image.new("RGB", (800, 600))))
        small = picture.decode(400)
        assert picture.decode(300) is small
        whole = picture.decode()
        assert picture.decode(400) is whole
        assert decoded == [(400, 300), (800, 600)]

    @pytest.mark.parametrize("size", [(1, 5000), (5000, 1), (3, 17), (1, 1)])
    def test_a_picture_of_a_few_pixels_is_decoded_too(self, size):
        image = Original(encode(Image.new("RGB", size, (9, 9, 9)))).decode(1)
        assert np.asarray(image).max() == 9

    def test_a_file_that_ends_early_is_damaged_however_large_it_is_wanted(self):
        data = encode(Image.fromarray(np.random.default_rng(0).integers(0, 256, (600, 800), "u1")))
        for longer in (None, 100):
            with pytest.raises(ImageError, match=r"^bytes: damaged image \(image file is trunc"):
                Original(data[: len(data) // 2]).decode(longer)

    def test_pixels_count_as_stored_and_memory_as_decoded(self):
        data = encode(Image.new("RGB", (2000, 2000)))
        with pytest.raises(ImageError, match="2000x2000 pixels, more than 3 megapixels"):
            Original(data, Limits(pixels=3_000_000))
        picture = Original(data, Limits(memory=8_000_000))
        assert picture.decode(500).size == (500, 500)
        with pytest.raises(ImageError, match=r"^bytes: \d+ MB of memory to read, more than 8 MB$"):
            picture.decode()


class TestFaces:
    def test_a_large_jpeg_is_decoded_once_and_reduced(self, large, decoded):
        (face,) = fer_onnx.read_faces(large)
        assert decoded == [(2000, 2000)]
        assert face.label == "happy"
        assert face.box[3] > 700  # pixels of the picture as it is stored

    def test_a_face_of_fewer_pixels_than_the_model_reads_is_cut_from_the_whole(
        self, large, decoded
    ):
        fer_onnx.read_faces(large, boxes=[(1400, 500, 700, 900), (1500, 600, 60, 70)])
        assert decoded == [(4000, 4000)]
        decoded.clear()
        fer_onnx.read_faces(large, boxes=[(1400, 500, 700, 900)])
        assert decoded == [(2000, 2000)]

    @pytest.mark.parametrize("quarters", range(4))
    def test_answers_are_those_of_the_whole_picture_within_a_tolerance(self, quarters):
        image = read_image(SAMPLES / "astronaut.png").resize((4000, 4000))
        turned = image.rotate(90 * quarters)
        (face,) = fer_onnx.read_faces(encode(turned, quality=95))
        (whole,) = fer_onnx.read_faces(turned, boxes=[face.box], quarters=face.quarters)
        assert face.crop == whole.crop
        assert face.label == whole.label
        assert face.scores == pytest.approx(whole.scores, abs=TOLERANCE)

    def test_a_small_face_that_is_wanted_is_searched_for_in_all_its_pixels(self, large, decoded):
        fer_onnx.read_faces(large, min_face=24)
        assert decoded[0] == (4000, 4000)

    def test_a_detector_of_another_kind_is_shown_the_whole_picture(self, large, decoded):
        shown = []

        class Other:
            def detect(self, image):
                shown.append(image.size)
                return [detector.Detection((1400, 500, 700, 900), 0.9)]

        (face,) = fer_onnx.read_faces(large, detector=Other())
        assert shown[0] == (4000, 4000)
        assert face.box == (1400, 500, 700, 900)
        assert decoded == [(4000, 4000)]

    def test_the_search_has_pixels_to_spare_for_the_faces(self):
        assert reader.SPARE * detector.MAX_SIDE == 1920


class TestCommand:
    def test_annotated_or_not_the_answer_is_the_same(self, large, tmp_path, predict):
        (tmp_path / "a.jpg").write_bytes(large)
        plain = predict("a.jpg", "--format", "json")
        drawn = predict("a.jpg", "--format", "json", "--annotate", "out")
        first, second = (json.loads(run.out)[0] for run in (plain, drawn))
        assert first["width"] == first["height"] == 4000
        assert first["faces"] == second["faces"]
        assert Image.open(tmp_path / "out" / "a.jpg").size == (4000, 4000)

    def test_a_picture_that_is_read_reduced_and_too_large_whole_is_one_line(
        self, monkeypatch, tmp_path, predict
    ):
        decode = original._File.decode

        def refuse(self, times, beside):
            if times == 1:
                raise ImageError("401 MB of memory to read, more than 400 MB")
            return decode(self, times, beside)

        monkeypatch.setattr(original._File, "decode", refuse)
        Image.new("RGB", (4000, 3000), "grey").save(tmp_path / "a.jpg")
        line = "a.jpg: 401 MB of memory to read, more than 400 MB"
        assert predict("a.jpg", "--faces", "detect").code == 0
        done = predict("a.jpg", "--faces", "detect", "--annotate", "out", "--format", "json")
        assert (done.code, json.loads(done.out)[0]["error"]) == (1, line)
        assert done.err == f"error: {line}\n"

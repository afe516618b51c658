"""Rules that hold for every input that hypothesis can think of."""

import io
import json
import os
import string
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fer_onnx.boxes import is_same_face, overlap
from fer_onnx.cli.writers import WRITERS
from fer_onnx.crop import clip, cut, lies_in, round_box, square_around
from fer_onnx.images.exif import TURNS, read_orientation, turn_upright
from fer_onnx.images.formats import SIGNS
from fer_onnx.metadata import Crop
from fer_onnx.orientation import turn, turn_back
from fer_onnx.runs.files import STDIN, Picture, Stdin, place_annotated
from fer_onnx.runs.journal import Journal
from fer_onnx.runs.pipeline import Answerer, Settings
from fer_onnx.runs.resumption import Item, JournalError

hypothesis = pytest.importorskip("hypothesis", reason="hypothesis is not installed")
from hypothesis import HealthCheck, assume, given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

settings.register_profile(  # no clock, no memory of earlier runs: the same inputs every time
    "steady",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("steady")

SIDES = st.integers(1, 30)
SIZES = st.tuples(SIDES, SIDES)
PIXELS = st.integers(-60, 60)
BOXES = st.tuples(PIXELS, PIXELS, st.integers(1, 60), st.integers(1, 60))
SIGNED = st.tuples(st.sampled_from([*SIGNS.values(), b""]), st.binary(max_size=300)).map(b"".join)
EDITS = st.lists(st.tuples(st.integers(0, 10**4), st.integers(0, 255)), max_size=6)


def number(size: tuple[int, int]) -> Image.Image:
    """Draw a picture of which every pixel has a number of its own."""
    return Image.fromarray(np.arange(size[0] * size[1], dtype=np.int32).reshape(size[::-1]))


def crop(image: Image.Image, box: tuple[int, int, int, int]) -> np.ndarray:
    x, y, width, height = box
    return np.asarray(image.crop((x, y, x + width, y + height)))


@pytest.fixture(scope="module")
def answerer(model_file) -> Answerer:
    return Answerer(Settings(model=str(model_file), faces="whole"))


class TestAnyBytes:
    """Whatever a file holds, there is a record of it: answered, or with an error of one line."""

    def check(self, answerer: Answerer, data: bytes) -> None:
        record = answerer.answer(Picture(STDIN, Stdin(data)))
        if record.error is None:
            (face,) = record.faces
            assert sum(face.prediction.scores.values()) == pytest.approx(1, abs=1e-5)
            assert face.box == (0, 0, record.width, record.height)
        else:
            assert record.error.startswith(f"{STDIN}: ")
            assert record.error.isprintable()
            assert record.faces == ()
        row = WRITERS["jsonl"](answerer.labels, "utf-8").row(record, 0)
        assert json.loads(row)["error"] == record.error

    @given(data=SIGNED)
    def test_of_no_format_or_the_beginning_of_one(self, answerer, data):
        self.check(answerer, data)

    @given(kind=st.sampled_from(["JPEG", "PNG", "WEBP", "BMP", "GIF"]), edits=EDITS, end=SIDES)
    def test_of_a_picture_with_bytes_changed_and_its_end_cut_off(self, answerer, kind, edits, end):
        file = io.BytesIO()
        number((9, 7)).convert("L").save(file, kind)
        data = bytearray(file.getvalue())
        for place, byte in edits:
            data[place % len(data)] = byte
        self.check(answerer, bytes(data[: len(data) + 1 - end]))

    @given(size=SIZES, seed=SIDES)
    def test_every_array_of_pixels_gets_scores(self, answerer, size, seed):
        pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)
        scores = answerer.model.predict(pixels).scores
        assert sum(scores.values()) == pytest.approx(1, abs=1e-5)
        assert min(scores.values()) >= 0

    @given(exif=st.one_of(st.binary(max_size=60), st.binary(max_size=60).map(b"II*\0".__add__)))
    def test_every_exif_has_an_orientation(self, exif):
        assert 1 <= read_orientation(exif) <= 8

    @given(lines=st.binary(max_size=200), rows=st.binary(max_size=50), resume=st.booleans())
    def test_files_that_only_look_like_an_unfinished_run_are_refused_and_left_alone(
        self, tmp_path, lines, rows, resume
    ):
        assume(lines.strip())
        out, part, beside = (tmp_path / name for name in ("out", "out.part", "out.journal"))
        part.write_bytes(rows)
        beside.write_bytes(lines)
        with pytest.raises(JournalError) as caught:
            Journal(out, {}, [Item("a", "")], resume=resume)
        assert str(caught.value).isprintable()
        assert (part.read_bytes(), beside.read_bytes()) == (rows, lines)


class TestGeometry:
    @given(size=SIZES, quarters=st.integers(0, 3), data=st.data())
    def test_a_box_turned_back_holds_the_same_pixels(self, size, quarters, data):
        image = number(size)
        turned = turn(image, quarters)
        left = data.draw(st.integers(0, turned.width - 1))
        top = data.draw(st.integers(0, turned.height - 1))
        width = data.draw(st.integers(1, turned.width - left))
        height = data.draw(st.integers(1, turned.height - top))
        box = (left, top, width, height)
        back = turn_back(box, size, quarters)
        assert np.array_equal(np.rot90(crop(image, back), quarters), crop(turned, box))

    @given(box=BOXES, size=SIZES, quarters=st.integers(1, 3))
    def test_a_box_turned_there_and_back_is_the_same(self, box, size, quarters):
        turned = size if quarters == 2 else size[::-1]
        there = turn_back(box, turned, 4 - quarters)  # from the picture that is to be turned
        assert turn_back(there, size, quarters) == box

    @given(size=SIZES, orientation=st.integers(0, 9))
    def test_turning_upright_moves_pixels_and_loses_none(self, size, orientation):
        turned = turn_upright(number(size), orientation)
        assert turned.size == (size[::-1] if orientation in (5, 6, 7, 8) else size)
        assert sorted(np.asarray(turned).ravel()) == list(range(size[0] * size[1]))
        assert (orientation in TURNS) == (2 <= orientation <= 8)

    @given(one=BOXES, other=BOXES)
    def test_overlap_is_a_share_and_the_same_both_ways(self, one, other):
        assert overlap(one, one) == 1
        assert 0 <= overlap(one, other) == overlap(other, one) <= 1
        assert is_same_face(one, other) == is_same_face(other, one)

    @given(box=BOXES, size=SIZES)
    def test_what_is_clipped_lies_in_both(self, box, size):
        x, y, width, height = clip(box, size)
        assert 0 <= x <= x + width <= size[0]
        assert 0 <= y <= y + height <= size[1]
        assert width <= box[2]
        assert height <= box[3]
        assert clip((x, y, width, height), size) == (x, y, width, height)
        if lies_in(box, size):
            assert width * height * 2 >= box[2] * box[3]

    @given(
        box=BOXES,
        size=SIZES,
        scale=st.floats(0.1, 4),
        shift=st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
        border=st.sampled_from(["edge", "black"]),
    )
    def test_the_square_around_a_box_is_cut_whole_wherever_it_lies(
        self, box, size, scale, shift, border
    ):
        longer = max(box[2:])
        x, y, side, other = square_around(box, Crop(scale, *shift, border))
        assert side == other == max(1, round(scale * longer))
        for start, length, place, by in (
            (x, box[2], box[0], shift[0]),
            (y, box[3], box[1], shift[1]),
        ):
            assert abs(start + side / 2 - (place + length / 2 + by * longer)) <= 0.5
        image = number(size)
        pixels = np.asarray(cut(image, (x, y, side, side), border))
        assert pixels.shape == (side, side)
        inside = clip((x, y, side, side), size)
        if inside[2] and inside[3]:
            place = (inside[0] - x, inside[1] - y, *inside[2:])
            assert np.array_equal(crop(Image.fromarray(pixels), place), crop(image, inside))

    @given(box=st.lists(st.one_of(st.floats(), st.integers(), st.text(), st.none()), max_size=5))
    def test_what_is_no_box_of_whole_pixels_is_a_value_error(self, box):
        try:
            x, y, width, height = round_box(box)
        except ValueError:  # the only error that a box may be
            return
        assert all(type(value) is int for value in (x, y, width, height))
        assert min(width, height) >= 1


LETTERS = string.ascii_letters[:3] + "AÉé\u0301ß. -2\\\n\udcff"
PARTS = st.one_of(
    st.text(LETTERS, max_size=4), st.sampled_from(["..", ".", "", "a.png", "a-2.png"])
)
NAMES = st.lists(PARTS, min_size=1, max_size=3).map("/".join)


class TestAnnotatedFiles:
    @given(names=st.lists(NAMES, max_size=8), suffix=st.sampled_from(["", ".png", ".JPG", ".gif"]))
    def test_they_never_collide_and_never_leave_the_folder(self, names, suffix):
        folder = Path("annotated")
        pictures = [Picture(name + suffix, name + suffix) for name in names]
        places = [picture.annotated for picture in place_annotated(pictures, folder)]
        assert {os.path.dirname(place) for place in places} <= {"annotated"}  # noqa: PTH120
        assert not {place.name for place in places} & {"", ".", ".."}
        assert all(place.name.lower().endswith((".png", ".jpg", ".jpeg")) for place in places)
        assert len({look_alike(place.name) for place in places}) == len(places)

    @given(names=st.lists(st.text("aAé\u0301-2", min_size=1, max_size=4), max_size=6))
    def test_they_are_never_an_input_that_lies_in_the_folder(self, names):
        inputs = [f"annotated/{name}.png" for name in names]
        pictures = [Picture(path, path) for path in (*inputs, *(f"{name}.jpg" for name in names))]
        places = place_annotated(pictures, Path("annotated"))
        taken = {look_alike(os.path.basename(path)) for path in inputs}  # noqa: PTH119
        assert not taken & {look_alike(picture.annotated.name) for picture in places}


def look_alike(name: str) -> str:
    """Return what disks that know neither case nor composed letters take a name for."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())

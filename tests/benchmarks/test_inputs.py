"""The pictures that are measured with: the same at every run, and what they say they are."""

import numpy as np
import pytest
from PIL import Image

from benchmarks.inputs.nonface_windows import DRAWN, SIDES, cut_windows, draw_windows
from benchmarks.inputs.pictures import ORIENTATION, PHOTO, SIDE, SIDEWAYS, write_face, write_photo
from benchmarks.speed.photo import PORTRAITS
from fer_onnx.images import read_image


def test_the_face_is_a_grey_png_of_48_pixels_and_always_the_same(tmp_path):
    one, other = (write_face(tmp_path / name).read_bytes() for name in ("a.png", "b.png"))
    assert one == other
    with Image.open(tmp_path / "a.png") as face:
        face.load()
        assert (face.format, face.mode, face.size) == ("PNG", "L", (SIDE, SIDE))
        assert face.getpixel((3, 2)) == (3 * (SIDE - 3) + 2 * 3 + 6 % 7) % 256


def test_the_photo_is_stored_sideways_as_phones_do(tmp_path):
    path = write_photo(PORTRAITS, tmp_path / "photo.jpg")
    with Image.open(path) as stored:
        assert stored.size == PHOTO[::-1]
        assert stored.getexif()[ORIENTATION] == SIDEWAYS
    assert read_image(path).size == PHOTO


@pytest.mark.parametrize("kind", DRAWN)
def test_drawings_are_the_same_for_the_same_seed_alone(kind):
    one, same, other = (
        [np.asarray(window.convert("L")) for window in draw_windows(DRAWN[kind], 3, seed)]
        for seed in (0, 0, 1)
    )
    assert all(map(np.array_equal, one, same))
    assert not any(map(np.array_equal, one, other))
    assert len({window.tobytes() for window in one}) == 3
    assert {window.shape[0] for window in one} == {window.shape[1] for window in one}


def test_windows_are_squares_of_the_pictures_in_turn(tmp_path):
    colours = ((250, 0, 0), (0, 0, 250))
    for number, colour in enumerate(colours):
        Image.new("RGB", (300, 200), colour).save(tmp_path / f"{number}.png")
    paths = [tmp_path / "0.png", tmp_path / "1.png"]
    windows = list(cut_windows(paths, 40, 0))
    assert [window.getpixel((0, 0)) for window in windows] == [*colours] * 20
    sides = [window.width for window in windows]
    assert sides == [window.height for window in windows]
    assert SIDES[0] <= min(sides) < 45
    assert 160 < max(sides) <= 200  # the shorter side of the pictures
    assert [w.size for w in cut_windows(paths, 40, 0)] == [w.size for w in windows]

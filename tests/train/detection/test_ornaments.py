"""Buttons and medals: drawn beside faces, never on them, and never the same."""

import numpy as np
import pytest
from PIL import Image

from train.detection.labels import stack_boxes
from train.detection.ornaments import MOST, SIZES, adorn, draw_ornament
from train.detection.windows import Crop

NONE = stack_boxes([], 4)
GROUND = Image.new("RGB", (192, 128), (60, 70, 80))


def changed(crop: Crop, seed: int) -> np.ndarray:
    """Return where ornaments were drawn: bool array (height, width)."""
    image = adorn(crop, np.random.default_rng(seed)).image
    return (np.asarray(image) != np.asarray(crop.image)).any(axis=2)


def test_an_ornament_is_a_round_thing_that_fills_its_square():
    for seed in range(20):
        drawn = draw_ornament(40, np.random.default_rng(seed))
        assert (drawn.mode, drawn.size) == ("RGBA", (40, 40))
        alpha = np.asarray(drawn)[..., 3]
        assert alpha[20, 20] == 255
        assert alpha[[0, 0, -1, -1], [0, -1, 0, -1]].max() == 0
        assert 0.6 < (alpha > 127).mean() < 0.8


def test_faces_and_what_may_be_one_stay_as_they_are():
    faces, unsure = stack_boxes([(20, 20, 60, 80)], 4), stack_boxes([(100, 10, 50, 50)], 4)
    crop = Crop(GROUND, faces, unsure)
    touched = np.zeros((128, 192), bool)
    for seed in range(100):
        here = changed(crop, seed)
        assert not here[20:100, 20:80].any()
        assert not here[10:60, 100:150].any()
        touched |= here
    assert touched.mean() > 0.5


def test_boxes_are_returned_as_given_and_the_picture_given_is_not_drawn_on():
    faces = stack_boxes([(20, 20, 60, 80)], 4)
    before = GROUND.tobytes()
    adorned = adorn(Crop(GROUND, faces, NONE), np.random.default_rng(3))
    assert adorned.faces is faces
    assert adorned.ignored is NONE
    assert GROUND.tobytes() == before


@pytest.mark.parametrize("seed", range(5))
def test_the_seed_fixes_everything(seed):
    crop = Crop(GROUND, NONE, NONE)
    first, second, other = (
        adorn(crop, np.random.default_rng(number)).image.tobytes()
        for number in (seed, seed, seed + 100)
    )
    assert first == second
    assert first != other


def test_a_row_stays_within_the_number_and_size_that_are_stated():
    most = MOST * SIZES[1] ** 2 + (3 * SIZES[1]) ** 2
    for seed in range(50):
        assert changed(Crop(GROUND, NONE, NONE), seed).sum() <= most

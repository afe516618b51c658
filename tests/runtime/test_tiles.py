"""Large pictures: what is searched in tiles, at what size, and at what cost."""

from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from fer_onnx.boxes import overlap
from fer_onnx.detector import MAX_SIDE, Detection, load_detector, shrink
from fer_onnx.images import read_image
from fer_onnx.orientation import find_faces
from fer_onnx.tiles import (
    MAX_TILES,
    OVERLAP,
    choose_scale,
    cut_tiles,
    is_cut_off,
    scale_size,
)

SAMPLES = Path(__file__).parents[2] / "samples"
FACE = (133, 45, 69, 86)  # the astronaut's


class Finding:
    """Find what a test puts into a picture: every white patch, and note what is shown."""

    min_score = 0.6

    def __init__(self):
        self.shown = []

    def detect(self, image):
        return self.search(shrink(image), image.size, self.min_score)

    def search(self, reduced, size, min_score):
        self.shown.append(reduced.size)
        box = reduced.convert("L").point(lambda value: 255 * (value > 200)).getbbox()
        if box is None:
            return []
        scale = size[0] / reduced.width
        left, top, right, bottom = (round(scale * value) for value in box)
        return [Detection((left, top, right - left, bottom - top), 0.9)]


def panorama() -> Image.Image:
    """A picture of 8,000×1,000 pixels with a face of 86 at its right end."""
    image = Image.new("RGB", (8000, 1000), (120, 130, 120))
    image.paste(read_image(SAMPLES / "astronaut.png"), (7300, 300))
    return image


class TestScale:
    @pytest.mark.parametrize("size", [(4032, 3024), (960, 720), (400, 300), (1920, 1080)])
    def test_an_ordinary_picture_is_reduced_to_960_pixels(self, size):
        assert choose_scale(size) == min(1, 960 / size[0])

    def test_a_panorama_keeps_480_pixels_of_its_shorter_side(self):
        assert scale_size((16000, 2000), choose_scale((16000, 2000))) == (3840, 480)

    @pytest.mark.parametrize(
        ("min_face", "side"), [(24, 4032), (48, 2016), (240, 403), (5000, 128)]
    )
    def test_the_smallest_face_that_is_wanted_has_24_pixels(self, min_face, side):
        assert round(4032 * choose_scale((4032, 3024), min_face)) == pytest.approx(side, abs=1)

    @pytest.mark.parametrize("size", [(80_000_000, 1), (9000, 8800), (1, 1), (16000, 2000)])
    @pytest.mark.parametrize("min_face", [None, 1, 16])
    def test_no_picture_takes_more_tiles_than_are_promised(self, size, min_face):
        scale = choose_scale(size, min_face)
        assert 1 <= len(cut_tiles(scale_size(size, scale))) <= MAX_TILES


class TestTiles:
    def test_a_picture_that_fits_is_one(self):
        assert cut_tiles((960, 720)) == [(0, 0, 960, 720)]

    @pytest.mark.parametrize("side", [961, 1680, 1681, 3840, 4032])
    def test_they_cover_the_picture_and_share_what_is_promised(self, side):
        tiles = cut_tiles((side, 500))
        starts = [x for x, _, _, _ in tiles]
        assert (starts[0], starts[-1] + MAX_SIDE) == (0, side)
        steps = [after - before for before, after in pairwise(starts)]
        assert max(steps) <= MAX_SIDE - OVERLAP
        assert {tile[1:] for tile in tiles} == {(0, MAX_SIDE, 500)}

    def test_what_ends_with_a_tile_inside_the_picture_is_cut_off(self):
        tile, size = (720, 0, 960, 480), (3840, 480)
        assert is_cut_off((720, 10, 30, 30), tile, size)
        assert is_cut_off((1660, 10, 30, 30), tile, size)
        assert not is_cut_off((900, -4, 30, 30), tile, size)  # at the edge of the picture itself
        assert not is_cut_off((3820, 10, 30, 30), (2880, 0, 960, 480), size)


class TestSearch:
    def test_a_face_in_a_panorama_is_found_and_once_alone(self):
        quarters, (found,) = find_faces(panorama(), load_detector())
        x, y, width, height = FACE
        assert quarters == 0
        assert overlap(found.box, (x + 7300, y + 300, width, height)) > 0.6

    def test_of_a_face_on_two_tiles_one_is_kept(self):
        image = Image.new("RGB", (3840, 480), (90, 90, 90))
        image.paste((255, 255, 255), (920, 200, 1000, 300))
        detector = Finding()
        (found,) = find_faces(image, detector, quarters=0)[1]
        assert found.box == pytest.approx((920, 200, 80, 100), abs=4)
        assert detector.shown == [(960, 120), *[(960, 480)] * 5]

    def test_a_face_larger_than_a_tile_is_found_in_the_whole(self):
        image = Image.new("RGB", (4000, 1200), (90, 90, 90))
        image.paste((255, 255, 255), (400, 30, 1500, 1170))
        (found,) = find_faces(image, Finding(), quarters=0, min_face=30)[1]
        assert found.box == pytest.approx((400, 30, 1100, 1140), abs=8)

    @pytest.mark.parametrize(("min_face", "count"), [(80, 1), (81, 1), (120, 0)])
    def test_smaller_faces_than_are_wanted_are_left_out(self, min_face, count):
        image = Image.new("RGB", (640, 480), (90, 90, 90))
        image.paste((255, 255, 255), (100, 200, 180, 300))
        assert len(find_faces(image, Finding(), min_face=min_face)[1]) == count

    def test_large_faces_alone_cost_less(self):
        detector = Finding()
        find_faces(Image.new("RGB", (4032, 3024)), detector, quarters=0, min_face=240)
        assert detector.shown == [(367, 275)]

    def test_a_small_face_in_a_large_picture_is_found_if_it_is_asked_for(self):
        image = Image.new("RGB", (4000, 3000), (120, 130, 120))
        portrait = read_image(SAMPLES / "astronaut.png")
        image.paste(portrait.resize((portrait.width // 2, portrait.height // 2)), (3000, 2000))
        assert find_faces(image, load_detector(), quarters=0)[1] == []
        (found,) = find_faces(image, load_detector(), quarters=0, min_face=30)[1]
        x, y, width, height = (value // 2 for value in FACE)
        assert overlap(found.box, (x + 3000, y + 2000, width, height)) > 0.5

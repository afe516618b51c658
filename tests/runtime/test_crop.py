"""From a box to the square that a model wants to see."""

import numpy as np
import pytest
from PIL import Image

from fer_onnx.crop import clip, cut, lies_in, round_box, square_around
from fer_onnx.metadata import Crop


def numbered(width: int, height: int) -> Image.Image:
    """A picture in which every pixel has a value of its own, none of them 0."""
    return Image.fromarray(np.arange(1, width * height + 1, dtype=np.uint8).reshape(height, width))


class TestRoundBox:
    def test_fractions_become_whole_pixels(self):
        assert round_box((1.4, 2.6, 10.5, 11.5)) == (1, 3, 10, 12)

    def test_numbers_of_numpy_become_plain_ones(self):
        box = round_box(np.array([1, 2, 3, 4], np.int64))
        assert box == (1, 2, 3, 4)
        assert {type(value) for value in box} == {int}

    @pytest.mark.parametrize(
        "box",
        [(1, 2, 3), (1, 2, 3, 4, 5), ("a", 2, 3, 4), (None, 2, 3, 4), (float("nan"), 0, 1, 1)],
    )
    def test_what_is_not_four_numbers_is_refused(self, box):
        with pytest.raises(ValueError, match=r"^box .*: expected four numbers"):
            round_box(box)

    @pytest.mark.parametrize("box", [(0, 0, 0, 9), (0, 0, 9, -3), (0, 0, 0.4, 9)])
    def test_a_box_without_area_is_refused(self, box):
        with pytest.raises(ValueError, match="width and height must be at least 1 pixel"):
            round_box(box)

    def test_a_box_whose_square_would_fill_the_memory_is_refused(self):
        with pytest.raises(ValueError, match="too large for a picture of 80 megapixels"):
            round_box((0, 0, 50_000, 3))


class TestPlace:
    def test_what_lies_outside_is_clipped(self):
        assert clip((-5, 8, 10, 10), (20, 12)) == (0, 8, 5, 4)

    def test_what_misses_the_picture_has_no_area(self):
        assert clip((30, 2, 10, 10), (20, 12))[2:] == (0, 10)

    @pytest.mark.parametrize(
        ("box", "inside"),
        [((0, 0, 20, 12), True), ((-5, 0, 10, 10), True), ((-6, 0, 10, 10), False)],
    )
    def test_half_of_a_box_must_lie_in_the_picture(self, box, inside):
        assert lies_in(box, (20, 12)) is inside


class TestSquare:
    def test_it_has_the_longer_side_and_the_centre_of_the_box(self):
        assert square_around((100, 50, 40, 60), Crop()) == (90, 50, 60, 60)

    def test_scale_and_shift_count_in_longer_sides(self):
        crop = Crop(scale=1.5, shift_x=0.1, shift_y=-0.2)
        assert square_around((100, 50, 40, 60), crop) == (81, 23, 90, 90)

    def test_it_is_at_least_a_pixel(self):
        assert square_around((3, 3, 1, 1), Crop(scale=0.1))[2:] == (1, 1)


class TestCut:
    def test_inside_the_picture_it_is_the_pixels_as_they_are(self):
        image = numbered(12, 10)
        assert np.array_equal(cut(image, (3, 2, 5, 5)), np.asarray(image)[2:7, 3:8])

    @pytest.mark.parametrize(
        "square", [(-2, -3, 8, 8), (7, 6, 9, 9), (-4, -4, 30, 30), (40, 2, 5, 5)]
    )
    def test_the_edge_is_repeated_outside(self, square):
        image = numbered(12, 10)
        x, y, side, _ = square
        rows = np.clip(np.arange(y, y + side), 0, 9)
        columns = np.clip(np.arange(x, x + side), 0, 11)
        expected = np.asarray(image)[np.ix_(rows, columns)]
        assert np.array_equal(cut(image, square, "edge"), expected)

    def test_outside_is_black_if_the_model_wants_that(self):
        pixels = np.asarray(cut(numbered(12, 10), (-2, -3, 8, 8), "black"))
        assert not pixels[:3].any()
        assert not pixels[:, :2].any()
        assert np.array_equal(pixels[3:, 2:], np.asarray(numbered(12, 10))[:5, :6])

    @pytest.mark.parametrize("border", ["edge", "black"])
    def test_colour_stays_colour(self, border):
        face = cut(Image.new("RGB", (10, 10), (200, 100, 50)), (-5, 0, 10, 10), border)
        assert (face.mode, face.size) == ("RGB", (10, 10))
        assert face.getpixel((9, 5)) == (200, 100, 50)

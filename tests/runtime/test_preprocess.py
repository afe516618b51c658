"""Picture → tensor: the one grey conversion and the one resize."""

import numpy as np
import pytest
from PIL import Image

from fer_onnx.metadata import InputSpec
from fer_onnx.preprocess import resize, to_array

NOISE = np.random.default_rng(0).integers(0, 256, (48, 48), dtype=np.uint8)


@pytest.mark.parametrize(("colour", "channels"), [("grey", 1), ("rgb", 3)])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_the_array_has_the_shape_that_the_model_reads(colour, channels, mode):
    array = to_array(Image.new(mode, (100, 37), 9), InputSpec(48, 40, colour))
    assert array.shape == (48, 40, channels)
    assert array.dtype == np.uint8


def test_a_picture_of_the_right_size_is_passed_on_pixel_by_pixel():
    array = to_array(Image.fromarray(NOISE), InputSpec(48, 48))
    assert np.array_equal(array[..., 0], NOISE)


def test_grey_is_weighed_as_itu_r_601_says():
    for colour, grey in {(255, 0, 0): 76, (0, 255, 0): 150, (0, 0, 255): 29}.items():
        array = to_array(Image.new("RGB", (4, 4), colour), InputSpec(4, 4))
        assert array.max() == array.min() == grey


def test_grey_pictures_are_repeated_for_a_model_that_reads_colour():
    array = to_array(Image.fromarray(NOISE), InputSpec(48, 48, "rgb"))
    assert all(np.array_equal(array[..., channel], NOISE) for channel in range(3))


def test_shrinking_is_antialiased():
    checks = np.indices((96, 96)).sum(axis=0) % 2 * 255
    array = to_array(Image.fromarray(checks.astype(np.uint8)), InputSpec(48, 48))
    assert np.abs(array.astype(int) - 127).max() <= 3  # the rim sees half a neighbourhood


def test_nearest_invents_no_values():
    two = Image.fromarray(np.array([[0, 255]], np.uint8))
    array = to_array(two, InputSpec(4, 4, resize="nearest"))
    assert array[..., 0].tolist() == [[0, 0, 255, 255]] * 4


def test_grey_comes_before_the_resize():
    pixels = np.random.default_rng(1).integers(0, 256, (90, 70, 3), dtype=np.uint8)
    image = Image.fromarray(pixels)
    expected = np.asarray(resize(image.convert("L"), (48, 48), Image.Resampling.BILINEAR))
    assert np.array_equal(to_array(image, InputSpec(48, 48))[..., 0], expected)


@pytest.mark.parametrize(
    ("size", "middle"),
    [
        ((300, 500), (48, 500)),
        ((97, 1301), (48, 1301)),
        ((20, 300), (20, 48)),
        ((500, 20), (48, 20)),
    ],
)
def test_the_width_is_resized_first_unless_it_alone_grows(size, middle):
    pixels = np.random.default_rng(2).integers(0, 256, size[::-1], dtype=np.uint8)
    image = Image.fromarray(pixels)
    half = image.resize(middle, Image.Resampling.BILINEAR)
    expected = np.asarray(half.resize((48, 48), Image.Resampling.BILINEAR))
    assert np.array_equal(to_array(image, InputSpec(48, 48))[..., 0], expected)


def test_a_strip_of_one_pixel_is_never_widened_before_it_is_shortened():
    strip = Image.new("L", (1, 2_000_000), 7)
    assert to_array(strip, InputSpec(48, 48)).max() == 7

"""Faces too small or too blurred to read, told from those that are not."""

from pathlib import Path

import pytest
from PIL import Image, ImageFilter

from fer_onnx.images import read_image
from fer_onnx.legibility import is_legible, measure_detail

FACES = Path(__file__).parents[2] / "samples" / "faces"


@pytest.fixture(params=["astronaut.png", "hopper.png"])
def face(request):
    return read_image(FACES / request.param)


@pytest.mark.parametrize("side", [112, 48, 32])
def test_a_face_of_that_many_pixels_is_legible(face, side):
    assert is_legible(face.resize((side, side)))


@pytest.mark.parametrize("side", [15, 8, 1])
def test_a_face_of_so_few_pixels_is_not(face, side):
    assert not is_legible(face.resize((side, side)))


def test_enlarging_a_small_face_does_not_make_it_legible(face):
    assert not is_legible(face.resize((12, 12)).resize((112, 112), Image.Resampling.BICUBIC))


def test_a_blurred_face_is_not_legible(face):
    assert not is_legible(face.filter(ImageFilter.GaussianBlur(112 / 48 * 2.5)))


def test_darkness_alone_does_not_make_a_face_illegible(face):
    assert is_legible(face.point(lambda value: value // 6))


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_blank_picture_has_no_detail(mode):
    assert measure_detail(Image.new(mode, (90, 90))) == 0
    assert not is_legible(Image.new(mode, (90, 90)))


def test_detail_falls_as_a_face_is_blurred(face):
    blurred = [face.filter(ImageFilter.GaussianBlur(radius)) for radius in (0, 2, 4, 8)]
    details = [measure_detail(each) for each in blurred]
    assert details == sorted(details, reverse=True)
    assert 0 < details[-1] < details[0] < 1

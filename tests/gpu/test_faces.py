"""Faces survive the mosaic of a pack."""

import numpy as np

from gpu.faces import COLUMNS, SIDE, read_mosaic, write_mosaic


def draw_faces(count):
    ramp = np.linspace(0, 255, SIDE)
    rng = np.random.default_rng(1)
    slopes = rng.uniform(0, 1, (count, 1, 1))
    return (slopes * ramp[:, None] + (1 - slopes) * ramp).astype(np.uint8)


def test_every_face_comes_back_in_its_place_and_hardly_changed(tmp_path):
    faces = draw_faces(COLUMNS + 7)
    write_mosaic(faces, tmp_path / "faces.webp")
    read = read_mosaic(tmp_path / "faces.webp", len(faces))
    assert read.shape == faces.shape
    errors = np.abs(read.astype(float) - faces).mean(axis=(1, 2))
    assert errors.max() < 4


def test_the_limit_on_pictures_stays_as_it_was(tmp_path):
    from PIL import Image

    before = Image.MAX_IMAGE_PIXELS
    write_mosaic(draw_faces(3), tmp_path / "faces.webp")
    read_mosaic(tmp_path / "faces.webp", 3)
    assert before == Image.MAX_IMAGE_PIXELS

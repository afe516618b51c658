"""What becomes of pictures from which faces are cut: what `fer-onnx evaluate` makes of them too."""

import csv

import numpy as np
import pytest
from PIL import Image

from fer_onnx.detector import Detection
from fer_onnx.metadata import Crop
from train.data import cutter
from train.data.cutter import FaceCutter

PHOTO = Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 400), dtype=np.uint8))
SMOOTH = Image.linear_gradient("L").resize((400, 300))


@pytest.fixture
def found(monkeypatch) -> list[Detection]:
    """What the detector finds."""
    faces: list[Detection] = []
    monkeypatch.setattr(cutter, "find_faces", lambda image, detector: (0, faces))
    return faces


def place(*sizes: int) -> list[Detection]:
    return [Detection((10 + 90 * i, 10, size, size), 0.9) for i, size in enumerate(sizes)]


@pytest.mark.parametrize(
    ("sizes", "picture", "outcome"),
    [
        ((), PHOTO, "no face"),
        ((80,), PHOTO, "found"),
        ((80, 56), PHOTO, "found"),  # the first has more than twice the area
        ((80, 57), PHOTO, "several faces"),
        ((80,), SMOOTH, "blurred"),
    ],
)
def test_a_face_that_is_clear_is_cut_out(found, sizes, picture, outcome):
    found += place(*sizes)
    cut = FaceCutter(Crop(scale=1.0), "auto")
    face = cut(picture, "a.png")
    assert cut.found[0].outcome == outcome
    assert (face is not None) == (outcome == "found")
    if face:
        assert face.size == (80, 80)


def test_small_pictures_and_whole_ones_are_faces_already(found):
    small = PHOTO.resize((128, 96))
    assert FaceCutter(Crop(), "auto")(small, "a.png") is small
    assert FaceCutter(Crop(), "whole")(PHOTO, "a.png") is PHOTO


def test_what_became_of_them_is_counted_and_written_by_name(found, tmp_path):
    steps: list[int] = []
    cut = FaceCutter(Crop(), "auto", lambda: steps.append(1))
    cut(PHOTO, "wall.png")
    found += place(80, 70)
    cut(PHOTO, "pair.png")
    assert len(steps) == 2
    assert cut.describe() == (
        "2 pictures: 1 left out without a face, 1 left out with several faces of like size"
    )
    cut.write(tmp_path / "faces.csv")
    rows = list(csv.DictReader((tmp_path / "faces.csv").open()))
    assert [(row["file"], row["outcome"], row["x"]) for row in rows] == [
        ("wall.png", "no face", ""),
        ("pair.png", "several faces", ""),
    ]

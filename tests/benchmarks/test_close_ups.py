"""Pictures that one face fills: what they show, and what a detector is credited with."""

import zipfile
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from benchmarks.inputs.close_ups import (
    CHANGES,
    FILLS,
    HEIGHTS,
    CloseUp,
    make_close_ups,
    measure_close_ups,
)
from train.detection.face_crops import FaceCrop
from train.detection.pseudo_labels import TeacherDetections


@pytest.fixture(scope="module")
def close_ups(tmp_path_factory):
    """Close-ups of 40 dark crops, in each of which x 12–52, y 4–60 is bright."""
    pixels = np.full((64, 64, 3), 20, np.uint8)
    pixels[4:60, 12:52] = 220
    image = Image.fromarray(pixels)
    crops = [FaceCrop(f"nhfi.zip/{n}.png", image, "held out") for n in range(40)]
    seen = ((12.0, 4.0, 40.0, 56.0, 0.9),)
    detections = {crop.file: TeacherDetections(crop.file, 64, 64, seen, seen) for crop in crops}
    archive = tmp_path_factory.mktemp("empty") / "photos.zip"
    with zipfile.ZipFile(archive, "w"):
        pass
    return make_close_ups(archive, [], crops, detections, seed=0)


def test_the_face_fills_the_picture_and_its_box_lies_on_it(close_ups):
    fills = []
    for image, (x, y, width, height), source, agreed in close_ups:
        assert (source, agreed) == ("nhfi.zip", True)
        assert HEIGHTS[0] <= image.height <= HEIGHTS[1]
        assert 0 <= x < x + width <= image.width
        tones = np.asarray(image.convert("L"), float)
        assert tones[y + 8 : y + height - 8, x + 8 : x + width - 8].mean() > 190
        fills.append(height / image.height)
    assert min(fills) < 0.75
    assert max(fills) > 0.95
    assert FILLS == (0.6, 1.3)


def test_a_quarter_of_them_is_grey(close_ups):
    grey = [close_up.image.mode == "L" for close_up in close_ups]
    assert grey == [number % 4 == CHANGES.index("grey") for number in range(40)]


def test_a_seed_fixes_them(close_ups):
    assert len({close_up.image.size for close_up in close_ups}) > 30


class TestScore:
    IMAGE = Image.new("RGB", (100, 100))
    PICTURES = (
        CloseUp(IMAGE, (10, 0, 80, 100), "a.zip", True),
        CloseUp(IMAGE, (10, 0, 80, 100), "b.zip", True),
        CloseUp(IMAGE, (10, 0, 80, 100), "b.zip", False),
    )

    def measure(self, *boxes):
        answers = iter(boxes)

        def detect(image):
            return [SimpleNamespace(box=box, score=0.9) for box in next(answers)]

        return measure_close_ups(SimpleNamespace(detect=detect), self.PICTURES)

    def test_a_box_that_shares_enough_with_the_face_finds_it(self):
        score = self.measure([(10, 0, 80, 100), (0, 0, 5, 5)], [(0, 0, 20, 20)], [])
        assert score.found == {"": 1 / 3, "a.zip": 1, "b.zip": 0}
        assert (score.iou, score.off) == (1, 0)

    def test_what_sticks_out_of_the_picture_is_cut_off_like_the_face(self):
        assert self.measure([(10, -50, 80, 200)], [], []).iou == 1

    def test_the_centre_is_measured_in_sides_of_the_face(self):
        score = self.measure([(18, 0, 80, 100)], [], [])
        assert score.off == pytest.approx(8 / 8000**0.5)

    def test_where_the_packaged_detectors_disagree_the_box_is_not_judged(self):
        score = self.measure([(10, 0, 80, 100)], [], [(10, 0, 80, 90)])
        assert score.found["b.zip"] == 0.5
        assert score.iou == 1

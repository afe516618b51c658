"""Pictures that lie on their side: which turn is chosen, and boxes brought back."""

import numpy as np
import pytest
from PIL import Image

from fer_onnx.detector import Detection
from fer_onnx.errors import DetectionError
from fer_onnx.orientation import find_faces, turn, turn_back

SIZE = (60, 40)
FACE = Detection((5, 5, 20, 20), 0.9)


class Scripted:
    """Find what a test says, call by call; nothing after that."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.seen = []

    def detect(self, image):
        self.seen.append(image.size)
        return self.answers.pop(0) if self.answers else []


class Marks:
    """Find white squares over black ones: for sure if upright, less so otherwise."""

    def __init__(self, otherwise: float):
        self.otherwise = otherwise

    def detect(self, image):
        pixels = np.asarray(image.convert("L"), int)
        white, black = np.argwhere(pixels > 200), np.argwhere(pixels < 50)
        if not len(white) or not len(black):
            return []
        marked = np.concatenate([white, black])
        (top, left), (bottom, right) = marked.min(0), marked.max(0) + 1
        down, across = black.mean(0) - white.mean(0)
        score = 0.9 if down > abs(across) else self.otherwise
        box = tuple(map(int, (left, top, right - left, bottom - top)))
        return [Detection(box, score)] if score else []


def scene() -> Image.Image:
    """A grey picture with one mark, upright, at (12, 50, 30, 60)."""
    image = Image.new("RGB", (200, 160), (128, 128, 128))
    image.paste((255, 255, 255), (12, 50, 42, 80))
    image.paste((0, 0, 0), (12, 80, 42, 110))
    return image


class TestTurn:
    @pytest.mark.parametrize("quarters", range(4))
    def test_a_box_comes_back_to_the_pixels_it_was_drawn_around(self, quarters):
        image = Image.new("L", (23, 17))
        image.paste(255, (4, 6, 9, 13))
        turned = turn(image, quarters)
        left, top, right, bottom = turned.getbbox()
        box = (left, top, right - left, bottom - top)
        assert turn_back(box, image.size, quarters) == (4, 6, 5, 7)

    def test_turns_are_counterclockwise(self):
        image = Image.new("L", (3, 2))
        image.putpixel((2, 0), 255)  # upper right
        assert turn(image, 1).getpixel((0, 0)) == 255


class TestNothingFound:
    def test_the_three_other_turns_are_tried(self):
        blind = Scripted()
        assert find_faces(Image.new("RGB", SIZE), blind) == (0, [])
        assert blind.seen == [(60, 40), (40, 60), (60, 40), (40, 60)]

    def test_the_highest_sum_of_scores_wins(self):
        pair = [Detection((0, 0, 9, 9), 0.7), Detection((20, 20, 9, 9), 0.8)]
        assert find_faces(Image.new("RGB", SIZE), Scripted([], [FACE], pair, [])) == (2, pair[::-1])

    def test_the_first_of_equals_wins(self):
        assert find_faces(Image.new("RGB", SIZE), Scripted([], [], [FACE], [FACE]))[0] == 2


class TestSomethingFound:
    """Detectors find faces that lie on their side too, so what is found is looked at again."""

    @pytest.mark.parametrize("quarters", range(4))
    @pytest.mark.parametrize("otherwise", [0.0, 0.8])
    def test_a_picture_is_turned_to_where_its_face_is_surest(self, quarters, otherwise):
        image = turn(scene(), quarters)
        back, (found,) = find_faces(image, Marks(otherwise))
        assert (quarters + back) % 4 == 0
        assert found == Detection((12, 50, 30, 60), 0.9)

    def test_a_detector_that_is_as_sure_in_every_turn_leaves_the_picture_as_it_is(self):
        assert find_faces(turn(scene(), 1), Marks(0.9))[0] == 0

    def test_the_second_look_is_small(self):
        detector = Scripted([Detection((900, 600, 800, 900), 0.9)])
        find_faces(Image.new("RGB", (3000, 2000)), detector)
        assert detector.seen[0] == (3000, 2000)
        assert len(detector.seen) == 5
        assert max(max(size) for size in detector.seen[1:]) <= 128

    def test_a_turn_that_makes_the_whole_picture_less_sure_is_not_taken(self):
        crowd = [Detection((0, 0, 9, 9), 0.8), Detection((20, 20, 9, 9), 0.8)]
        looks = [[], [FACE], [], []]  # the surest face alone would rather be turned
        assert find_faces(Image.new("RGB", SIZE), Scripted(crowd, *looks, [FACE])) == (0, crowd)


class TestStrangersDetectors:
    def test_what_it_raises_becomes_one_error_that_names_it(self):
        class Moody:
            def detect(self, image):
                raise KeyError("mood")

        with pytest.raises(DetectionError, match=r"^Moody: detection failed \('mood'\)$"):
            find_faces(Image.new("RGB", SIZE), Moody())

    @pytest.mark.parametrize("box", [(0.1, 0.1, 0.2, 0.2), (1, 2, 3), None])
    def test_boxes_that_are_no_pixels_are_an_error(self, box):
        with pytest.raises(DetectionError, match=r"^Scripted: detection failed \("):
            find_faces(Image.new("RGB", SIZE), Scripted([Detection(box, 0.9)]))

    def test_what_it_finds_outside_the_picture_is_dropped(self):
        outside = Detection((55, 10, 20, 20), 0.95)
        assert find_faces(Image.new("RGB", SIZE), Scripted([outside, FACE]))[1] == [FACE]

    def test_a_face_that_it_finds_twice_counts_once(self):
        again = Detection((6, 5, 20, 20), 0.8)
        assert find_faces(Image.new("RGB", SIZE), Scripted([again, FACE]))[1] == [FACE]

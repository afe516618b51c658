"""Pictures in which no face was found: which are taken whole as one, and what is said of them."""

from pathlib import Path

import pytest
from PIL import Image

from fer_onnx.detector import Detection, load_detector
from fer_onnx.images import read_image
from fer_onnx.runs.files import Picture
from fer_onnx.runs.pipeline import Answerer, Settings
from fer_onnx.whole import GROUND, SIDE, is_one_face

SAMPLES = Path(__file__).parents[2] / "samples"
PLACE = (GROUND - SIDE) // 2  # where a square picture lies on the ground


class Doubting:
    """See one box on the ground that the picture is laid on, and nothing in the picture itself."""

    min_score = 0.5

    def __init__(self, box, score: float = 0.4):
        self.found = Detection(box, score)
        self.shown = []

    def detect(self, image):
        return self.search(image, image.size, self.min_score)

    def search(self, reduced, size, min_score):
        self.shown.append(reduced)
        seen = size == (GROUND, GROUND) and self.found.score >= min_score
        return [self.found] if seen else []


FILLING = (PLACE, PLACE, SIDE, SIDE)
GREY = Image.new("L", (300, 300), 90)


class TestRule:
    def test_a_face_that_fills_the_picture_is_one(self):
        assert is_one_face(GREY, Doubting(FILLING))

    @pytest.mark.parametrize(("score", "expected"), [(0.33, True), (0.31, False)])
    def test_it_may_score_less_than_the_threshold_but_not_much(self, score, expected):
        assert is_one_face(GREY, Doubting(FILLING, score)) is expected

    @pytest.mark.parametrize(
        "box", [(PLACE, PLACE, 30, 30), (PLACE - 60, PLACE, 100, 100), (0, 0, 20, 20)]
    )
    def test_one_that_is_small_or_beside_the_middle_is_none(self, box):
        assert not is_one_face(GREY, Doubting(box))

    @pytest.mark.parametrize(
        ("size", "expected"), [((300, 200), True), ((301, 200), False), ((200, 301), False)]
    )
    def test_the_picture_must_be_squarish(self, size, expected):
        assert is_one_face(Image.new("RGB", size), Doubting(FILLING)) is expected

    def test_it_costs_one_small_detection(self):
        detector = Doubting(FILLING)
        is_one_face(Image.new("RGB", (4000, 3000)), detector)
        assert [image.size for image in detector.shown] == [(GROUND, GROUND)]

    @pytest.mark.parametrize("colour", [0, 90, 255])
    def test_a_plain_picture_is_none(self, colour):
        assert not is_one_face(Image.new("L", (300, 300), colour), load_detector())

    def test_a_close_up_is_one_with_the_detector_of_the_package(self):
        face = read_image(SAMPLES / "hopper.jpg").crop((175, 110, 360, 335))
        assert is_one_face(face.resize((740, 900)), load_detector())


class TestAnswer:
    @pytest.fixture
    def answer(self, tmp_path, model_file, monkeypatch, draw):
        """Answer a picture of one tone in which nothing is found, with these settings."""
        path = tmp_path / "photo.png"
        draw(200, size=(300, 300)).save(path)
        monkeypatch.setattr("fer_onnx.detector.load_detector", lambda name: Doubting(FILLING))
        return lambda **settings: Answerer(Settings(str(model_file), **settings)).answer(
            Picture("photo.png", str(path))
        )

    def test_it_is_taken_whole_and_marked_so(self, answer):
        record = answer()
        (face,) = record.faces
        assert record.to_dict()["whole"] is True
        assert (face.box, face.detection_score) == ((0, 0, 300, 300), None)

    @pytest.mark.parametrize("settings", [{}, {"min_score": 0.0}, {"labels": ("dark", "bright")}])
    def test_it_is_uncertain_whatever_its_score(self, answer, settings):
        (face,) = answer(**settings).faces
        assert (face.label, face.uncertain, face.legible) == ("bright", True, True)
        assert face.score > 0.85

    def test_who_asks_for_a_search_gets_no_guess(self, answer):
        record = answer(faces="detect")
        assert (record.faces, record.whole) == ((), False)

    def test_who_asks_for_the_whole_gets_no_doubt(self, answer):
        record = answer(faces="whole")
        assert (record.faces[0].uncertain, record.whole) == (False, True)

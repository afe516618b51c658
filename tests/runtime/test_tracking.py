"""Scores over time: what is averaged, over which faces, and how fast it follows."""

import pytest

from fer_onnx import Face, Prediction
from fer_onnx.tracking import Steady

LEFT, RIGHT = (10, 10, 100, 100), (300, 10, 100, 100)


def face(happy: float, box=LEFT) -> Face:
    scores = {"happy": happy, "sad": 1 - happy}
    return Face(box, 0.9, Prediction.from_scores(scores, 0.6))


def happy(faces: list[Face]) -> list[float]:
    return [round(each.prediction.scores["happy"], 6) for each in faces]


def test_the_first_picture_is_answered_as_it_is():
    assert Steady().add([face(0.9)], 0.0, 0.6) == [face(0.9)]


def test_after_the_half_life_old_and_new_count_the_same():
    steady = Steady(half_life=0.5)
    steady.add([face(1.0)], 0.0, 0.6)
    assert happy(steady.add([face(0.0)], 0.5, 0.6)) == [0.5]


@pytest.mark.parametrize("rate", [5, 30])
def test_it_follows_a_change_as_fast_at_any_frame_rate(rate):
    steady = Steady(half_life=0.4)
    steady.add([face(1.0)], 0.0, 0.6)
    for n in range(1, rate * 4 // 5 + 1):
        (last,) = steady.add([face(0.0)], n / rate, 0.6)
    assert last.prediction.scores["happy"] == pytest.approx(0.25)  # two half-lives


def test_one_odd_picture_does_not_change_the_label():
    steady = Steady()
    labels = []
    for n, score in enumerate([0.9, 0.9, 0.2, 0.9, 0.9]):
        (seen,) = steady.add([face(score)], n / 10, 0.6)
        labels.append(seen.prediction.label)
    assert labels == ["happy"] * 5


def test_an_average_below_the_threshold_is_uncertain():
    steady = Steady(half_life=0.1)
    assert not steady.add([face(1.0)], 0.0, 0.6)[0].prediction.uncertain
    assert steady.add([face(0.0)], 0.1, 0.6)[0].prediction.uncertain


def test_faces_are_told_apart_by_where_they_are_not_by_their_order():
    steady = Steady(half_life=0.1)
    steady.add([face(1.0, LEFT), face(0.0, RIGHT)], 0.0, 0.6)
    swapped = steady.add([face(0.0, RIGHT), face(1.0, LEFT)], 0.1, 0.6)
    assert happy(swapped) == [0.0, 1.0]
    assert [each.box for each in swapped] == [RIGHT, LEFT]


def test_a_face_that_moves_a_little_is_the_same_and_one_elsewhere_is_new():
    steady = Steady(half_life=0.1)
    steady.add([face(1.0, LEFT)], 0.0, 0.6)
    assert happy(steady.add([face(0.0, (30, 20, 100, 100))], 0.1, 0.6)) == [0.5]
    assert happy(steady.add([face(0.0, RIGHT)], 0.2, 0.6)) == [0.0]


def test_a_face_that_went_away_is_forgotten():
    steady = Steady(half_life=10)
    steady.add([face(1.0)], 0.0, 0.6)
    steady.add([], 0.9, 0.6)
    assert happy(steady.add([face(0.0)], 2.0, 0.6)) == [0.0]


def test_a_face_that_cannot_be_read_keeps_its_average_and_is_uncertain():
    steady = Steady()
    steady.add([face(1.0)], 0.0, 0.6)
    blurred = Face(LEFT, 0.9, face(0.0).prediction.illegible())
    (seen,) = steady.add([blurred], 0.3, 0.6)
    assert happy([seen]) == [1.0]
    assert seen.prediction.uncertain
    assert not seen.prediction.legible

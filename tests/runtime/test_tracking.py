"""Faces of a video: their numbers, and scores over time: what is averaged, how fast it follows."""

import pytest

import fer_onnx
from fer_onnx import Face, Prediction, Tracker

LEFT, RIGHT = (10, 10, 100, 100), (300, 10, 100, 100)


def face(happy: float, box=LEFT) -> Face:
    scores = {"happy": happy, "sad": 1 - happy}
    return Face(box, 0.9, Prediction.from_scores(scores, 0.6))


def blurred(happy: float, box=LEFT) -> Face:
    return Face(box, 0.9, face(happy).prediction.illegible())


def start(**options) -> Tracker:
    return Tracker("happy-sad", min_score=0.6, **options)


def happy(faces: list[Face]) -> list[float]:
    return [round(each.scores["happy"], 6) for each in faces]


def numbers(faces: list[Face]) -> list[int | None]:
    return [each.track for each in faces]


def test_the_first_picture_is_answered_as_it_is():
    (seen,) = start().update([face(0.9)], 0.0)
    assert (seen.box, seen.prediction) == (face(0.9).box, face(0.9).prediction)


def test_after_the_half_life_old_and_new_count_the_same():
    tracker = start(half_life=0.5)
    tracker.update([face(1.0)], 0.0)
    assert happy(tracker.update([face(0.0)], 0.5)) == [0.5]


@pytest.mark.parametrize("rate", [5, 30])
def test_it_follows_a_change_as_fast_at_any_frame_rate(rate):
    tracker = start(half_life=0.4)
    tracker.update([face(1.0)], 0.0)
    for n in range(1, rate * 4 // 5 + 1):
        (last,) = tracker.update([face(0.0)], n / rate)
    assert last.scores["happy"] == pytest.approx(0.25)  # two half-lives


def test_one_odd_picture_does_not_change_the_label():
    tracker = start()
    labels = []
    for n, score in enumerate([0.9, 0.9, 0.2, 0.9, 0.9]):
        (seen,) = tracker.update([face(score)], n / 10)
        labels.append(seen.label)
    assert labels == ["happy"] * 5


def test_an_average_below_the_threshold_is_uncertain():
    tracker = start(half_life=0.1)
    assert not tracker.update([face(1.0)], 0.0)[0].uncertain
    assert tracker.update([face(0.0)], 0.1)[0].uncertain


def test_the_threshold_is_the_models_own_unless_another_is_given():
    model = fer_onnx.load("happy-sad")
    threshold = model.info.uncertain_below
    for own in ("happy-sad", model):
        just = Tracker(own).update([face(threshold), face(threshold - 0.001, RIGHT)], 0.0)
        assert [each.uncertain for each in just] == [False, True]


def test_faces_are_told_apart_by_where_they_are_not_by_their_order():
    tracker = start(half_life=0.1)
    first = tracker.update([face(1.0, LEFT), face(0.0, RIGHT)], 0.0)
    swapped = tracker.update([face(0.0, RIGHT), face(1.0, LEFT)], 0.1)
    assert happy(swapped) == [0.0, 1.0]
    assert [each.box for each in swapped] == [RIGHT, LEFT]
    assert (numbers(first), numbers(swapped)) == ([1, 2], [2, 1])


def test_a_face_that_moves_a_little_is_the_same_and_one_elsewhere_is_new():
    tracker = start(half_life=0.1)
    tracker.update([face(1.0, LEFT)], 0.0)
    near = tracker.update([face(0.0, (30, 20, 100, 100))], 0.1)
    far = tracker.update([face(0.0, RIGHT)], 0.2)
    assert (happy(near), happy(far)) == ([0.5], [0.0])
    assert (numbers(near), numbers(far)) == ([1], [2])


def test_a_face_that_went_away_is_forgotten_and_its_number_is_not_given_again():
    tracker = start(half_life=10)
    tracker.update([face(1.0)], 0.0)
    tracker.update([], 0.9)
    back = tracker.update([face(0.0)], 2.0)
    assert (happy(back), numbers(back)) == ([0.0], [2])


def test_a_face_that_cannot_be_read_keeps_its_average_and_is_uncertain():
    tracker = start()
    tracker.update([face(1.0)], 0.0)
    (seen,) = tracker.update([blurred(0.0)], 0.3)
    assert happy([seen]) == [1.0]
    assert seen.uncertain
    assert not seen.legible


def test_a_face_that_could_not_be_read_at_first_has_its_number_and_no_part_in_the_average():
    tracker = start()
    first = tracker.update([blurred(0.0)], 0.0)
    second = tracker.update([face(1.0)], 0.1)
    assert (numbers(first), numbers(second)) == ([1], [1])
    assert (happy(first), happy(second)) == ([0.0], [1.0])
    assert (first[0].legible, second[0].legible) == (False, True)


def test_pictures_out_of_order_and_faces_of_another_model_are_wrong_arguments():
    tracker = start()
    tracker.update([face(1.0)], 1.0)
    with pytest.raises(ValueError, match=r"^seconds=0\.5: expected 1\.0 or later$"):
        tracker.update([face(1.0)], 0.5)
    other = Face(LEFT, 0.9, Prediction.from_scores({"dark": 0.2, "bright": 0.8}, 0.6))
    message = "^faces: expected the labels happy, sad, not dark, bright$"
    with pytest.raises(ValueError, match=message):
        tracker.update([other], 1.1)
    with pytest.raises(ValueError, match=r"^half_life=0: expected seconds, above 0$"):
        start(half_life=0)

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
    tracker.update([], 1.9)
    back = tracker.update([face(0.0)], 2.1)
    assert (happy(back), numbers(back)) == ([0.0], [2])


def test_a_face_that_was_away_for_two_seconds_keeps_its_number():
    tracker = start()
    tracker.update([face(1.0)], 0.0)
    tracker.update([], 1.0)
    assert numbers(tracker.update([face(1.0)], 2.0)) == [1]


def moved(t: float, speed: float, start: float = 0.0) -> Face:
    return face(1.0, (round(start + speed * t), 10, 100, 100))


def test_a_face_that_goes_on_as_it_went_is_found_where_it_is_expected():
    tracker = start()
    for n in range(6):
        tracker.update([moved(n / 10, 300)], n / 10)
    assert tracker.expect(1.0) == [(300, 10, 100, 100)]
    assert numbers(tracker.update([moved(1.5, 300)], 1.5)) == [1]  # 300 pixels from where it was


@pytest.mark.parametrize("rate", [5, 30])
def test_its_speed_is_learnt_in_seconds_not_in_pictures(rate):
    tracker = start()
    for n in range(rate + 1):
        tracker.update([moved(n / rate, 100)], n / rate)
    for n in range(1, round(0.6 * rate) + 1):  # it turns; two half-lives later, that counts 3/4
        tracker.update([moved(n / rate, -100, 100)], 1 + n / rate)
    ((x, *_),) = tracker.expect(2.6)
    assert x == pytest.approx(40 - 50, abs=8)


def test_a_face_that_flits_farther_than_its_box_is_another_unless_it_moved_so_before():
    tracker = start()
    tracker.update([face(1.0, (0, 0, 100, 100))], 0.0)
    assert numbers(tracker.update([face(1.0, (73, 0, 100, 100))], 0.1)) == [1]  # 0.156 in common
    again = start()
    again.update([face(1.0, (0, 0, 100, 100))], 0.0)
    assert numbers(again.update([face(1.0, (75, 0, 100, 100))], 0.1)) == [2]  # 0.143 in common


def test_faces_are_assigned_all_at_once_not_each_to_what_is_nearest_to_it():
    tracker = start()
    tracker.update([face(1.0, (0, 0, 100, 100)), face(1.0, (50, 0, 100, 100))], 0.0)
    # what is at 30 is nearest to the second; had that taken it, the first would have none
    found = tracker.update([face(1.0, (30, 0, 100, 100)), face(1.0, (80, 0, 100, 100))], 0.0)
    assert numbers(found) == [1, 2]


@pytest.mark.parametrize("speed", [60, 150, 300])
def test_two_faces_that_cross_keep_their_numbers_though_one_hides_the_other(speed):
    """They are hidden for as long as their boxes are on the same face."""
    tracker, seen = start(), {}
    for n in range(round(40 * 600 / speed / 4) + 1):
        t = n / 10
        left, right = moved(t, speed), moved(t, -speed, 600)
        hidden = abs(left.box[0] - right.box[0]) < 34
        for found in tracker.update([left] if hidden else [left, right], t):
            seen.setdefault(found.track, []).append(found.box[0] - left.box[0])
    assert sorted(seen) == [1, 2]
    assert set(seen[1]) == {0}


def test_after_a_cut_all_are_new_and_numbered_on():
    tracker = start()
    tracker.update([face(1.0, LEFT), face(1.0, RIGHT)], 0.0)
    tracker.reset()
    assert tracker.expect(0.1) == []
    assert numbers(tracker.update([face(0.0, LEFT)], 0.1)) == [3]
    tracker.reset(7)
    assert numbers(tracker.update([face(0.0, LEFT)], 0.1)) == [8]


def test_scores_that_flicker_between_two_labels_leave_the_label_steady():
    tracker, labels = start(), []
    for n in range(30):  # three pictures of happy to one of sad, at 10 a second
        (seen,) = tracker.update([face(0.1 if n % 4 == 3 else 0.9)], n / 10)
        labels.append(seen.label)
    assert labels == ["happy"] * 30


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


def test_a_face_that_is_covered_little_by_little_is_expected_to_go_on_as_before():
    tracker = start()
    for step in range(6):  # 100 pixels a second to the right
        tracker.update([face(0.9, (10 * step, 50, 40, 50))], step / 10)
    for step, width in ((6, 28), (7, 16)):  # its right half goes behind something at x 88
        (seen,) = tracker.update([face(0.9, (88 - width, 50, width, 50))], step / 10)
        assert seen.track == 1
    (expected,) = tracker.expect(1.0)
    assert expected[0] == pytest.approx(100, abs=15)
    assert expected[2:] == (40, 50)


@pytest.mark.parametrize(("x", "track"), [(165, 1), (195, 2)])
def test_a_face_that_was_hidden_comes_back_up_to_a_side_from_where_it_is_expected(x, track):
    tracker = start()
    for step in range(6):
        tracker.update([face(0.9, (10 * step, 50, 40, 50))], step / 10)
    tracker.update([], 1.0)
    (back,) = tracker.update([face(0.9, (x, 50, 40, 50))], 1.2)  # expected at 120
    assert back.track == track

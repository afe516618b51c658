"""Moments of films: who is seen when, numbered and steadied, whichever way up the film is."""

from dataclasses import replace
from itertools import pairwise

import pytest

import fer_onnx
from fer_onnx import video
from fer_onnx.boxes import overlap
from fer_onnx.video.film import Film
from fer_onnx.video.reading import Reading

from .conftest import HAPPY, cut, dark, empty, moving, rows, scene, still, two


def tracks(moments) -> list[list[int | None]]:
    return [[face.track for face in moment.faces] for moment in moments]


@pytest.mark.parametrize("every", [0.2, 0.4])
def test_a_film_has_a_moment_at_every_interval(films, every):
    moments = list(video.read(films("still.mp4"), every))
    assert [moment.t for moment in moments] == [
        round(n * every, 1) for n in range(round(2 / every))
    ]
    assert [moment.frame for moment in moments] == [round(25 * moment.t) for moment in moments]
    for moment in moments:
        (face,) = moment.faces
        assert (face.label, face.track) == ("happy", 1)


def test_a_moment_without_a_face_is_one_too(films):
    moments = list(video.read(films("empty.mp4", empty, rows(50))))
    assert tracks(moments) == [[]] * 10


def test_a_face_that_appears_in_the_dark_film_is_found_when_there_is_light(films):
    moments = list(video.read(films("dark.mp4", dark, rows(50))))
    assert tracks(moments) == [[]] * 5 + [[1]] * 5


def test_two_faces_keep_their_numbers_and_their_expressions(films):
    moments = list(video.read(films("two.mp4", two, rows(50), sound=True)))
    for moment in moments:
        by_place = sorted(moment.faces, key=lambda face: face.box[0])
        assert [face.label for face in by_place] == ["happy", "neutral"]
    assert len({(face.track, face.label) for moment in moments for face in moment.faces}) == 2


def test_a_moving_face_is_one_track(films):
    moments = list(video.read(films("moving.mp4", moving, rows(75))))
    assert tracks(moments) == [[1]] * 15
    lefts = [moment.faces[0].box[0] for moment in moments]
    assert all(earlier < later for earlier, later in pairwise(lefts))


def test_a_cut_ends_a_track_though_the_next_face_is_in_the_same_place(films):
    moments = list(video.read(films("cut.mp4", cut, rows(50))))
    assert tracks(moments) == [[1]] * 5 + [[2]] * 5
    assert moments[5].steadied[0].scores == moments[5].faces[0].scores


@pytest.mark.parametrize("stored", [1, 2, 3])
def test_a_film_that_lies_on_its_side_is_found_out_and_boxes_lie_in_it_as_it_is_shown(
    films, stored
):
    (upright, *_) = video.read(films("still.mp4"))
    moments = list(video.read(films(f"side{stored}.mp4", still, rows(50), stored=stored)))
    with Film(films(f"side{stored}.mp4")) as film:
        size = film.size
    from fer_onnx.orientation import turn_back

    for moment in moments:
        (face,) = moment.faces
        assert (face.label, face.quarters) == ("happy", 4 - stored)
        turned = turn_back(upright.faces[0].box, size, face.quarters)
        assert overlap(face.box, turned) > 0.7


def test_which_way_up_is_decided_once(films, monkeypatch):
    from fer_onnx.video import reading

    asked = []
    find = reading.find_faces
    monkeypatch.setattr(reading, "find_faces", lambda *args: asked.append(1) or find(*args))
    list(video.read(films("still.mp4"), 0.04))
    assert len(asked) == 2  # pictures a second apart, of two seconds


def test_a_film_that_says_which_way_up_it_is_is_believed(films, monkeypatch):
    from fer_onnx.video import reading

    monkeypatch.setattr(reading, "find_faces", None)
    moments = list(video.read(films("phone.mp4", still, rows(50), turn=90, stored=3)))
    assert {face.quarters for moment in moments for face in moment.faces} == {0}
    assert tracks(moments) == [[1]] * len(moments)


class Counting:
    """The bundled detector, with the sizes of the pictures that it searched."""

    def __init__(self):
        self.sizes = []
        self._detector = fer_onnx.load_detector()

    def detect(self, image):
        self.sizes.append(image.size)
        return self._detector.detect(image)


def nearer(t):
    width, height = HAPPY.size
    return scene((HAPPY.resize((round(1.1 * width), round(1.1 * height))), 160, 95))


def test_in_between_faces_are_searched_for_where_they_are_expected(films):
    near, whole = Counting(), Counting()
    some = list(video.read(films("nearer.mp4", nearer, rows(50), turn=90, stored=3), detector=near))
    every = list(
        video.read(
            films("nearer.mp4", nearer, rows(50), turn=90, stored=3),
            detector=whole,
            search_every=0,
        )
    )
    assert whole.sizes == [(320, 180)] * 10
    assert near.sizes.count((320, 180)) == 4  # at 0, 0.6, 1 and 1.6 seconds
    assert len(near.sizes) == 10
    assert tracks(some) == tracks(every)
    for one, other in zip(some, every, strict=True):
        (seen,), (found,) = one.faces, other.faces
        assert overlap(seen.box, found.box) > 0.7


def test_a_face_that_is_not_found_where_it_is_expected_is_searched_for_everywhere(films):
    detector = Counting()
    moments = list(video.read(films("cut.mp4"), detector=detector))
    assert tracks(moments) == [[1]] * 5 + [[2]] * 5


def test_a_region_is_all_that_is_looked_at(films):
    moments = list(video.read(films("two.mp4"), region=(160, 0, 160, 180)))
    whole = list(video.read(films("two.mp4")))
    for moment, both in zip(moments, whole, strict=True):
        (face,) = moment.faces
        assert face.label == "neutral"
        (same,) = (other for other in both.faces if other.label == "neutral")
        assert overlap(face.box, same.box) > 0.7
    with pytest.raises(
        ValueError, match=r"^region 0,0,321,180: outside the picture of 320x180 pixels$"
    ):
        video.read(films("two.mp4"), region=(0, 0, 321, 180))


def test_smaller_faces_are_passed_over(films):
    (moment, *_) = video.read(films("two.mp4"))
    largest, smallest = (face.box[3] for face in moment.faces)
    assert smallest < largest
    for kept in video.read(films("two.mp4"), min_face=largest - 2):
        assert [face.box[3] >= largest - 2 for face in kept.faces] == [True]


def test_a_part_has_the_moments_that_it_has_in_the_whole(films):
    whole = list(video.read(films("two.mp4")))
    part = list(video.read(films("two.mp4"), start=0.4, end=1.0))
    assert [moment.t for moment in part] == [0.4, 0.6, 0.8]
    assert [moment.frame for moment in part] == [moment.frame for moment in whole[2:5]]


def test_answers_are_among_the_labels_that_were_chosen(films):
    (moment, *_) = video.read(films("still.mp4"), labels=["sad", "neutral"], min_score=1.0)
    (face,) = moment.faces
    assert set(face.scores) == {"sad", "neutral"}
    assert face.uncertain


def test_wrong_arguments_are_told_at_once(films):
    for options, message in [
        ({"every": -1.0}, "^every=-1.0: expected seconds, 0 or more$"),
        ({"start": 2.0, "end": 1.0}, "^start=2.0, end=1.0: expected 0 ≤ start < end$"),
        ({"labels": ["glad"]}, "^no label glad; there are angry, "),
        ({"region": (0, 0, 0, 5)}, "^box "),
    ]:
        with pytest.raises(ValueError, match=message):
            video.read(films("still.mp4"), **options)
    with pytest.raises(fer_onnx.VideoError, match="no such file"):
        video.read("none.mp4")


def test_a_part_beyond_the_end_has_no_pictures(films):
    with pytest.raises(fer_onnx.VideoError, match=r"no picture from 10\.0 s on; it has 2\.0 s$"):
        list(video.read(films("still.mp4"), start=10.0))


def test_a_film_that_is_cut_off_is_told_after_its_moments(films, tmp_path):
    data = films("long.mkv", still, rows(75)).read_bytes()
    path = tmp_path / "cut.mkv"
    path.write_bytes(data[: len(data) // 2])
    seen = []
    with pytest.raises(fer_onnx.VideoError, match="cut off"):
        seen.extend(video.read(path))
    assert len(seen) > 2
    assert tracks(seen) == [[1]] * len(seen)


@pytest.mark.parametrize("name", ["two.mp4", "cut.mp4", "moving.mp4", "dark.mp4"])
def test_what_is_gone_on_with_ends_as_what_was_not_broken_off(films, name):
    """At every moment: the rest is the same, whatever a table leaves out of a face."""
    model, detector = fer_onnx.load(), fer_onnx.load_detector()

    def begin() -> Reading:
        return Reading.begin(
            films(name), video.reading.Span(), video.follower.Look(), model, detector
        )

    first = begin()
    cuts, whole = [], []
    for moment in first.moments():
        whole.append(moment)
        cuts.append(first.follower.cut)
    for done in range(1, len(whole)):
        again = begin()
        for moment in whole[:done]:
            faces = tuple(replace(face, crop=None, quarters=0) for face in moment.faces)
            again.follower.recall(replace(moment, faces=faces), cuts[done - 1])
        assert list(again.moments()) == whole[done:]
        assert again.follower.cut == cuts[-1]

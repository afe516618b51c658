"""What is a face in a photograph: people's word, two detectors' agreement, captions, and doubt."""

from typing import get_args

import numpy as np
import pytest

from train.data.captions import names_animals_alone
from train.data.faceset import place_by_name
from train.detection.archive import (
    DEVELOPMENT,
    HELD_OUT,
    Part,
    Photograph,
    list_photographs,
    select,
)
from train.detection.average_precision import Found, draw_curve
from train.detection.labels import label, overlaps, stack_boxes
from train.detection.pseudo_labels import TeacherDetections, ask_detectors, read_detections
from train.errors import DataError

HERE, THERE, ELSEWHERE = (10, 10, 20, 20), (60, 10, 20, 20), (10, 60, 20, 20)


def see(first, second):
    return TeacherDetections("scenes/a.jpg", 100, 100, tuple(first), tuple(second))


class TestLabels:
    def test_of_scenes_a_face_is_what_both_see_and_the_rest_is_in_doubt(self):
        detected = see([(*HERE, 0.9), (*THERE, 0.9)], [(12, 10, 20, 20, 0.8), (*ELSEWHERE, 0.9)])
        known = label(Photograph("scenes/a.jpg", "scenes"), detected)
        assert known.faces.tolist() == [[11, 10, 20, 20]]  # the mean of both boxes
        assert known.ignored.tolist() == [list(THERE), list(ELSEWHERE)]

    def test_what_both_see_but_one_is_not_sure_of_is_in_doubt(self):
        detected = see([(*HERE, 0.9)], [(*HERE, 0.6)])
        known = label(Photograph("scenes/a.jpg", "scenes"), detected)
        assert len(known.faces) == 0
        assert known.ignored.tolist() == [list(HERE)] * 2

    def test_where_people_drew_boxes_these_are_the_faces(self):
        detected = see([(*HERE, 0.9)], [(*THERE, 0.9)])
        known = label(Photograph("people/a.jpg", "people", boxes=(THERE,)), detected)
        assert known.faces.tolist() == [list(THERE)]
        assert known.ignored.tolist() == [list(HERE)]

    def test_animals_have_no_faces_but_what_both_are_very_sure_of_may_be_a_person(self):
        detected = see([(*HERE, 0.75), (*THERE, 0.9)], [(*HERE, 0.75), (*THERE, 0.9)])
        known = label(Photograph("scenes/a.jpg", "scenes", animals=True), detected)
        assert len(known.faces) == 0
        assert known.ignored.tolist() == [list(THERE)]


@pytest.mark.parametrize(
    ("captions", "alone"),
    [
        ("A black dog and a spotted dog are fighting", True),
        ("Two puppies play", True),
        ("A man walks his dog", False),
        ("A creek winds through the woods .", False),
        ("", False),
    ],
)
def test_captions_tell_animals_without_people(captions, alone):
    assert names_animals_alone(captions) is alone


class TestArchive:
    def test_a_quarter_at_most_is_held_out_the_same_at_every_run(self, photos):
        photographs = list_photographs(photos)
        assert photographs == list_photographs(photos)
        kept = select(photographs, "held out")
        assert [photo.kind for photo in kept].count("people") == 2
        assert sum(photo.animals for photo in kept) == 1
        assert min(HELD_OUT.values()) == 100

    def test_every_other_photograph_is_for_training_or_by_its_name_for_development(self, photos):
        photographs = list_photographs(photos)
        parts = {part: select(photographs, part) for part in get_args(Part)}
        assert sum(map(len, parts.values())) == len(photographs)
        assert all(place_by_name(photo.file) < DEVELOPMENT for photo in parts["development"])
        assert all(place_by_name(photo.file) >= DEVELOPMENT for photo in parts["training"])

    def test_boxes_and_animals_are_told(self, photos):
        by_file = {photo.file: photo for photo in list_photographs(photos)}
        assert len(by_file["people/0.jpg"].boxes) == 1
        assert by_file["scenes/0.jpg"].animals
        assert not by_file["scenes/1.jpg"].animals

    def test_another_file_is_one_line(self, tmp_path):
        path = tmp_path / "photos.zip"
        path.write_bytes(b"no zip")
        with pytest.raises(DataError, match=r"photos\.zip: not an archive of photographs"):
            list_photographs(path)


class TestTeacherDetections:
    def test_they_are_asked_for_once_and_read_afterwards(self, photos, detectors, tmp_path):
        photographs, kept = list_photographs(photos), tmp_path / "runs" / "detections.jsonl"
        known = ask_detectors(photos, photographs, kept, print)
        assert set(known) == {photo.file for photo in photographs}
        asked = len(detectors)
        assert asked > 0
        assert ask_detectors(photos, photographs, kept, print) == known == read_detections(kept)
        assert len(detectors) == asked

    def test_a_line_that_a_kill_cut_off_is_asked_for_again(self, photos, detectors, tmp_path):
        photographs, kept = list_photographs(photos), tmp_path / "detections.jsonl"
        known = ask_detectors(photos, photographs, kept, print)
        kept.write_text(kept.read_text()[:-40])
        assert len(read_detections(kept)) == len(known) - 1
        assert ask_detectors(photos, photographs, kept, print) == known == read_detections(kept)

    def test_a_squashed_scene_is_seen_in_the_shape_with_the_surest_faces(
        self, photos, detectors, tmp_path
    ):
        known = ask_detectors(photos, list_photographs(photos), tmp_path / "kept.jsonl", print)
        assert (known["scenes/1.jpg"].width, known["scenes/1.jpg"].height) == (375, 500)
        assert (known["people/0.jpg"].width, known["people/0.jpg"].height) == (120, 90)


def found(*rows):
    table = stack_boxes(rows, 5)
    return Found(table[:, :4], table[:, 4])


class TestScore:
    def test_overlaps_are_intersection_by_union(self):
        one, other = (
            stack_boxes([(0, 0, 10, 10)], 4),
            stack_boxes([(5, 0, 10, 10), (20, 0, 5, 5)], 4),
        )
        assert overlaps(one, other) == pytest.approx(np.array([[50 / 150, 0]]))

    def test_every_face_found_and_nothing_else_is_a_precision_of_one(self):
        curve = draw_curve(
            [found((*HERE, 0.9)), found((*THERE, 0.2))],
            [stack_boxes([HERE], 4), stack_boxes([THERE], 4)],
        )
        assert curve.average_precision == 1
        assert curve.recall_at(0) == 1

    def test_a_second_box_on_a_face_is_wrong(self):
        curve = draw_curve([found((*HERE, 0.9), (*HERE, 0.8))], [stack_boxes([HERE], 4)])
        assert curve.right.tolist() == [True, False]

    def test_precision_is_averaged_over_the_faces(self):
        # right, wrong, right: precision 1 at half of the faces, 2/3 at all
        given = found((*HERE, 0.9), (*ELSEWHERE, 0.8), (*THERE, 0.7))
        curve = draw_curve([given], [stack_boxes([HERE, THERE], 4)])
        assert curve.average_precision == pytest.approx((1 + 2 / 3) / 2)
        assert curve.recall_at(0.5) == 0.5
        assert curve.recall_at(1) == 1

    def test_faces_of_other_heights_count_neither_as_right_nor_as_wrong(self):
        large = (100, 100, 60, 60)
        given = found((*HERE, 0.9), (*large, 0.8), (200, 200, 70, 70, 0.7))
        curve = draw_curve([given], [stack_boxes([HERE, large], 4)], (16, 24))
        assert curve.faces == 1
        assert curve.right.tolist() == [True]

    def test_no_face_at_all_has_no_precision(self):
        assert np.isnan(draw_curve([found()], [stack_boxes([], 4)]).average_precision)

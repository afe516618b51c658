"""What a network is asked to answer."""

import numpy as np
import pytest

from train.data.faceset import LABELS, FaceSet
from train.data.targets import make_target, true_labels
from train.errors import DataError


def face_set(votes, original):
    count = len(original)
    return FaceSet(
        images=np.zeros((count, 2, 2, 1), np.uint8),
        splits=np.array(["Training"] * count),
        original=np.array(original),
        votes=None if votes is None else np.array(votes),
        labels=LABELS,
        name="FER2013",
        names=np.array([str(i) for i in range(count)]),
    )


#        neutral happy surprise sad angry disgust fear contempt unknown not-a-face
CLEAR = [0, 8, 1, 0, 0, 0, 0, 0, 1, 0]
SPLIT = [4, 0, 0, 4, 1, 0, 0, 0, 1, 0]
UNKNOWN = [0, 0, 0, 1, 0, 0, 0, 0, 9, 0]
NO_FACE = [0, 0, 0, 2, 0, 0, 0, 0, 0, 8]
CONTEMPT = [2, 0, 0, 0, 0, 0, 0, 8, 0, 0]


def test_majority_needs_more_than_half_of_the_votes_above_one():
    faces = face_set([CLEAR, SPLIT, UNKNOWN, NO_FACE, CONTEMPT], [3, 4, 4, 4, 6])
    assert true_labels(faces, "ferplus", LABELS).tolist() == [3, -1, -1, -1, -1]


def test_votes_become_shares_without_single_votes():
    target = make_target(face_set([CLEAR, SPLIT, UNKNOWN], [3, 4, 4]), "ferplus", LABELS)
    assert target.weight.tolist() == [1, 1, 0]
    assert target.soft[0].tolist() == [0, 0, 0, 1, 0, 0, 0]
    assert target.soft[1].tolist() == [0, 0, 0, 0, 0.5, 0, 0.5]
    assert target.soft[2].sum() == 0


@pytest.mark.parametrize("head", ["original", "ferplus"])
def test_what_is_voted_not_a_face_is_to_be_answered_with_every_label_alike(head):
    target = make_target(face_set([CLEAR, NO_FACE], [3, -1]), head, ("happy", "sad"))
    assert target.soft.tolist() == [[1, 0], [0.5, 0.5]]
    assert target.weight.tolist() == [1, 1]


def test_a_face_without_an_original_label_does_not_count():
    assert true_labels(face_set([CLEAR, NO_FACE], [3, -1]), "original", LABELS).tolist() == [3, -1]


def test_original_labels_are_one_hot_and_others_do_not_count():
    faces = face_set(None, [3, 4, 0])
    assert true_labels(faces, "original", ("happy", "sad")).tolist() == [0, 1, -1]
    target = make_target(faces, "original", ("sad", "happy"))
    assert target.soft.tolist() == [[0, 1], [1, 0], [0, 0]]
    assert target.weight.tolist() == [1, 1, 0]


def test_without_votes_there_is_no_ferplus():
    with pytest.raises(ValueError, match="has no FER"):
        make_target(face_set(None, [3]), "ferplus", LABELS)


def test_an_unknown_head_and_labels_without_votes_are_one_line():
    faces = face_set([CLEAR], [3])
    with pytest.raises(DataError, match=r"^no head 'valence'; there are original, ferplus$"):
        true_labels(faces, "valence", LABELS)
    with pytest.raises(DataError, match=r"^FER2013: FER\+ has no votes on bored, tired$"):
        make_target(faces, "ferplus", ("happy", "tired", "bored"))

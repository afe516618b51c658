"""What is held out together, and how it is dealt."""

from dataclasses import replace

import numpy as np
import pytest

from train.data.faceset import FaceSet
from train.data.folds import group_faces, make_folds
from train.errors import DataError


def make_faces(names, columns=None, seed=0) -> FaceSet:
    count = len(names)
    images = np.random.default_rng(seed).integers(0, 256, (count, 48, 48, 1), dtype=np.uint8)
    original = np.array([int(name.startswith("sad")) for name in names])
    splits, names = np.full(count, "train"), np.array(names)
    return FaceSet(images, splits, original, None, ("happy", "sad"), "x", names, columns or {})


def alike(numbers: np.ndarray) -> list[set[int]]:
    return [set(np.flatnonzero(numbers == n).tolist()) for n in dict.fromkeys(numbers.tolist())]


def test_every_fold_has_its_share_of_every_label():
    truth = np.repeat([0, 1, 2], [50, 20, 5])
    folds = make_folds(truth, np.arange(75), 5)
    for label, share in enumerate((10, 4, 1)):
        assert np.bincount(folds[truth == label], minlength=5).tolist() == [share] * 5


def test_a_group_is_never_torn_apart():
    groups = np.arange(90) // 3
    folds = make_folds(np.arange(90) % 2, groups, 5)
    for group in range(30):
        assert len(set(folds[groups == group])) == 1


@pytest.mark.parametrize(
    "names",
    [
        ["happy/ann/1.png", "happy/ann/2.png", "sad/ann/1.png", "sad/bob/1.png"],
        ["happy/ann_1.png", "happy/ann_2.png", "sad/ann-3.png", "sad/bob_1.png"],
    ],
)
def test_folders_and_numbered_names_tell_people(names):
    others = [f"sad/p{chr(97 + i)}_1.png" for i in range(20)]
    groups = group_faces(make_faces(names + others))
    assert alike(groups.numbers)[0] == {0, 1, 2}
    assert groups.people == 22


def test_the_numbers_of_a_camera_are_no_people():
    groups = group_faces(make_faces([f"happy/IMG_{i:04d}.png" for i in range(30)]))
    assert groups.people == 0
    assert len(set(groups.numbers)) == 30


def test_a_column_names_people():
    faces = make_faces(["a.png", "b.png", "c.png"], {"who": np.array(["ann", "bob", "ann"])})
    assert alike(group_faces(faces, "who").numbers) == [{0, 2}, {1}]
    with pytest.raises(DataError, match="no column 'name' in its table; it has who"):
        group_faces(faces, "name")


def test_copies_join_what_names_keep_apart():
    names = ["happy/ann/1.png", "happy/ann/2.png", "sad/bob/1.png", "sad/bob/2.png", "sad/x.png"]
    faces = make_faces([*names, *(f"sad/{i}.png" for i in "abcdefghij")])
    images = faces.images.copy()
    images[2] = images[0]
    groups = group_faces(replace(faces, images=images))
    assert alike(groups.numbers)[0] == {0, 1, 2, 3}
    assert groups.copies == 1

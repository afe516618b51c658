"""Faces held out in turn: every label in every part, one person and one picture in one alone."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from train.errors import DataError

from .duplicates import SIDE, group_alike
from .faceset import FaceSet

NUMBERED = re.compile(r"(.*[^\W\d_])[ _.-]+\d+$")  # "anna_07": the seventh picture of anna
LARGEST = 0.2  # share of the faces that one name may have; beyond, it is a camera's ("IMG_0123")


class Groups(NamedTuple):
    """Which faces must not be torn apart.

    Attributes:
        numbers: int array (n,), alike within a group.
        pictures: int array (n,), alike for copies and near-copies of one picture.
        people: how many people are known by name; 0 if nothing tells them apart.
    """

    numbers: npt.NDArray[np.int64]
    pictures: npt.NDArray[np.int64]
    people: int

    @property
    def copies(self) -> int:
        """How many faces are copies, or nearly, of another one."""
        return len(self.pictures) - len(np.unique(self.pictures))


def group_faces(faces: FaceSet, column: str | None = None) -> Groups:
    """Put copies, near-copies, and all faces of a person into one group.

    Args:
        faces: the data set.
        column: of its table that names the person; None: file names do, as in
            `happy/anna/1.jpg` or `happy/anna_1.jpg`, if they do.

    Raises:
        DataError: no such column.
    """
    alike = group_alike(_shrink(faces))
    names = _name_people(faces, column)
    known = np.unique(names[names != ""])
    parts = [alike]
    if len(known):
        numbers = {name: index for index, name in enumerate(known)}
        parts.append(np.array([numbers.get(name, -1 - i) for i, name in enumerate(names)]))
    return Groups(_join(parts), alike, len(known))


def make_folds(
    truth: npt.NDArray[np.int64], groups: npt.NDArray[np.int64], count: int, seed: int = 0
) -> npt.NDArray[np.int64]:
    """Deal groups of faces to folds, so that each fold has its share of every label.

    The largest groups first, each to the fold that has least of its labels so far.

    Args:
        truth: int array (n,): index of the right label.
        groups: int array (n,), as `group_faces` numbers them.
        count: of the folds.
        seed: of the order of equally large groups.

    Returns:
        int array (n,): the fold of each face, from 0.
    """
    names, members = np.unique(groups, return_inverse=True)
    counts = np.zeros((len(names), truth.max() + 1))
    np.add.at(counts, (members, truth), 1)
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(-counts[order].sum(axis=1), kind="stable")]
    held = np.zeros((count, counts.shape[1]))
    whole = np.maximum(counts.sum(axis=0), 1)
    fold = np.zeros(len(names), dtype=np.int64)
    for group in order:
        growth = ((2 * held + counts[group]) * counts[group] / whole).sum(axis=1)
        fold[group] = np.lexsort((held.sum(axis=1), growth))[0]
        held[fold[group]] += counts[group]
    return fold[members]


def _shrink(faces: FaceSet) -> FaceSet:
    """Return the faces as `group_alike` compares them: grey, with sides that it can divide."""
    height, width, channels = faces.images.shape[1:]
    if channels == 1 and height % SIDE == width % SIDE == 0:
        return faces
    grey = faces.images.mean(axis=3, keepdims=True).astype(np.uint8)
    rows, columns = (
        np.linspace(0, side - 1, 3 * SIDE).round().astype(int) for side in (height, width)
    )
    return replace(faces, images=grey[:, rows][:, :, columns])


def _name_people(faces: FaceSet, column: str | None) -> npt.NDArray[np.str_]:
    """Name the person on each face; "" where nothing does."""
    if column is not None:
        if column not in faces.columns:
            there = ", ".join(faces.columns) or "none"
            raise DataError(f"{faces.name}: no column {column!r} in its table; it has {there}")
        return faces.columns[column]
    labels = [faces.labels[index] if index >= 0 else "" for index in faces.original]
    names = np.array([_name_person(*pair) for pair in zip(faces.names, labels, strict=True)])
    _, counts = np.unique(names[names != ""], return_counts=True)
    if not len(counts) or counts.max() > max(LARGEST * len(faces), 1) or counts.max() == 1:
        return np.full(len(faces), "")
    return names


def _name_person(name: str, label: str) -> str:
    """Read the person out of a face's name: a folder below the label's, or what is numbered."""
    parts = PurePosixPath(name).parts
    folders = parts[parts.index(label) + 1 : -1] if label in parts[:-1] else ()
    if folders:
        return "/".join(folders)
    numbered = NUMBERED.match(PurePosixPath(name).stem)
    return numbered[1] if numbered else ""


def _join(parts: Sequence[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """Number faces so that whatever is alike in one of the parts is alike."""
    groups = np.arange(len(parts[0]))
    changed = True
    while changed:
        before = groups.copy()
        for part in parts:
            _, members = np.unique(part, return_inverse=True)
            lowest = np.full(members.max() + 1, len(groups))
            np.minimum.at(lowest, members, groups)
            groups = lowest[members]
        changed = bool((groups != before).any())
    return groups

"""Data sets beside the first: a head for each that has labels, a teacher's answers for the others.

A face counts only for the heads that have a target for it, so label sets that contradict each other
learn side by side on one backbone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from fer_onnx.metadata import InputSpec

from .data import DataError, FaceSet, hold_out
from .forms import read_faces, read_parts
from .targets import HEADS, Target, teach

HELD_OUT = 1 / 3  # of a data set without labels; the names decide which
CERTAIN = 0.7  # a teacher's answers below are not learned
PRIOR_REMOVED = 0.6  # of the logarithm of the labels' shares, taken out of a teacher's answers
HAPPY, SMILE, AGE = "happy", "smile", "age"  # a label; columns of a table
AGES = (20, 40, 60)  # years at which a new band begins; all bands are shown equally often


class Source(NamedTuple):
    """Where a data set lies, and what it is called.

    Attributes:
        name: of its head.
        path: in any form that `read_faces` takes.
        split: the part that is measured after each epoch.
    """

    name: str
    path: Path
    split: str = "validation"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read NAME=PATH or NAME=PATH:SPLIT.

        Raises:
            ValueError: something else, or the name of a head that every training has.
        """
        name, equals, rest = text.partition("=")
        if not (name and equals and rest) or name in HEADS:
            raise ValueError(f"expected NAME=PATH or NAME=PATH:SPLIT, received {text!r}")
        path, colon, split = rest.rpartition(":")
        if not colon or "/" in split or "\\" in split:  # C:\faces is a path
            return cls(name, Path(rest))
        return cls(name, Path(path), split)


class Part(NamedTuple):
    """The training and the validation faces of one more data set; without labels, none of these."""

    name: str
    train: FaceSet
    validation: FaceSet | None


@dataclass(frozen=True)
class TrainingSet:
    """Faces of several data sets with their targets.

    Attributes:
        images: uint8 array (n, height, width, channels).
        targets: by head, over the same faces.
        counts: float array (n,): how often an epoch shows each face.
    """

    images: npt.NDArray[np.uint8]
    targets: dict[str, Target]
    counts: npt.NDArray[np.float64]

    def add(
        self,
        images: npt.NDArray[np.uint8],
        targets: Mapping[str, Target],
        counts: npt.NDArray[np.float64],
    ) -> Self:
        """Return this set with more faces; heads that one side lacks do not count there."""
        joined = {}
        for head in {**self.targets, **targets}:
            labels = (self.targets.get(head) or targets[head]).soft.shape[1]
            one, other = (
                given.get(head) or _no_target(n, labels)
                for given, n in ((self.targets, len(self.images)), (targets, len(images)))
            )
            joined[head] = Target(*(np.concatenate(pair) for pair in zip(one, other, strict=True)))
        return replace(
            self,
            images=np.concatenate([self.images, images]),
            targets=joined,
            counts=np.concatenate([self.counts, counts]),
        )


def read_sources(sources: Sequence[Source], spec: InputSpec) -> list[Part]:
    """Read data sets; of one without labels, a third is held out.

    Raises:
        DataError: nothing usable at a path, or no such split.
    """
    parts = []
    for source in sources:
        if read_parts(source.path, spec).labels:
            faces = read_faces(source.path, spec)
            part = Part(source.name, faces.split("train"), faces.split(source.split))
        else:
            faces = hold_out(read_parts(source.path, spec), HELD_OUT)
            part = Part(source.name, faces.split("train"), None)
        parts.append(part)
    return parts


def labels_of(part: Part, labels: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the labels that a data set has, in their order."""
    return tuple(label for label in labels if label in part.train.labels)


def make_labelled(
    part: Part, labels: tuple[str, ...], repeats: float
) -> tuple[npt.NDArray[np.uint8], dict[str, Target], npt.NDArray[np.float64]]:
    """Return faces, targets and counts of a data set with labels of its own."""
    target = teach(part.train, "original", labels)
    useful = target.weight > 0
    kept = Target(target.soft[useful], target.weight[useful])
    images = part.train.images[useful]
    return images, {part.name: kept}, np.full(len(images), repeats)


def make_anchors(
    faces: FaceSet,
    answers: npt.NDArray[np.floating],
    labels: tuple[str, ...],
    shares: npt.NDArray[np.float64],
    heads: Sequence[str],
    share: float,
) -> tuple[npt.NDArray[np.uint8], dict[str, Target], npt.NDArray[np.float64]]:
    """Make a teacher's certain answers the target of every head.

    What a head learned from posed faces alone takes wrinkles for anger; faces of all ages whose
    answer a crowd's head is certain of hold it back.

    Args:
        faces: without labels. A column `smile` (1 or 0) holds "happy" to it; bands of a column
            `age` are shown equally often.
        answers: of the teacher: array (n, labels), rows sum to 1.
        labels: in the order of the answers.
        shares: array (labels,): of the teacher's training targets.
        heads: that learn them.
        share: of the faces an epoch shows.

    Returns:
        Faces, targets and counts.

    Raises:
        DataError: no answer is certain.
    """
    soft = answers / shares**PRIOR_REMOVED
    soft /= soft.sum(axis=1, keepdims=True)
    agrees = np.ones(len(soft), dtype=bool)
    if SMILE in faces.columns and HAPPY in labels:
        smiles = faces.columns[SMILE] == "1"
        agrees = (soft.argmax(axis=1) == labels.index(HAPPY)) == smiles
    useful = agrees & (soft.max(axis=1) >= CERTAIN)
    if not useful.any():
        raise DataError(f"{faces.name}: the teachers are certain of no face")
    target = Target(soft[useful].astype(np.float32), np.ones(useful.sum(), dtype=np.float32))
    weights = _even_out(faces.take(useful))
    counts = share * len(weights) * weights / weights.sum()
    return faces.images[useful], dict.fromkeys(heads, target), counts


def _even_out(faces: FaceSet) -> npt.NDArray[np.float64]:
    """Return weights (n,) by which every band of ages counts alike."""
    if AGE not in faces.columns:
        return np.ones(len(faces))
    bands = np.digitize(faces.columns[AGE].astype(float), AGES)
    return 1 / np.bincount(bands)[bands]


def _no_target(count: int, labels: int) -> Target:
    return Target(np.zeros((count, labels), np.float32), np.zeros(count, np.float32))

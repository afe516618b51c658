"""Faces of several data sets with their targets: a head for each set of labels.

A face counts only for the heads that have a target for it, so label sets that contradict each
other learn side by side on one backbone. Of faces without labels, what a teacher is certain of
becomes the target of every head.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from train.data.faceset import FaceSet
from train.data.sources import Part, labels_of
from train.data.targets import Target, find_nonfaces, make_target, select_useful
from train.errors import DataError

from .distill import ask_teachers, mix_answers
from .preset import Preset

CERTAIN = 0.55  # a teacher's answers below are not learned
PRIOR_REMOVED = 0.3  # of the logarithm of the labels' shares, taken out of a teacher's answers
HAPPY, SMILE, AGE = "happy", "smile", "age"  # a label; columns of a table
AGES = (20, 40, 60)  # years at which a new band begins; all bands are shown equally often


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

    @property
    def faces(self) -> int:
        """How many faces an epoch shows."""
        return int(self.counts.sum())

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


def make_training_set(
    train: FaceSet,
    heads: Mapping[str, tuple[str, ...]],
    parts: Sequence[Part],
    preset: Preset,
    out: Path,
    say: Callable[[str], None],
) -> tuple[FaceSet, TrainingSet]:
    """Make the targets of the first data set, and add the others.

    Args:
        train: the first data set's training part.
        heads: labels of each of its heads.
        parts: further data sets.
        preset: the recipe: its teachers, and how often an epoch shows what.
        out: where the teachers' answers are kept.
        say: receives one line a teacher and data set.

    Returns:
        The faces of the first set that have a target, and all faces with their targets.
    """
    train, targets = select_useful(train, heads)
    if preset.teachers and preset.teacher_weight:
        answers = ask_teachers(preset.teachers, train, heads, out, say)
        targets = mix_answers(targets, answers, preset.teacher_weight, find_nonfaces(train))
    training = TrainingSet(train.images, targets, np.ones(len(train)))
    labels = next(iter(heads.values()))
    return train, add_parts(training, train, parts, preset, labels, out, say)


def add_parts(
    training: TrainingSet,
    first: FaceSet,
    parts: Sequence[Part],
    preset: Preset,
    labels: tuple[str, ...],
    out: Path,
    say: Callable[[str], None],
) -> TrainingSet:
    """Add more data sets: what has labels first, then what teachers answer, for every head."""
    nonfaces = find_nonfaces(first)
    head = list(training.targets)[-1]  # the crowd's, where there are votes
    for part in parts:
        if part.validation:
            chosen = labels_of(part, labels)
            training = training.add(*make_labelled(part, chosen, preset.repeats))
            target = training.targets[part.name]  # what is no face is none for this head either
            target.soft[: len(first)][nonfaces] = 1 / len(chosen)
            target.weight[: len(first)][nonfaces] = 1
    shares = training.targets[head].soft.sum(axis=0, dtype=np.float64)
    for part in parts:
        if part.validation:
            continue
        if not preset.teachers:
            raise DataError(f"{part.name}: has no labels, so it requires --teacher")
        answers = ask_teachers(preset.teachers, part.train, {head: labels}, out, say)[head]
        heads = [
            name for name, target in training.targets.items() if len(labels) == target.soft.shape[1]
        ]
        anchors = make_anchors(
            part.train, answers, labels, shares / shares.sum(), heads, preset.anchor_share
        )
        say(f"{part.name}: {len(anchors[0]):,} of {len(part.train):,} faces are certain")
        training = training.add(*anchors)
    return training


def make_labelled(
    part: Part, labels: tuple[str, ...], repeats: float
) -> tuple[npt.NDArray[np.uint8], dict[str, Target], npt.NDArray[np.float64]]:
    """Return faces, targets and counts of a data set with labels of its own."""
    target = make_target(part.train, "original", labels)
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
    years = np.array([float(age) if age else np.nan for age in faces.columns[AGE]])
    bands = np.where(np.isnan(years), len(AGES) + 1, np.digitize(years, AGES))
    return 1 / np.bincount(bands)[bands]


def _no_target(count: int, labels: int) -> Target:
    return Target(np.zeros((count, labels), np.float32), np.zeros(count, np.float32))

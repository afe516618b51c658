"""What a network is asked to answer: one target per head, for training and for evaluation.

Two heads, two label sets, two different tasks: `original`, the label that the data set gives, and
`ferplus`, the distribution of ten people's votes (Barsoum et al. 2016, arXiv:1608.01041).
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from train.errors import DataError

from .faceset import VOTES, FaceSet

HEADS = ("original", "ferplus")
MIXED = "mixed"  # a head made of others, not trained
FERPLUS = "FER+"  # its name in model files


class Target(NamedTuple):
    """Soft labels, float32 (n, labels); rows sum to 1 where `weight`, float32 (n,), is 1."""

    soft: npt.NDArray[np.float32]
    weight: npt.NDArray[np.float32]


def head_of(label_set: str) -> str:
    """Return the head whose labels a model file's label set has, the first of a mixture's."""
    return "ferplus" if label_set.split(",")[0] == FERPLUS else "original"


def judge_of(head: str, faces: FaceSet) -> str:
    """Return the head by whose labels another is measured: a mixture by the crowd's, if any."""
    if head in HEADS:
        return head
    return heads_of(faces)[-1] if head == MIXED else HEADS[0]


def heads_of(faces: FaceSet) -> tuple[str, ...]:
    """Return the heads that a data set has labels for."""
    return HEADS if faces.votes is not None else HEADS[:1]


def make_target(faces: FaceSet, head: str, labels: tuple[str, ...]) -> Target:
    """Make the training target of a head; single votes are dropped as noise.

    What most people voted not a face is to be answered with every label alike.
    """
    if head == "original":
        soft, weight = _one_hot(true_labels(faces, head, labels), len(labels))
    else:
        votes = _votes(faces)
        if unknown := set(labels) - set(VOTES):
            raise DataError(f"{faces.name}: FER+ has no votes on {', '.join(sorted(unknown))}")
        kept = votes[:, [VOTES.index(label) for label in labels]].astype(np.float32)
        weight = np.asarray(kept.any(axis=1), dtype=np.float32)
        soft = kept / np.maximum(kept.sum(axis=1, keepdims=True), 1)
    no_face = find_nonfaces(faces)
    soft[no_face], weight[no_face] = 1 / len(labels), 1
    return Target(soft, weight)


def select_useful(
    faces: FaceSet, heads: Mapping[str, tuple[str, ...]]
) -> tuple[FaceSet, dict[str, Target]]:
    """Return the faces that have a target for some head, with these targets."""
    targets = {head: make_target(faces, head, labels) for head, labels in heads.items()}
    useful = np.any([target.weight > 0 for target in targets.values()], axis=0)
    kept = {h: Target(target.soft[useful], target.weight[useful]) for h, target in targets.items()}
    return faces.take(useful), kept


def find_nonfaces(faces: FaceSet) -> npt.NDArray[np.bool_]:
    """Find what most people voted not a face: bool array (n,)."""
    if faces.votes is None:
        return np.zeros(len(faces), dtype=bool)
    votes = _votes(faces)
    return 2 * votes[:, VOTES.index("not a face")] > votes.sum(axis=1)


def select_evaluable(faces: FaceSet, heads: Mapping[str, tuple[str, ...]]) -> FaceSet:
    """Keep the faces on which some head can be evaluated.

    Raises:
        DataError: there is none.
    """
    answers = [true_labels(faces, head, labels) for head, labels in heads.items()]
    counts = np.any(np.array(answers) >= 0, axis=0)
    if not counts.any():
        names = ", ".join(sorted({label for labels in heads.values() for label in labels}))
        raise DataError(f"{faces.name}: no validation face has any of the labels {names}")
    return faces.take(counts)


def true_labels(faces: FaceSet, head: str, labels: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """Return the true label of each face for a head: int array (n,), -1 where none counts.

    For `ferplus` the majority protocol of FER+: votes of one are dropped, the label needs more
    than half of what remains; contempt, unknown and not-a-face do not count.
    """
    if head == "original":
        index = np.array([labels.index(n) if n in labels else -1 for n in faces.labels])
        return np.where(faces.original >= 0, index[faces.original], -1)
    if head not in HEADS:
        raise DataError(f"no head {head!r}; there are {', '.join(HEADS)}")
    votes = _votes(faces)
    index = np.array([labels.index(name) if name in labels else -1 for name in VOTES])
    majority = votes.max(axis=1) * 2 > votes.sum(axis=1)
    return np.where(majority, index[votes.argmax(axis=1)], -1)


def _votes(faces: FaceSet) -> npt.NDArray[np.int64]:
    if faces.votes is None:
        raise ValueError(f"{faces.name} has no FER+ votes")
    return np.where(faces.votes > 1, faces.votes, 0)


def _one_hot(
    answers: npt.NDArray[np.int64], count: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    weight = (answers >= 0).astype(np.float32)
    return np.eye(count, dtype=np.float32)[answers] * weight[:, None], weight

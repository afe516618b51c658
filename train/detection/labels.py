"""Boxes of faces, from people and two detectors; where these disagree, ignore regions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .archive import Photograph
from .pseudo_labels import TeacherDetections

SAME = 0.4  # intersection ÷ union from which two boxes are one face
SURE = 0.7  # score that both detectors must give a face
SURER = 0.8  # from which both may be right although the captions name animals alone

Boxes = npt.NDArray[np.float64]  # (n, 4): x, y, width, height in pixels


@dataclass(frozen=True)
class Labelled:
    """The faces of a picture.

    Attributes:
        width: of the picture in its true aspect, in pixels; the boxes are in these.
        height: likewise.
        faces: float array (n, 4) of x, y, width, height: what is to be found.
        ignored: float array (m, 4), ignore regions: neither a face nor background.
    """

    width: int
    height: int
    faces: Boxes
    ignored: Boxes


def label(photo: Photograph, detected: TeacherDetections) -> Labelled:
    """Decide on the faces of a picture.

    Where people drew boxes, these are the faces, and whatever else a detector sees is ignored.
    Elsewhere a face is what both detectors see, its box the mean of both; what only one of them
    sees is ignored. Where captions name animals alone, what they see is none, since both take dogs'
    heads for faces.
    """
    first, second = stack_boxes(detected.first, 5), stack_boxes(detected.second, 5)
    if photo.kind == "people":
        faces = stack_boxes(photo.boxes, 4)
        seen = np.concatenate([first, second])[:, :4]
        ignored = seen[~(overlaps(seen, faces) >= SAME).any(axis=1)]
        return Labelled(detected.width, detected.height, faces, ignored)
    least = SURER if photo.animals else SURE
    agreed = _agree(first, second, least)
    faces = average_agreed(first, second, least)
    alone = first[~agreed.any(axis=1), :4]
    ignored = np.concatenate([alone, second[~agreed.any(axis=0), :4]])
    if photo.animals:
        faces, ignored = faces[:0], faces
    return Labelled(detected.width, detected.height, faces, ignored)


def average_agreed(first: Boxes, second: Boxes, least: float) -> Boxes:
    """Return the faces that two detectors agree on, each box in the mean of both.

    Args:
        first: float array (n, 5): x, y, width, height, score.
        second: float array (m, 5), likewise.
        least: score that both must give a face.
    """
    agreed = _agree(first, second, least)
    if not agreed.any():
        return first[:0, :4]
    rows = agreed.any(axis=1)
    partners = np.where(agreed, overlaps(first, second), -1.0)[rows].argmax(axis=1)
    return (first[rows, :4] + second[partners, :4]) / 2


def _agree(first: Boxes, second: Boxes, least: float) -> npt.NDArray[np.bool_]:
    scores = np.minimum(first[:, None, 4], second[None, :, 4])
    return (overlaps(first, second) >= SAME) & (scores >= least)


def overlaps(boxes: Boxes, others: Boxes) -> npt.NDArray[np.float64]:
    """Divide intersection by union, of each box with each other: float array (n, m)."""
    left_top = np.maximum(boxes[:, None, :2], others[None, :, :2])
    ends = boxes[:, None, :2] + boxes[:, None, 2:4], others[None, :, :2] + others[None, :, 2:4]
    shared = np.maximum(np.minimum(*ends) - left_top, 0).prod(axis=2)
    areas = boxes[:, 2:4].prod(axis=1)[:, None] + others[:, 2:4].prod(axis=1)[None]
    return shared / np.maximum(areas - shared, 1e-9)


def stack_boxes(rows: Iterable[Sequence[float]], columns: int) -> Boxes:
    """Return rows as a float array (n, columns), also where there are none."""
    return np.array(list(rows), dtype=np.float64).reshape(-1, columns)

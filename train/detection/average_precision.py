"""How good a detector is: average precision, recall at a rate of false positives."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fer_onnx.detector import Detection

from .labels import SAME, Boxes, overlaps, stack_boxes


@dataclass(frozen=True)
class Found:
    """What a detector finds in one picture.

    Attributes:
        boxes: float array (n, 4): x, y, width, height in pixels.
        scores: float array (n,).
    """

    boxes: Boxes
    scores: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """Precision and recall over the threshold.

    Attributes:
        scores: float array (m,), of the detections that count, falling.
        right: bool array (m,), which of them are faces.
        faces: how many there are to find.
        pictures: how many were searched.
    """

    scores: npt.NDArray[np.float64]
    right: npt.NDArray[np.bool_]
    faces: int
    pictures: int

    @property
    def average_precision(self) -> float:
        """Area under precision over recall, each precision the best at that recall or above."""
        hits = np.cumsum(self.right)
        precision = hits / np.arange(1, len(hits) + 1)
        best = np.maximum.accumulate(precision[::-1])[::-1]
        return float(best[self.right].sum() / self.faces) if self.faces else float("nan")

    def recall_at(self, false_positives: float) -> float:
        """Return the recall at the lowest threshold with so few false positives a picture."""
        allowed = np.cumsum(~self.right) <= false_positives * self.pictures
        return float(self.right[allowed].sum() / self.faces) if self.faces else float("nan")


def gather(detections: Sequence[Detection]) -> Found:
    """Gather what a detector finds in one picture."""
    scores = np.array([found.score for found in detections], dtype=float)
    return Found(stack_boxes([found.box for found in detections], 4), scores)


def draw_curve(
    found: Sequence[Found],
    faces: Sequence[Boxes],
    heights: tuple[float, float] = (0.0, float("inf")),
) -> Curve:
    """Compare what a detector finds with what there is.

    A detection is right if it shares 0.4 (intersection ÷ union) with a face that no higher-scoring
    detection has taken. Of faces and detections only those of certain heights count; a detection
    on a face of another height counts neither as right nor as wrong.

    Args:
        found: of each picture.
        faces: of each picture, float array (n, 4).
        heights: least and most, in pixels; the most is excluded.
    """
    scores, right, total = [], [], 0
    for here, boxes in zip(found, faces, strict=True):
        counts = _within(boxes, heights)
        total += int(counts.sum())
        shared = overlaps(here.boxes, boxes)
        free = np.ones(len(boxes), bool)
        for index in np.argsort(-here.scores, kind="stable"):
            open_to = np.where(free, shared[index], 0) + counts * 1e-6
            match = int(open_to.argmax()) if len(boxes) else -1
            hit = match >= 0 and free[match] and shared[index, match] >= SAME
            if hit:
                free[match] = False
            if counts[match] if hit else _within(here.boxes[index : index + 1], heights)[0]:
                scores.append(here.scores[index])
                right.append(hit)
    order = np.argsort(-np.array(scores), kind="stable")
    return Curve(
        np.array(scores, dtype=float)[order], np.array(right, dtype=bool)[order], total, len(found)
    )


def _within(boxes: Boxes, heights: tuple[float, float]) -> npt.NDArray[np.bool_]:
    return (boxes[:, 3] >= heights[0]) & (boxes[:, 3] < heights[1])

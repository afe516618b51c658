"""The figures of a model file, as its metadata lists them."""

from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from fer_onnx.evaluation.metrics import score_answers
from train.data.faceset import FaceSet


@dataclass(frozen=True)
class AsTrained:
    """The figures before part of the label prior was taken out; shares are from 0 to 1."""

    accuracy: float
    mean_recall: float


@dataclass(frozen=True)
class Metrics:
    """The figures of a model on validation faces; shares are from 0 to 1, with four decimals.

    Attributes:
        split: the data set's own name of the part.
        images: faces that count.
        accuracy: share answered right.
        mean_recall: recall averaged over the labels that occur.
        macro_f1: F1 averaged over the labels.
        ece: expected calibration error.
        recall: of each label.
        confusion: counts, rows the right label, columns the answer.
        as_trained: figures with the whole prior; None: nothing was taken out, as for the next two.
        prior_strength: share of the prior that was taken out.
        prior_cost: points of accuracy that this was allowed to cost.
        calibrated_on: the data sets that chose temperature and threshold; None: those of `split`.
        same_labels_as_float32: share of faces to which int8 gives the same label; None: float32.
    """

    split: str
    images: int
    accuracy: float
    mean_recall: float
    macro_f1: float
    ece: float
    recall: dict[str, float]
    confusion: list[list[int]]
    as_trained: AsTrained | None = None
    prior_strength: float | None = None
    prior_cost: float | None = None
    calibrated_on: str | None = None
    same_labels_as_float32: float | None = None

    @classmethod
    def measure(
        cls,
        probabilities: npt.NDArray[np.floating],
        truth: npt.NDArray[np.int64],
        labels: tuple[str, ...],
        faces: FaceSet,
    ) -> Self:
        """Measure probabilities.

        Args:
            probabilities: float array (n, labels).
            truth: int array (n,): index of the right label, -1 for faces that do not count.
            labels: names of the labels.
            faces: what was asked about.
        """
        scores = score_answers(probabilities, truth, labels)
        return cls(
            split=", ".join(np.unique(faces.splits).tolist()),
            images=scores.images,
            accuracy=round(scores.accuracy, 4),
            mean_recall=round(scores.mean_recall, 4),
            macro_f1=round(scores.macro_f1, 4),
            ece=round(scores.ece, 4),
            recall={label: round(value, 4) for label, value in scores.recall.items()},
            confusion=scores.confusion,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the figures that there are, as the metadata lists them."""
        return {name: value for name, value in asdict(self).items() if value is not None}

"""How good answers are: one definition for every command, in the wheel and in training."""

from dataclasses import asdict, dataclass
from math import isnan
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .intervals import CONFIDENCE, Interval, mean_interval, wilson_interval

BINS = 15  # equal-width bins of the top score
RESAMPLES = 2000


@dataclass(frozen=True)
class Scores:
    """The figures of one set of answers; shares are from 0 to 1.

    Attributes:
        images: faces that count.
        accuracy: share answered right.
        macro_f1: F1 averaged over the labels.
        mean_recall: recall averaged over the labels that occur.
        recall: of each label, NaN where it does not occur.
        precision: of each label, NaN where it is never answered.
        ece: expected calibration error (Guo et al. 2017, arXiv:1706.04599), 15 bins.
        confusion: counts, rows the right label, columns the answer.
    """

    images: int
    accuracy: float
    macro_f1: float
    mean_recall: float
    recall: dict[str, float]
    precision: dict[str, float]
    ece: float
    confusion: list[list[int]]

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as a plain dict, for JSON; None where there is no figure."""
        figures = asdict(self)
        for name in ("recall", "precision"):
            figures[name] = {k: None if isnan(v) else v for k, v in figures[name].items()}
        return figures

    def intervals(self, seed: int = 0) -> dict[str, Interval]:
        """Return 95 % intervals of accuracy, macro-F1 and mean recall.

        Wilson's for the accuracy, from those of the recalls for their mean. Macro-F1 is no mean of
        shares: of it, percentiles of a smoothed bootstrap (Efron & Tibshirani 1993). Counts are all
        that it depends on, so drawing faces anew is drawing the cells of the confusion matrix anew.
        """
        cells = np.array(self.confusion)
        present = cells.sum(axis=1)
        right = np.diagonal(cells)
        return {
            "accuracy": wilson_interval(int(right.sum()), self.images),
            "macro_f1": self._resample_f1(cells, seed),
            "mean_recall": mean_interval(list(zip(right.tolist(), present.tolist(), strict=True))),
        }

    def recall_intervals(self) -> dict[str, Interval]:
        """Return the 95 % interval of each label's recall, Wilson's."""
        cells = np.array(self.confusion)
        return self._bound_labels(cells.sum(axis=1))

    def precision_intervals(self) -> dict[str, Interval]:
        """Return the 95 % interval of each label's precision, Wilson's."""
        cells = np.array(self.confusion)
        return self._bound_labels(cells.sum(axis=0))

    def _bound_labels(self, totals: npt.NDArray[np.int64]) -> dict[str, Interval]:
        right = np.diagonal(np.array(self.confusion)).tolist()
        ends = map(wilson_interval, right, totals.tolist())
        return dict(zip(self.recall, ends, strict=True))

    def _resample_f1(self, cells: npt.NDArray[np.int64], seed: int) -> Interval:
        """Bootstrap macro-F1; a label that was never confused still may be, in what is drawn.

        Half a face more of each label that occurs is spread evenly over the answers.
        """
        present = cells.sum(axis=1, keepdims=True) > 0
        smooth = cells + present / (2 * len(cells))
        drawn = np.random.default_rng(seed).multinomial(
            self.images, smooth.ravel() / smooth.sum(), RESAMPLES
        )
        figures = count_shares(drawn.reshape(-1, *cells.shape)).macro_f1
        low, high = np.quantile(figures, ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)).tolist()
        return min(low, self.macro_f1), max(high, self.macro_f1)


class Shares(NamedTuple):
    """What confusion matrices (…, labels, labels) say: arrays (…) and, by label, (…, labels)."""

    accuracy: npt.NDArray[np.float64]
    macro_f1: npt.NDArray[np.float64]
    mean_recall: npt.NDArray[np.float64]
    recall: npt.NDArray[np.float64]
    precision: npt.NDArray[np.float64]


def count_shares(confusion: npt.NDArray[np.int64]) -> Shares:
    """Count shares from confusion matrices (…, labels, labels), rows the right label.

    Labels that do not occur are left out of the mean recall; those that are not answered either,
    out of macro-F1.
    """
    right = np.diagonal(confusion, axis1=-2, axis2=-1).astype(float)
    present, answered = confusion.sum(axis=-1), confusion.sum(axis=-2)
    with np.errstate(invalid="ignore"):
        recall, precision = right / present, right / answered
        f1 = 2 * right / (present + answered)
    return Shares(
        accuracy=right.sum(axis=-1) / present.sum(axis=-1),
        macro_f1=np.nanmean(f1, axis=-1),
        mean_recall=np.nanmean(recall, axis=-1),
        recall=recall,
        precision=precision,
    )


def score_answers(
    probabilities: npt.NDArray[np.floating], answers: npt.NDArray[np.int64], labels: tuple[str, ...]
) -> Scores:
    """Compare probabilities with right answers.

    Args:
        probabilities: float array (n, labels).
        answers: int array (n,), -1 for faces that do not count.
        labels: names of the labels.

    Raises:
        ValueError: no face counts.
    """
    counts = answers >= 0
    if not counts.any():
        raise ValueError(f"no face has any of the labels {', '.join(labels)}")
    probabilities, answers = probabilities[counts], answers[counts]
    given = probabilities.argmax(axis=1)
    confusion = np.zeros((len(labels), len(labels)), dtype=np.int64)
    np.add.at(confusion, (answers, given), 1)
    shares = count_shares(confusion)
    return Scores(
        images=len(answers),
        accuracy=float(shares.accuracy),
        macro_f1=float(shares.macro_f1),
        mean_recall=float(shares.mean_recall),
        recall=dict(zip(labels, shares.recall.tolist(), strict=True)),
        precision=dict(zip(labels, shares.precision.tolist(), strict=True)),
        ece=calibration_error(probabilities.max(axis=1), given == answers),
        confusion=confusion.tolist(),
    )


class Bin(NamedTuple):
    """The answers whose score lies in one of 15 equal parts of the scale.

    Attributes:
        faces: how many.
        score: their mean score, 0–1.
        accuracy: the share of them that is right.
        interval: its 95 % interval.
    """

    faces: int
    score: float
    accuracy: float
    interval: Interval


def bin_scores(top: npt.NDArray[np.floating], right: npt.NDArray[np.bool_]) -> list[Bin]:
    """Sort answers into bins by their scores; return the bins that hold some, in order.

    Args:
        top: float array (n,): the score of each answer, 0–1.
        right: bool array (n,): whether it is right.
    """
    bins = np.minimum((top * BINS).astype(int), BINS - 1)
    found = []
    for index in np.unique(bins):
        of = bins == index
        hits, faces = int(right[of].sum()), int(of.sum())
        found.append(Bin(faces, float(top[of].mean()), hits / faces, wilson_interval(hits, faces)))
    return found


def calibration_error(top: npt.NDArray[np.floating], right: npt.NDArray[np.bool_]) -> float:
    """Average |score − accuracy| over 15 equal-width bins of the top score, weighted by size."""
    gaps = (abs(each.score - each.accuracy) * each.faces for each in bin_scores(top, right))
    return sum(gaps) / len(top)

"""Whether what was trained beats what it started from, by more than chance."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fer_onnx.evaluation.comparison import compare_answers
from fer_onnx.evaluation.intervals import Z


class Difference(NamedTuple):
    """A mean difference of two models on the same faces, and its 95 % interval."""

    mean: float
    low: float
    high: float

    @property
    def half(self) -> float:
        """Half of the interval's width."""
        return (self.high - self.low) / 2


class Verdict(NamedTuple):
    """A trained model beside its start, each answer held out.

    Attributes:
        faces: that were answered.
        trained: share of them that the trained model answered right.
        start: the same of the start.
        accuracy: the difference of these shares.
        likelihood: mean gain of log-likelihood per face, in nats.
    """

    faces: int
    trained: float
    start: float
    accuracy: Difference
    likelihood: Difference

    @property
    def better(self) -> bool:
        """Whether the trained model wins by more than chance: in accuracy, or in likelihood alone.

        The likelihood sees more with as many faces: how sure each answer was. It counts where
        accuracy is no lower.
        """
        return self.accuracy.low > 0 or (self.likelihood.low > 0 and self.accuracy.mean >= 0)


def judge(
    trained: npt.NDArray[np.floating],
    start: npt.NDArray[np.floating],
    truth: npt.NDArray[np.int64],
) -> Verdict:
    """Compare two models' answers to the same faces.

    Args:
        trained: float array (n, labels), probabilities for faces it did not learn from.
        start: the same of the start.
        truth: int array (n,): index of the right label.
    """
    rows = np.arange(len(truth))
    ours, theirs = trained.argmax(axis=1), start.argmax(axis=1)
    compared = compare_answers(truth, theirs, ours)
    before, after = (np.log(np.maximum(each[rows, truth], 1e-12)) for each in (start, trained))
    gain = after - before
    half = Z * float(gain.std(ddof=1)) / len(gain) ** 0.5
    mean = float(gain.mean())
    return Verdict(
        faces=len(truth),
        trained=float((ours == truth).mean()),
        start=float((theirs == truth).mean()),
        accuracy=Difference(compared.accuracy, *compared.accuracy_interval),
        likelihood=Difference(mean, mean - half, mean + half),
    )

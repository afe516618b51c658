"""Two models on the same faces: where they differ, and whether by more than chance."""

from dataclasses import asdict, dataclass
from math import exp, lgamma, log, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from .intervals import Interval, Z


@dataclass(frozen=True)
class Comparison:
    """Two sets of answers for the same faces.

    Attributes:
        faces: faces that count.
        both: faces that both answer right.
        only_first: faces that the first alone answers right.
        only_second: faces that the second alone answers right.
        accuracy: accuracy of the second minus that of the first.
        accuracy_interval: its 95 % interval (Bonett & Price 2012, doi:10.3102/1076998611411915).
        mean_recall: the same difference of the mean recall.
        mean_recall_interval: its 95 % interval.
        p_value: of McNemar's test, mid-p (Fagerland et al. 2013, doi:10.1186/1471-2288-13-91):
            how likely a difference of accuracy like this or larger is if there is none.
    """

    faces: int
    both: int
    only_first: int
    only_second: int
    accuracy: float
    accuracy_interval: Interval
    mean_recall: float
    mean_recall_interval: Interval
    p_value: float

    @property
    def beyond_chance(self) -> bool:
        """Whether the interval of the accuracy's difference leaves 0 out."""
        low, high = self.accuracy_interval
        return low > 0 or high < 0

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as a plain dict, for JSON."""
        return asdict(self)


def compare_answers(
    truth: npt.NDArray[np.int64], first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]
) -> Comparison:
    """Compare two sets of answers for the same faces.

    Args:
        truth: int array (n,): index of the right label, -1 for faces that do not count.
        first: int array (n,): index of the label answered.
        second: likewise.

    Raises:
        ValueError: no face counts.
    """
    counts = truth >= 0
    if not counts.any():
        raise ValueError("no face to compare by")
    truth = truth[counts]
    right, also = first[counts] == truth, second[counts] == truth
    only_first, only_second = int((right & ~also).sum()), int((also & ~right).sum())
    labels = np.unique(truth)
    difference, interval = _mean_difference(right, also, [np.ones(len(truth), bool)])
    recall, recall_interval = _mean_difference(right, also, [truth == label for label in labels])
    return Comparison(
        faces=len(truth),
        both=int((right & also).sum()),
        only_first=only_first,
        only_second=only_second,
        accuracy=difference,
        accuracy_interval=interval,
        mean_recall=recall,
        mean_recall_interval=recall_interval,
        p_value=mcnemar(only_first, only_second),
    )


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the two-sided mid-p value of McNemar's test.

    Args:
        only_first: faces that the first alone answers right.
        only_second: faces that the second alone answers right.
    """
    n, least = only_first + only_second, min(only_first, only_second)
    shares = [
        exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) - n * log(2))
        for k in range(least + 1)
    ]
    return min(1.0, 2 * sum(shares) - shares[-1]) if n else 1.0


def _mean_difference(
    right: npt.NDArray[np.bool_], also: npt.NDArray[np.bool_], groups: list[npt.NDArray[np.bool_]]
) -> tuple[float, Interval]:
    """Return the difference of shares of right answers, averaged over groups, and its interval.

    Bonett and Price add a face to each of the two kinds on which the answers differ; variances of
    groups, which share no faces, are added.
    """
    shift = variance = exact = 0.0
    for group in groups:
        n = int(group.sum())
        lost = int((right & ~also & group).sum())
        won = int((also & ~right & group).sum())
        exact += (won - lost) / n
        p, q = (won + 1) / (n + 2), (lost + 1) / (n + 2)
        shift += p - q
        variance += (p + q - (p - q) ** 2) / (n + 2)
    count = len(groups)
    half = Z * sqrt(variance)
    return exact / count, (max(-1.0, (shift - half) / count), min(1.0, (shift + half) / count))

"""How sure answers are: temperature and threshold, chosen on faces that were not learned from."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Sample: TypeAlias = tuple[npt.NDArray[np.floating], npt.NDArray[np.int64]]
CERTAIN = 0.85  # share of validation faces whose answer is not `uncertain`


def soften(probabilities: npt.NDArray[np.floating], temperature: float) -> npt.NDArray[np.float64]:
    """Divide the logits behind probabilities or weights (n, labels) by a temperature."""
    logits = np.log(np.maximum(probabilities.astype(np.float64), 1e-30)) / temperature
    scores = np.exp(logits - logits.max(axis=1, keepdims=True))
    return scores / scores.sum(axis=1, keepdims=True)


def fit_temperature(
    probabilities: npt.NDArray[np.floating], answers: npt.NDArray[np.int64]
) -> float:
    """Choose the temperature of the highest likelihood (Guo et al. 2017, arXiv:1706.04599).

    Args:
        probabilities: float array (n, labels).
        answers: int array (n,), -1 for faces that do not count.
    """
    return fit_temperature_together([(probabilities, answers)])


def fit_temperature_together(samples: Sequence[Sample]) -> float:
    """Choose the temperature of the highest mean likelihood over several data sets.

    Args:
        samples: what `fit_temperature` takes, of each.
    """
    counted = [(given[answers >= 0], answers[answers >= 0]) for given, answers in samples]
    grid = np.round(np.geomspace(0.25, 4, 401), 4)
    losses = [np.mean([_loss(*sample, t) for sample in counted]) for t in grid]
    return float(grid[int(np.argmin(losses))])


def _loss(
    probabilities: npt.NDArray[np.floating], answers: npt.NDArray[np.int64], temperature: float
) -> float:
    right = soften(probabilities, temperature)[np.arange(len(answers)), answers]
    return float(-np.log(right + 1e-30).mean())


def choose_threshold(probabilities: npt.NDArray[np.floating]) -> float:
    """Choose the score that 85 % of the faces reach, rounded down to a thousandth."""
    quantile = np.quantile(probabilities.max(axis=1), 1 - CERTAIN)
    return float(np.floor(quantile * 1000) / 1000)

"""How sure answers are: temperature and threshold, chosen on faces that were not learned from."""

import numpy as np
import numpy.typing as npt

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
    counts = answers >= 0
    probabilities, answers = probabilities[counts], answers[counts]
    rows = np.arange(len(answers))
    grid = np.round(np.geomspace(0.25, 4, 401), 4)
    losses = [-np.log(soften(probabilities, t)[rows, answers] + 1e-30).mean() for t in grid]
    return float(grid[int(np.argmin(losses))])


def choose_threshold(probabilities: npt.NDArray[np.floating]) -> float:
    """Choose the score that 85 % of the faces reach, rounded down to a thousandth."""
    quantile = np.quantile(probabilities.max(axis=1), 1 - CERTAIN)
    return float(np.floor(quantile * 1000) / 1000)

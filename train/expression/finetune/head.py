"""The head: softmax of a linear map of features, fitted with an earlier head as its prior."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

BIAS = 1.0  # strength that holds a bias to the prior's; labels may be frequent or rare here
STEPS, MEMORY, HALVINGS = 300, 10, 30  # of L-BFGS
SMALL = 1e-4  # largest derivative, for each face, at which it ends
Floats = npt.NDArray[np.float64]


class Head(NamedTuple):
    """A linear head: float arrays (features, labels) and (labels,)."""

    kernel: Floats
    bias: Floats

    def logits(self, features: npt.NDArray[np.floating]) -> Floats:
        """Return the logits (n, labels) of features (n, features)."""
        return features.astype(np.float64) @ self.kernel + self.bias

    def answer(self, features: npt.NDArray[np.floating]) -> Floats:
        """Return the probabilities (n, labels) of features (n, features)."""
        return softmax(self.logits(features))


def softmax(logits: npt.NDArray[np.floating]) -> Floats:
    """Turn logits (n, labels) into probabilities."""
    scores = np.exp(logits - logits.max(axis=1, keepdims=True))
    return scores / scores.sum(axis=1, keepdims=True)


def fit_head(
    features: npt.NDArray[np.floating],
    truth: npt.NDArray[np.int64],
    prior: Head,
    strength: float,
    begin: Head | None = None,
) -> Head:
    """Fit a head to faces: the most probable one if it lies about `prior`.

    Multinomial logistic regression whose weights have a normal prior with the earlier head as its
    mean (Chelba & Acero 2006), found by L-BFGS (Nocedal 1980). What the faces say nothing about
    stays as the earlier head had it.

    Args:
        features: float array (n, features).
        truth: int array (n,): index of the right label.
        prior: the earlier head.
        strength: how many faces it takes to outweigh the prior, in about; 0 is no prior.
        begin: where the search begins; the prior if None.

    Returns:
        The head.
    """
    scale = float(features.std(axis=0).mean()) or 1.0
    scaled = features.astype(np.float64) / scale
    held = prior.logits(features)
    right = np.eye(held.shape[1])[truth]
    count, shape = len(truth), prior.kernel.shape

    def measure(point: Floats) -> tuple[float, Floats]:
        """Return the loss at a change of the prior, and its gradient."""
        change, shift = point[: -shape[1]].reshape(shape), point[-shape[1] :]
        scores = softmax(held + scaled @ change + shift)
        error = scores - right
        fit = -np.log(np.maximum(scores[right > 0], 1e-300)).sum()
        held_back = (strength * (change**2).sum() + BIAS * (shift**2).sum()) / 2
        gradient = (scaled.T @ error + strength * change).ravel()
        whole = np.concatenate([gradient, error.sum(axis=0) + BIAS * shift])
        return float(fit + held_back) / count, whole / count

    first = np.zeros(prior.kernel.size + shape[1])
    if begin:
        changes = ((begin.kernel - prior.kernel) * scale).ravel(), begin.bias - prior.bias
        first = np.concatenate(changes)
    found = minimize(measure, first)
    change, shift = found[: -shape[1]].reshape(shape), found[-shape[1] :]
    return Head(prior.kernel + change / scale, prior.bias + shift)


def minimize(measure: Callable[[Floats], tuple[float, Floats]], point: Floats) -> Floats:
    """Find the minimum of a smooth convex function by L-BFGS.

    Args:
        measure: returns value and gradient at a point (n,).
        point: where to begin.
    """
    moves: list[tuple[Floats, Floats]] = []
    value, gradient = measure(point)
    for _ in range(STEPS):
        step = _direct(gradient, moves)
        slope, length = float(gradient @ step), 1.0
        for _ in range(HALVINGS):
            there, steepness = measure(point - length * step)
            if there <= value - 1e-4 * length * slope:
                break
            length /= 2
        else:
            break
        if (-length * step) @ (steepness - gradient) > 1e-12:
            moves = [*moves[1 - MEMORY :], (-length * step, steepness - gradient)]
        point, value, gradient = point - length * step, there, steepness
        if np.abs(gradient).max() < SMALL:
            break
    return point


def _direct(gradient: Floats, moves: list[tuple[Floats, Floats]]) -> Floats:
    """Return the step that the last moves and their changes of gradient suggest."""
    if not moves:
        return gradient * min(1.0, 1 / max(float(np.abs(gradient).sum()), 1e-12))
    step, weights = gradient.copy(), []
    for move, bend in reversed(moves):
        weights.append(float(move @ step) / float(move @ bend))
        step -= weights[-1] * bend
    move, bend = moves[-1]
    step *= float(move @ bend) / float(bend @ bend)
    for (move, bend), weight in zip(moves, reversed(weights), strict=True):
        step += (weight - float(bend @ step) / float(move @ bend)) * move
    return step

"""Every face answered by heads that did not learn from it, for each strength of the prior."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from train.expression.temperature import fit_temperature, soften

from .head import Head, fit_head

STRENGTHS = (3000.0, 1000.0, 300.0, 100.0, 30.0)  # from hardly any change to hardly any prior


class Features(NamedTuple):
    """What the frozen part of a network makes of faces: float arrays (n, features).

    Attributes:
        plain: of the faces as they are.
        mirrored: of the mirrored faces, from which a head learns as well.
    """

    plain: npt.NDArray[np.floating]
    mirrored: npt.NDArray[np.floating]

    def take(self, some: npt.NDArray[np.bool_]) -> "Features":
        """Keep some of the faces."""
        return Features(self.plain[some], self.mirrored[some])


class HeldOut(NamedTuple):
    """Answers to faces that were held out in turn.

    Attributes:
        answers: float array (n, labels): probabilities; the strength behind those to a part was
            chosen on the other parts.
        strength: the one chosen on all of them.
    """

    answers: npt.NDArray[np.float64]
    strength: float


def cross_validate(
    features: Features,
    truth: npt.NDArray[np.int64],
    folds: npt.NDArray[np.int64],
    prior: Head,
    step: Callable[[], None],
) -> HeldOut:
    """Answer every fold by heads fitted to the others, and choose the strength of the prior.

    Choosing by the likelihood of the answers to the other folds keeps the choice out of what is
    reported.

    Args:
        features: of the faces.
        truth: int array (n,): index of the right label.
        folds: int array (n,): the fold of each face.
        prior: the head that holds the fitted ones back.
        step: called after each fit, `count_fits` times.
    """
    answers = np.zeros((len(STRENGTHS), len(truth), len(prior.bias)))
    for fold in np.unique(folds):
        learned, held = features.take(folds != fold), folds == fold
        for index, head in enumerate(fit_path(learned, truth[~held], prior, STRENGTHS)):
            answers[index, held] = head.answer(features.plain[held])
            step()
    likelihood = np.log(np.maximum(answers[:, np.arange(len(truth)), truth], 1e-12))
    pooled = np.zeros(answers.shape[1:])
    for fold in np.unique(folds):
        held = folds == fold
        pooled[held] = answers[likelihood[:, ~held].sum(axis=1).argmax(), held]
    return HeldOut(pooled, STRENGTHS[int(likelihood.sum(axis=1).argmax())])


def count_fits(folds: npt.NDArray[np.int64]) -> int:
    """Return how many heads `cross_validate` fits."""
    return len(STRENGTHS) * len(np.unique(folds))


def fit_path(
    features: Features, truth: npt.NDArray[np.int64], prior: Head, strengths: Sequence[float]
):
    """Yield a head for each strength, each beginning where the one before ended."""
    both, twice = np.concatenate(features), np.concatenate([truth, truth])
    head = None
    for strength in strengths:
        head = fit_head(both, twice, prior, strength, head)
        yield head


def soften_in_turn(
    answers: npt.NDArray[np.floating],
    truth: npt.NDArray[np.int64],
    folds: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Calibrate each fold's answers, float array (n, labels), by a temperature of the others.

    So that a start is not beaten for being too sure alone.
    """
    softened = answers.astype(np.float64)
    for fold in np.unique(folds):
        held = folds == fold
        softened[held] = soften(answers[held], fit_temperature(answers[~held], truth[~held]))
    return softened

"""How sure is sure: prior, temperature and threshold of a model, chosen on validation faces."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fer_onnx.evaluation.metrics import Scores, score_answers
from train.data.faceset import LABELS
from train.expression.temperature import (
    choose_threshold,
    fit_temperature,
    fit_temperature_together,
    soften,
)

from .development import Development, Sample
from .prior import choose_prior

RIGHT = 0.85  # share of certain answers that are right among strangers
FEWEST = 50  # certain answers by which that share is judged
STRENGTHS = np.round(np.linspace(0, 1, 41), 3)  # of the prior, tried in turn


class Calibration(NamedTuple):
    """What is done to a head's logits before the last softmax, and from which score on it is sure.

    Attributes:
        strength: how much of the prior is taken out, from 0 to 1.
        prior: float array (labels,), taken off the logits.
        temperature: divides what remains; None: not calibrated.
        threshold: answers below this score are uncertain.
    """

    strength: float
    prior: npt.NDArray[np.float64]
    temperature: float | None
    threshold: float

    def apply(self, probabilities: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Do it to probabilities (n, labels)."""
        return soften(probabilities * np.exp(-self.prior), self.temperature or 1.0)

    def undo(self, probabilities: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Return the probabilities (n, labels) that it was done to."""
        return soften(soften(probabilities, 1 / (self.temperature or 1.0)) * np.exp(self.prior), 1)


def leave(labels: int) -> Calibration:
    """Leave a head of so many labels as it was trained."""
    return Calibration(0.0, np.zeros(labels), None, 0.0)


def calibrate(
    probabilities: npt.NDArray[np.floating],
    answers: npt.NDArray[np.int64],
    shares: npt.NDArray[np.floating] | None = None,
    cost: float = 1.0,
) -> Calibration:
    """Choose strength, then temperature, then threshold, each on what the one before has left.

    Args:
        probabilities: float array (n, labels) of validation faces.
        answers: int array (n,), -1 for faces that do not count.
        shares: of the labels in training; None leaves the prior where it is.
        cost: share of accuracy that taking the prior out may lose.
    """
    labels = probabilities.shape[1]
    strength, prior = 0.0, np.zeros(labels)
    if shares is not None:
        strength = choose_strength(probabilities, answers, shares, cost)
        prior = strength * np.log(shares)
    balanced = Calibration(strength, prior, None, 0.0)
    temperature = fit_temperature(balanced.apply(probabilities), answers)
    scores = balanced._replace(temperature=temperature).apply(probabilities)
    return Calibration(strength, prior, temperature, choose_threshold(scores[answers >= 0]))


def calibrate_for_strangers(sets: Development, labels: tuple[str, ...]) -> Calibration:
    """Choose prior, temperature and threshold on several data sets, each of the same weight.

    The prior is that of `choose_prior`, where the labels are all seven. The temperature has the
    highest mean likelihood over all sets. From the threshold on, answers are right to 85 % among
    strangers, the mean of their data sets: at home they are right more often.
    """
    prior = choose_prior(sets) if labels == LABELS else np.zeros(len(labels))
    adjusted = Calibration(0.0, prior, None, 0.0)
    temperature = fit_temperature_together(
        [x._replace(probabilities=adjusted.apply(x.probabilities))
         for x in (sets.home, *sets.strangers)]
    )  # fmt: skip
    found = adjusted._replace(temperature=temperature)
    scores = [Sample(found.apply(x.probabilities), x.answers).counted for x in sets.strangers]
    return found._replace(threshold=choose_trusted(scores))


class CrossFit(NamedTuple):
    """What calibration is worth on faces that it was not chosen on.

    Attributes:
        strengths: of the prior, as chosen on each half.
        scores: one for each halving, every face answered as the other half chose.
    """

    strengths: list[float]
    scores: list[Scores]


def cross_fit(
    probabilities: npt.NDArray[np.floating],
    answers: npt.NDArray[np.int64],
    labels: tuple[str, ...],
    shares: npt.NDArray[np.floating] | None = None,
    cost: float = 1.0,
    halvings: int = 10,
    seed: int = 0,
) -> CrossFit:
    """Calibrate on one half of the faces for the other, both ways, and measure; and so ten times.

    Args:
        probabilities: float array (n, labels), as the network was trained.
        answers: int array (n,), -1 for faces that do not count.
        labels: names of the labels.
        shares: of the labels in training; None leaves the prior where it is.
        cost: share of accuracy that taking the prior out may lose.
        halvings: how often the faces are halved anew.
        seed: of the halves.
    """
    counted, rng = np.flatnonzero(answers >= 0), np.random.default_rng(seed)
    found = CrossFit([], [])
    for _ in range(halvings):
        halves, given = np.array_split(rng.permutation(counted), 2), probabilities.astype(float)
        for fitted, other in (halves, halves[::-1]):
            calibration = calibrate(probabilities[fitted], answers[fitted], shares, cost)
            given[other] = calibration.apply(probabilities[other])
            found.strengths.append(calibration.strength)
        found.scores.append(score_answers(given, answers, labels))
    return found


def share_labels(answers: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.float64]:
    """Count how often each label is the right answer; a label that never is counts as once.

    Args:
        answers: int array (n,), -1 for faces that do not count.
        count: number of labels.

    Returns:
        float array (labels,), summing to 1.
    """
    counts = np.maximum(np.bincount(answers[answers >= 0], minlength=count), 1)
    return counts / counts.sum()


def choose_strength(
    probabilities: npt.NDArray[np.floating],
    answers: npt.NDArray[np.int64],
    shares: npt.NDArray[np.floating],
    cost: float = 1.0,
) -> float:
    """Choose how much of log(share of the label in training) to take off the logits.

    Post-hoc logit adjustment (Menon et al. 2021, arXiv:2007.07314): 0 leaves the answers as they
    are, 1 answers as if all labels were equally frequent. Of those that lose no more accuracy than
    `cost`, the one with the best mean of accuracy and mean recall is chosen, the least of equals.
    """
    labels = tuple(map(str, range(len(shares))))
    found = [
        score_answers(probabilities / shares**strength, answers, labels) for strength in STRENGTHS
    ]
    allowed = [s for s in found if s.accuracy >= found[0].accuracy - cost]
    best = max(allowed, key=lambda s: s.accuracy + s.mean_recall)
    return float(STRENGTHS[found.index(best)])


def choose_trusted(samples: Sequence[Sample]) -> float:
    """Choose the lowest score from which answers are right to 85 %, in thousandths.

    The mean over data sets counts, of those with at least 50 answers that reach the score. If no
    score will do, none is trusted: 1.
    """
    tops = [sample.probabilities.max(axis=1) for sample in samples]
    rights = [sample.probabilities.argmax(axis=1) == sample.answers for sample in samples]
    for threshold in np.arange(0, 1000) / 1000:
        shares = [
            right[top >= threshold].mean()
            for top, right in zip(tops, rights, strict=True)
            if (top >= threshold).sum() >= FEWEST
        ]
        if shares and np.mean(shares) >= RIGHT:
            return float(threshold)
    return 1.0

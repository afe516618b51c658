"""How much each label is preferred: one number a label, chosen on the development sets.

A network prefers what was frequent where it learned (Menon et al. 2021, arXiv:2007.07314). For
faces from anywhere no frequencies are known, so what is taken off the logits is chosen by what
comes of it: as many right answers as can be had, label by label, while adults who do not smile are
seldom called angry, sad, afraid or disgusted.
"""

import numpy as np
import numpy.typing as npt

from train.data.development import LIMITS, NEGATIVE
from train.data.faceset import LABELS

from .development import Development, Sample

HOME_WEIGHT, STRANGER_WEIGHT = 0.5, 1.0  # of the balanced accuracies
ALARM_WEIGHT = 8.0  # of the share of false alarms above their limits
CAUTION = 0.01  # of the squared logits, so that little is changed for nothing
STEPS = (0.4, 0.2, 0.1)  # logits, tried in turn
SWEEPS = 3  # over all labels with each step


def choose_prior(sets: Development) -> npt.NDArray[np.float64]:
    """Choose what is taken off each label's logit, by coordinate descent: float array (labels,).

    Args:
        sets: answers with all seven labels.
    """
    prior = np.zeros(len(LABELS))
    best = _judge(sets, prior)
    for step in STEPS:
        for label in list(range(len(LABELS))) * SWEEPS:
            for change in (step, -step):
                tried = prior.copy()
                tried[label] += change
                if (value := _judge(sets, tried)) > best + 1e-6:
                    best, prior = value, tried
    return prior


def cross_fit_prior(sets: Development, halvings: int = 4, seed: int = 0) -> dict[str, float]:
    """Return the figures of priors that were chosen on the other half of the faces, on average."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(halvings):
        halves = sets.halve(rng)
        for chosen, other in (halves, halves[::-1]):
            found.append(measure_prior(other, choose_prior(chosen)))
    return {name: float(np.mean([row[name] for row in found])) for name in found[0]}


def measure_prior(sets: Development, prior: npt.NDArray[np.float64]) -> dict[str, float]:
    """Return balanced accuracies, and false alarms by band of ages, all from 0 to 1."""
    factors = np.exp(-prior)
    named = {"home": sets.home} | {f"strangers {i}": x for i, x in enumerate(sets.strangers)}
    figures = {name: _balance(sample.counted, factors) for name, sample in named.items()}
    negative = [LABELS.index(label) for label in NEGATIVE]
    for band, given in sets.plain.items():
        figures[band] = float(np.isin((given * factors).argmax(axis=1), negative).mean())
    return figures


def _judge(sets: Development, prior: npt.NDArray[np.float64]) -> float:
    """Return what is to be as large as possible."""
    figures = measure_prior(sets, prior)
    right = HOME_WEIGHT * figures["home"] + STRANGER_WEIGHT * sum(
        figures[f"strangers {i}"] for i in range(len(sets.strangers))
    )
    excess = sum(max(0.0, figures[band] - LIMITS[band]) for band in sets.plain)
    return float(right - ALARM_WEIGHT * excess - CAUTION * np.square(prior).sum())


def _balance(sample: Sample, factors: npt.NDArray[np.float64]) -> float:
    answers = sample.answers
    right = (sample.probabilities * factors).argmax(axis=1) == answers
    counts = np.bincount(answers, minlength=len(LABELS))
    hits = np.bincount(answers[right], minlength=len(LABELS))
    return float((hits[counts > 0] / counts[counts > 0]).mean())

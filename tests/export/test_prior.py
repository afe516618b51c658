"""The prior of the labels that is chosen on faces of strangers."""

import numpy as np
import pytest

from export.development import Development, Sample
from export.prior import choose_prior, cross_fit_prior, measure_prior
from train.data.development import LIMITS
from train.data.faceset import LABELS

ANGRY, NEUTRAL = LABELS.index("angry"), LABELS.index("neutral")


def soften(logits):
    scores = np.exp(logits - logits.max(axis=1, keepdims=True))
    return scores / scores.sum(axis=1, keepdims=True)


def make_sample(rng, count, bias):
    """Make honest answers of equally frequent labels, then prefer some by `bias`."""
    answers = rng.integers(0, len(LABELS), count)
    logits = 2.5 * np.eye(len(LABELS))[answers] + rng.normal(0, 1, (count, len(LABELS)))
    return Sample(soften(logits + bias), answers)


def make_sets(seed, bias, anger=-1.0):
    """Make development sets; plain faces are neutral, and angry by `anger`."""
    rng = np.random.default_rng(seed)
    plain = rng.normal(0, 0.5, (800, len(LABELS)))
    plain[:, NEUTRAL] += 3
    plain[:, ANGRY] += 3 + anger
    home, *strangers = (make_sample(rng, 1500, bias) for _ in range(3))
    return Development(home, strangers, dict.fromkeys(LIMITS, soften(plain + bias)))


def test_a_preference_that_was_put_in_is_taken_out():
    bias = np.zeros(len(LABELS))
    bias[NEUTRAL] = 1.5
    sets = make_sets(0, bias, anger=-4)
    prior = choose_prior(sets)
    assert prior[NEUTRAL] - np.delete(prior, NEUTRAL).mean() == pytest.approx(1.5, abs=0.4)
    before, after = measure_prior(sets, np.zeros(len(LABELS))), measure_prior(sets, prior)
    assert all(after[name] > before[name] + 0.02 for name in ("home", "strangers 0"))


def test_false_alarms_come_before_right_answers():
    sets = make_sets(1, np.zeros(len(LABELS)), anger=-0.7)
    before = measure_prior(sets, np.zeros(len(LABELS)))
    assert before["20–39"] > 0.1
    after = measure_prior(sets, choose_prior(sets))
    assert all(after[band] <= limit + 0.005 for band, limit in LIMITS.items())
    assert after["strangers 0"] > 0.5


def test_cross_fitted_figures_are_of_faces_that_were_not_chosen_on():
    sets = make_sets(2, np.zeros(len(LABELS)), anger=-4)
    fitted, fair = measure_prior(sets, choose_prior(sets)), cross_fit_prior(sets)
    assert set(fair) == set(fitted)
    right = ("home", "strangers 0", "strangers 1")
    assert sum(fair[name] for name in right) < sum(fitted[name] for name in right)
    assert fair["home"] == pytest.approx(fitted["home"], abs=0.05)


def test_halves_have_every_face_once():
    sets = make_sets(3, np.zeros(len(LABELS)))
    first, second = sets.halve(np.random.default_rng(0))
    for whole, one, other in (
        (sets.home, first.home, second.home),
        (sets.strangers[1], first.strangers[1], second.strangers[1]),
    ):
        assert len(one.answers) + len(other.answers) == len(whole.answers)
        joined = np.concatenate([one.probabilities, other.probabilities])
        assert np.array_equal(np.sort(joined, axis=0), np.sort(whole.probabilities, axis=0))
    assert {band: len(given) for band, given in first.plain.items()} == dict.fromkeys(LIMITS, 400)

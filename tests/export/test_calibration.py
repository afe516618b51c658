"""Temperature and threshold are found again where they were put in."""

import numpy as np
import pytest

from export.calibration import (
    calibrate,
    choose_strength,
    choose_threshold,
    fit_temperature,
    leave,
    share_labels,
    soften,
)
from train.metrics import score_answers


def test_the_temperature_that_was_put_in_is_found():
    rng = np.random.default_rng(0)
    honest = rng.dirichlet(np.full(7, 0.4), 20_000)
    answers = (honest.cumsum(axis=1) > rng.random((20_000, 1))).argmax(axis=1)
    timid = soften(honest, 1.6)
    assert fit_temperature(timid, answers) == pytest.approx(1 / 1.6, rel=0.04)
    labels = tuple("abcdefg")
    after = soften(timid, fit_temperature(timid, answers))
    assert score_answers(after, answers, labels).ece < 0.015
    assert score_answers(timid, answers, labels).ece > 0.1


def test_faces_that_do_not_count_have_no_say():
    probabilities = np.array([[0.7, 0.3]] * 10 + [[0.001, 0.999]] * 10)
    answers = np.array([0] * 7 + [1] * 3 + [-1] * 10)
    assert fit_temperature(probabilities, answers) == pytest.approx(1, abs=0.01)


def test_the_threshold_leaves_85_percent_certain():
    top = np.linspace(0.5, 1, 1001)
    threshold = choose_threshold(np.stack([top, 1 - top], axis=1))
    assert (top >= threshold).mean() == pytest.approx(0.85, abs=0.003)


def make_shy(rng, count):
    """Make answers (n, 3) that a common label hides: two shares of 0.45, a rare one of 0.1."""
    shares = np.array([0.45, 0.45, 0.1])
    answers = rng.choice(3, count, p=shares)
    logits = np.eye(3)[answers] * 2 + rng.normal(0, 1, (count, 3)) + np.log(shares)
    return soften(np.exp(logits), 1.0), answers


def test_the_balance_finds_rare_labels_without_losing_more_than_it_gains():
    rng = np.random.default_rng(1)
    probabilities, answers = make_shy(rng, 20_000)
    shares = share_labels(answers, 3)
    strength = choose_strength(probabilities, answers, shares)
    assert 0.3 < strength <= 1
    before = score_answers(probabilities, answers, tuple("abc"))
    found = calibrate(probabilities, answers, shares)
    after = score_answers(found.apply(probabilities), answers, tuple("abc"))
    assert after.recall["c"] > before.recall["c"] + 0.1
    gained = after.mean_recall - before.mean_recall
    assert gained > before.accuracy - after.accuracy
    assert found.strength == strength
    assert after.ece < 0.03


def test_nothing_is_taken_out_unless_asked():
    probabilities, answers = make_shy(np.random.default_rng(2), 500)
    found = calibrate(probabilities, answers)
    assert (found.strength, found.prior.tolist()) == (0, [0, 0, 0])
    assert (found.apply(probabilities).argmax(axis=1) == probabilities.argmax(axis=1)).all()
    assert leave(3).apply(probabilities) == pytest.approx(probabilities)


def test_a_label_that_never_occurs_counts_as_once():
    assert share_labels(np.array([0, 0, 0, -1]), 2).tolist() == [0.75, 0.25]

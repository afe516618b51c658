"""Temperature and threshold are found again where they were put in."""

import numpy as np
import pytest

from export.calibration import choose_threshold, fit_temperature, soften
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

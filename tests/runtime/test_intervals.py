"""Intervals of shares and of differences, against published figures and by simulation."""

import numpy as np
import pytest

from fer_onnx.evaluation.comparison import compare_answers, mcnemar
from fer_onnx.evaluation.intervals import mean_interval, wilson_interval
from fer_onnx.evaluation.metrics import score_answers

LABELS = ("happy", "sad")


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_is_the_published_one(hits, total, low, high):
    assert wilson_interval(hits, total) == pytest.approx((low, high), abs=5e-5)


def test_three_of_three_do_not_prove_that_all_are_right():
    low, high = wilson_interval(3, 3)
    assert (round(low, 3), high) == (0.439, 1.0)
    scores = score_answers(np.eye(2)[[0, 0, 1]], np.array([0, 0, 1]), LABELS)
    ends = scores.intervals() | scores.recall_intervals() | scores.precision_intervals()
    assert set(ends) == {"accuracy", "mean_recall", "macro_f1", *LABELS}
    for low, high in ends.values():
        assert low < 0.9
        assert high == 1


def test_of_nothing_nothing_is_known():
    assert wilson_interval(0, 0) == (0, 1)
    with pytest.raises(ValueError, match="no share of anything"):
        mean_interval([(0, 0)])


def test_the_interval_of_one_share_is_that_of_their_mean():
    assert mean_interval([(8, 10), (0, 0)]) == pytest.approx(wilson_interval(8, 10))


def test_the_interval_of_a_mean_holds_it_in_95_of_100_draws():
    rng = np.random.default_rng(0)
    totals, shares = np.array([12, 40, 150]), np.array([0.3, 0.95, 0.8])
    drawn = rng.binomial(totals, shares, (4000, 3))
    ends = [mean_interval(list(zip(row, totals, strict=True))) for row in drawn.tolist()]
    held = np.mean([low <= shares.mean() <= high for low, high in ends])
    assert 0.935 <= held <= 0.975


def test_mcnemars_mid_p_is_the_published_one():
    # Fagerland et al. 2013, airway hyper-responsiveness before and after transplantation
    assert mcnemar(1, 7) == pytest.approx((2 * 1 + 8) / 2**8)
    assert mcnemar(7, 1) == mcnemar(1, 7)
    assert mcnemar(0, 0) == 1
    assert mcnemar(50, 50) == pytest.approx(1)
    assert 0 <= mcnemar(0, 5000) < 1e-300


def test_a_comparison_counts_who_is_right_where():
    truth = np.array([0] * 21 + [-1])
    first = np.array([0] * 2 + [1] * 19 + [0])
    second = np.array([0] + [1] + [0] * 7 + [1] * 12 + [1])
    found = compare_answers(truth, first, second)
    assert (found.faces, found.both, found.only_first, found.only_second) == (21, 1, 1, 7)
    assert found.accuracy == found.mean_recall == pytest.approx(6 / 21)
    assert found.p_value == mcnemar(1, 7)
    won, lost = 8 / 23, 2 / 23  # Bonett and Price: a face more on either side
    half = 1.96 * ((won + lost - (won - lost) ** 2) / 23) ** 0.5
    ends = (won - lost - half, won - lost + half)
    assert found.accuracy_interval == pytest.approx(ends, abs=1e-4)
    assert found.beyond_chance


def test_each_label_weighs_alike_in_the_difference_of_the_mean_recall():
    truth = np.array([0] * 90 + [1] * 10)
    first = truth.copy()
    second = np.where(truth == 1, 0, truth)
    found = compare_answers(truth, first, second)
    assert found.accuracy == pytest.approx(-0.1)
    assert found.mean_recall == pytest.approx(-0.5)
    low, high = found.mean_recall_interval
    assert -0.6 < low < -0.5 < high < 0


def test_equal_answers_do_not_prove_that_models_are_equal():
    truth = np.array([0, 0, 1])
    found = compare_answers(truth, truth, truth)
    low, high = found.accuracy_interval
    assert low < -0.3
    assert high == -low
    assert (found.accuracy, found.p_value, found.beyond_chance) == (0, 1, False)


def test_the_interval_of_a_difference_holds_it_in_95_of_100_draws():
    rng = np.random.default_rng(0)
    cells = rng.multinomial(60, (0.6, 0.08, 0.2, 0.12), 2000)
    held = 0
    for both, lost, won, neither in cells.tolist():
        first = np.repeat((0, 0, 1, 1), (both, lost, won, neither))
        second = np.repeat((0, 1, 0, 1), (both, lost, won, neither))
        low, high = compare_answers(np.zeros(60, np.int64), first, second).accuracy_interval
        held += low <= 0.12 <= high
    assert 0.935 <= held / 2000 <= 0.975


def test_without_a_face_that_counts_nothing_is_compared():
    with pytest.raises(ValueError, match="no face to compare by"):
        compare_answers(np.array([-1]), np.array([0]), np.array([0]))

"""The figures, on answers small enough to count by hand."""

import numpy as np
import pytest

from fer_onnx.evaluation.metrics import calibration_error, score_answers

LABELS = ("happy", "sad", "neutral")


def test_figures_of_five_answers():
    probabilities = np.eye(3)[[0, 0, 1, 2, 2]] * 0.8 + 0.2 / 3
    scores = score_answers(probabilities, np.array([0, 1, 1, 2, -1]), LABELS)
    assert scores.images == 4
    assert scores.accuracy == 0.75
    assert scores.confusion == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]
    assert scores.recall == {"happy": 1.0, "sad": 0.5, "neutral": 1.0}
    assert scores.precision == {"happy": 0.5, "sad": 1.0, "neutral": 1.0}
    assert scores.mean_recall == pytest.approx(5 / 6)
    assert scores.macro_f1 == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert scores.ece == pytest.approx(0.8 + 0.2 / 3 - 0.75)


def test_a_label_that_does_not_occur_is_left_out_of_the_mean_recall():
    scores = score_answers(np.eye(3)[[0, 1]], np.array([0, 0]), LABELS)
    assert scores.mean_recall == 0.5
    assert np.isnan(scores.recall["neutral"])


def test_no_face_that_counts_is_an_error():
    with pytest.raises(ValueError, match="no face has any of the labels happy, sad, neutral"):
        score_answers(np.eye(3), np.array([-1, -1, -1]), LABELS)


def test_calibration_error_weighs_each_bin_by_its_size():
    top = np.array([0.99, 0.99, 0.99, 0.5])
    right = np.array([True, True, False, True])
    assert calibration_error(top, right) == pytest.approx(0.75 * (0.99 - 2 / 3) + 0.25 * 0.5)


def test_the_interval_of_the_accuracy_is_as_wide_as_the_binomial_says():
    probabilities = np.eye(3)[[0] * 80 + [1] * 20].repeat(10, axis=0)
    scores = score_answers(probabilities, np.zeros(1000, dtype=np.int64), LABELS)
    low, high = scores.intervals()["accuracy"]
    assert low == pytest.approx(0.8 - 1.96 * (0.8 * 0.2 / 1000) ** 0.5, abs=0.003)
    assert high == pytest.approx(0.8 + 1.96 * (0.8 * 0.2 / 1000) ** 0.5, abs=0.003)


def test_a_rare_label_widens_the_interval_of_the_mean_recall():
    answers = np.array([0] * 490 + [1] * 490 + [2] * 20)
    given = np.where(np.arange(1000) % 5 == 0, (answers + 1) % 3, answers)
    scores = score_answers(np.eye(3)[given], answers, LABELS)
    ends = scores.intervals()
    wide = {name: high - low for name, (low, high) in ends.items()}
    assert ends["mean_recall"][0] < scores.mean_recall < ends["mean_recall"][1]
    assert wide["mean_recall"] > 1.5 * wide["accuracy"]
    assert ends == scores.intervals()

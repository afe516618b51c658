"""The figures, on answers small enough to count by hand."""

import numpy as np
import pytest

from train.metrics import calibration_error, score_answers

LABELS = ("happy", "sad", "neutral")


def test_figures_of_five_answers():
    probabilities = np.eye(3)[[0, 0, 1, 2, 2]] * 0.8 + 0.2 / 3
    scores = score_answers(probabilities, np.array([0, 1, 1, 2, -1]), LABELS)
    assert scores.images == 4
    assert scores.accuracy == 0.75
    assert scores.confusion == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]
    assert scores.recall == {"happy": 1.0, "sad": 0.5, "neutral": 1.0}
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

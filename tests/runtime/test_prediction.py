"""Answers as plain values."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from fer_onnx import Face, Prediction

SCORES = {"happy": 0.2, "sad": 0.6, "neutral": 0.2}


def test_the_label_is_the_one_with_the_highest_score():
    prediction = Prediction.from_scores(SCORES, 0.5)
    assert (prediction.label, prediction.score, prediction.uncertain) == ("sad", 0.6, False)


def test_of_equal_scores_the_first_label_wins():
    assert Prediction.from_scores({"happy": 0.5, "sad": 0.5}, 0).label == "happy"


@pytest.mark.parametrize(("threshold", "uncertain"), [(0.0, False), (0.6, False), (0.61, True)])
def test_only_what_lies_below_the_threshold_is_uncertain(threshold, uncertain):
    assert Prediction.from_scores(SCORES, threshold).uncertain is uncertain
    assert Prediction.from_scores(SCORES, 1).judged(threshold).uncertain is uncertain


def test_some_labels_alone_sum_to_one_again_in_the_models_order():
    prediction = Prediction.from_scores(SCORES, 0).among(["neutral", "happy"], 0.51)
    assert prediction.scores == {"happy": 0.5, "neutral": 0.5}
    assert list(prediction.scores) == ["happy", "neutral"]
    assert (prediction.label, prediction.score, prediction.uncertain) == ("happy", 0.5, True)


def test_of_labels_that_all_have_no_score_none_is_preferred():
    prediction = Prediction.from_scores({"happy": 0.0, "sad": 0.0, "neutral": 1.0}, 0)
    assert prediction.among(["happy", "sad"], 0).scores == {"happy": 0.5, "sad": 0.5}


def test_evidence_follows_the_labels():
    maps = {label: np.full((2, 2), score) for label, score in SCORES.items()}
    prediction = Prediction.from_scores(SCORES, 0, maps).among(["sad", "neutral"], 0)
    assert list(prediction.evidence) == ["sad", "neutral"]
    assert prediction.evidence["sad"] is maps["sad"]


@pytest.mark.parametrize(
    ("labels", "message"),
    [(["happy", "joy"], "no label joy; there are happy, sad, neutral"), ([], "no label ;")],
)
def test_labels_that_the_model_does_not_have_are_an_error(labels, message):
    with pytest.raises(ValueError, match=message):
        Prediction.from_scores(SCORES, 0).among(labels, 0)


def test_evidence_takes_no_part_in_equality():
    with_maps = Prediction.from_scores(SCORES, 0, {"sad": np.zeros((2, 2))})
    assert with_maps == Prediction.from_scores(SCORES, 0)
    assert "evidence" not in repr(with_maps)


def test_answers_cannot_be_changed():
    face = Face((0, 0, 4, 4), None, Prediction.from_scores(SCORES, 0))
    with pytest.raises(FrozenInstanceError):
        face.box = (1, 1, 4, 4)
    with pytest.raises(FrozenInstanceError):
        face.prediction.label = "happy"

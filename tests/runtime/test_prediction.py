"""Answers as plain values."""

import json
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from fer_onnx import Face, Prediction
from fer_onnx.runs.records import Record

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


def test_a_face_has_the_answer_of_its_prediction_at_hand():
    prediction = Prediction.from_scores(SCORES, 0.7).illegible()
    face = Face((1, 2, 3, 4), 0.9, prediction)
    assert (face.label, face.score, face.scores) == ("sad", 0.6, SCORES)
    assert (face.uncertain, face.legible) == (True, False)


def test_a_dictionary_holds_all_but_the_evidence_to_six_decimals():
    third = {"happy": 1 / 3, "sad": 2 / 3}
    prediction = Prediction.from_scores(third, 0.5, {"happy": np.zeros((2, 2), np.float32)})
    answer = {
        "label": "sad",
        "score": 0.666667,
        "scores": {"happy": 0.333333, "sad": 0.666667},
        "uncertain": False,
        "legible": True,
    }
    assert prediction.to_dict() == answer
    found = {"box": [1, 2, 3, 4], "detection_score": 0.123457}
    face = Face((1, 2, 3, 4), 0.1234567, prediction, (0, 1, 5, 5), 3)
    assert face.to_dict() == found | answer | {"crop": [0, 1, 5, 5], "quarters": 3}


def test_the_crop_of_a_face_without_one_is_its_box_and_a_track_shows_where_there_is_one():
    face = Face((1, 2, 3, 4), None, Prediction.from_scores(SCORES, 0.5))
    assert (face.to_dict()["crop"], face.to_dict()["detection_score"]) == ([1, 2, 3, 4], None)
    assert "track" not in face.to_dict()
    assert replace(face, track=7).to_dict() == face.to_dict() | {"track": 7}


def test_what_is_written_of_a_face_can_be_read_again():
    answer = Prediction("b", 0.75, {"a": 0.25, "b": 0.75}, uncertain=True, legible=False)
    for score, track in ((0.5, 3), (None, None)):
        face = Face((1, 2, 3, 4), score, answer, crop=(0, 1, 5, 6), quarters=2, track=track)
        record = Record("a.png", 8, 9, "emotions", (face, face), whole=True)
        assert Record.from_dict(json.loads(json.dumps(record.to_dict()))) == record
    failed = Record("b.png", None, None, "emotions", error="not a picture")
    assert Record.from_dict(failed.to_dict()) == failed

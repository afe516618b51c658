"""Faces of several data sets learn side by side: each counts for the heads that know its labels."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from train.data.faceset import FaceSet
from train.data.sources import Part
from train.data.targets import Target
from train.errors import DataError
from train.expression.training_set import (
    TrainingSet,
    add_parts,
    make_anchors,
    make_labelled,
)

LABELS = ("happy", "sad", "neutral")
EVEN = np.full(3, 1 / 3)


def make_faces(labels, columns=None):
    names = np.array([f"{i}.png" for i in range(len(labels))])
    known = tuple(dict.fromkeys(label for label in labels if label))
    return FaceSet(
        images=np.arange(len(labels), dtype=np.uint8)
        .reshape(-1, 1, 1, 1)
        .repeat(4, 1)
        .repeat(4, 2),
        splits=np.repeat("train", len(labels)),
        original=np.array([known.index(label) if label else -1 for label in labels]),
        votes=None,
        labels=known,
        name="some",
        names=names,
        columns={key: np.array(value) for key, value in (columns or {}).items()},
    )


def test_a_face_counts_for_the_heads_of_its_own_data_set_alone():
    one = make_faces(["happy", "sad"])
    first = TrainingSet(one.images, {"original": Target(np.eye(2, 3), np.ones(2))}, np.ones(2))
    part = Part("posed", make_faces(["sad", "contempt", "neutral"]), None)
    both = first.add(*make_labelled(part, ("sad", "neutral"), 2.0))
    assert both.counts.tolist() == [1, 1, 2, 2]  # contempt is no label of this training
    assert both.targets["original"].weight.tolist() == [1, 1, 0, 0]
    assert both.targets["posed"].weight.tolist() == [0, 0, 1, 1]
    assert both.targets["posed"].soft[2:].tolist() == [[1, 0], [0, 1]]
    assert both.images[:, 0, 0, 0].tolist() == [0, 1, 0, 2]


def test_what_a_teacher_is_certain_of_becomes_the_target_of_every_head():
    answers = np.array([[0.9, 0.05, 0.05], [0.4, 0.3, 0.3], [0.1, 0.1, 0.8]])
    images, targets, counts = make_anchors(
        make_faces(["", "", ""]), answers, LABELS, EVEN, ["ferplus", "posed"], 0.5
    )
    assert images[:, 0, 0, 0].tolist() == [0, 2]
    assert set(targets) == {"ferplus", "posed"}
    assert targets["posed"].soft == pytest.approx(answers[[0, 2]], abs=1e-6)
    assert counts.tolist() == [0.5, 0.5]


def test_a_frequent_label_is_taken_out_of_the_answers_in_part():
    shares = np.array([0.1, 0.1, 0.8])
    answers = np.array([[0.05, 0.9, 0.05]])
    _, targets, _ = make_anchors(make_faces([""]), answers, LABELS, shares, ["ferplus"], 1.0)
    expected = answers[0] / shares**0.3
    assert targets["ferplus"].soft[0] == pytest.approx(expected / expected.sum(), abs=1e-6)


def test_happy_is_held_to_a_known_smile():
    answers = np.tile([0.9, 0.05, 0.05], (2, 1))
    faces = make_faces(["", ""], {"smile": ["1", "0"]})
    images, _, _ = make_anchors(faces, answers, LABELS, EVEN, ["ferplus"], 1.0)
    assert images[:, 0, 0, 0].tolist() == [0]


def test_every_band_of_ages_is_shown_equally_often():
    faces = make_faces([""] * 5, {"age": ["25", "30", "39", "70", ""]})
    answers = np.tile([0.9, 0.05, 0.05], (5, 1))
    _, _, counts = make_anchors(faces, answers, LABELS, EVEN, ["ferplus"], 0.6)
    assert counts.sum() == pytest.approx(3)
    assert counts == pytest.approx([1 / 3, 1 / 3, 1 / 3, 1, 1])


def test_a_teacher_that_is_certain_of_nothing_is_refused():
    answers = np.tile(EVEN, (2, 1))
    with pytest.raises(DataError, match="certain of no face"):
        make_anchors(make_faces(["", ""]), answers, LABELS, EVEN, ["ferplus"], 1.0)


def test_what_is_no_face_is_none_for_any_head(small_preset):
    votes = np.zeros((2, 10), dtype=np.int64)
    votes[0, 1], votes[1, 9] = 10, 10
    first = replace(make_faces(["happy", "sad"]), votes=votes)
    start = TrainingSet(first.images, {"ferplus": Target(np.eye(2, 3), np.ones(2))}, np.ones(2))
    posed = make_faces(["happy", "sad"])
    part = Part("posed", posed, posed)
    both = add_parts(start, first, [part], small_preset, LABELS, Path(), print)
    assert both.targets["posed"].soft[1].tolist() == [0.5, 0.5]
    assert both.targets["posed"].weight.tolist() == [0, 1, 1, 1]


def test_faces_without_labels_require_a_teacher(small_preset):
    first = make_faces(["happy", "sad"])
    start = TrainingSet(first.images, {"original": Target(np.eye(2, 3), np.ones(2))}, np.ones(2))
    part = Part("plain", make_faces(["", ""], {"age": ["1", "2"]}), None)
    with pytest.raises(DataError, match="plain: has no labels, so it requires --teacher"):
        add_parts(start, first, [part], small_preset, LABELS, Path(), print)


@pytest.fixture
def small_preset():
    from train.expression.presets import load_preset

    return replace(load_preset("compact"), repeats=2.0)

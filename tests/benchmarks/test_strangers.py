"""The instruments of the development sets: what is counted, and how mixtures are ranked."""

import numpy as np
import pytest

from benchmarks.quality.strangers import Asked, area_under_curve, measure_labelled
from export.development import Development, Sample
from fer_onnx.metadata import Crop, InputSpec
from train.data.development import BOXES, NOT_SMILING, Labelled
from train.data.faceset import LABELS


def test_the_area_under_the_curve_counts_pairs_in_the_right_order_and_ties_half():
    truth = np.array([True, True, False, False])
    assert area_under_curve(np.array([0.9, 0.8, 0.2, 0.1]), truth) == 1
    assert area_under_curve(np.array([0.1, 0.2, 0.8, 0.9]), truth) == 0
    assert area_under_curve(np.array([0.9, 0.3, 0.3, 0.1]), truth) == pytest.approx(3.5 / 4)


def test_faces_that_were_not_found_are_wrong_and_labels_count_alike():
    happy, sad = LABELS.index("happy"), LABELS.index("sad")
    given = np.full((3, len(LABELS)), 0.05)
    given[[0, 1], happy], given[2, sad] = 0.7, 0.7
    faces = Labelled(np.zeros((3, 1, 1, 1), np.uint8), np.array([happy, happy, happy]), {"sad": 1})
    asked = Asked("some", LABELS, lambda images: given, 0.6, InputSpec(48, 48), Crop())
    found = measure_labelled("set", faces, asked)
    assert found["set: balanced accuracy"] == pytest.approx((2 / 3 + 0) / 2)
    assert found["set: certain"] == 1
    assert found["set: right of those"] == pytest.approx(2 / 3)


def test_what_is_measured_is_fixed_in_tables():
    lines = BOXES.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "file,x,y,width,height,detector"
    assert len(lines) == 1 + 826
    assert len(NOT_SMILING.read_text(encoding="utf-8").split()) == 2687


def test_mixtures_are_eighths_of_every_head():
    from benchmarks.quality.mixtures import list_mixtures

    mixtures = list(list_mixtures(["crowd", "posed"]))
    assert len(mixtures) == 9
    assert {"crowd": 1.0} in mixtures
    assert {"crowd": 0.25, "posed": 0.75} in mixtures


def test_a_mixture_answers_the_geometric_mean():
    from benchmarks.quality.mixtures import mix_answers

    def ask(*shares):
        given = np.array([shares])
        sample = Sample(given, np.array([0]))
        return Development(sample, [sample], {"20–39": given})

    asked = {"one": ask(0.8, 0.2), "other": ask(0.2, 0.8)}
    mixed = mix_answers(asked, {"one": 0.75, "other": 0.25})
    expected = np.array([0.8**0.75 * 0.2**0.25, 0.2**0.75 * 0.8**0.25])
    for found in (
        mixed.home.probabilities,
        mixed.strangers[0].probabilities,
        mixed.plain["20–39"],
    ):
        np.testing.assert_allclose(found[0], expected / expected.sum(), rtol=1e-6)

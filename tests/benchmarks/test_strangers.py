"""The instruments of the development sets: what is counted, and how mixtures are ranked."""

import numpy as np
import pytest

from benchmarks.quality.strangers import Asked, area_under_curve, measure_labelled
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


def test_mixtures_are_eighths_of_every_head_with_priors_taken_out():
    from benchmarks.quality.mixtures import list_mixtures

    mixtures = list(map(str, list_mixtures(["crowd", "posed"])))
    assert len(mixtures) == len(set(mixtures)) == 4 + 7 * 16 + 4
    assert "1 crowd" in mixtures
    assert "0.5 crowd - 0.6 prior + 0.5 posed" in mixtures


def test_fewer_false_alarms_come_before_more_right_answers():
    from benchmarks.quality.mixtures import rank

    def figures(alarms, right):
        bands = ("20–39", "40–59", "60 and more")
        return {f"false alarms, {band}": alarms for band in bands} | {
            "NHFI test: balanced accuracy": right,
            "search3: balanced accuracy": right,
            "PublicTest, FER+: mean recall": 0.8,
        }

    quiet, loud, better = figures(0.02, 0.5), figures(0.2, 0.9), figures(0.01, 0.6)
    assert sorted([loud, quiet, better], key=rank) == [better, quiet, loud]

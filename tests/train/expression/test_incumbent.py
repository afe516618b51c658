"""The checkpoint that a training starts from stays unless it is beaten by more than chance."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from train.data.formats import read_dataset
from train.expression.fit import fit
from train.expression.networks import build_residual
from train.expression.presets import load_preset
from train.expression.transfer import start_from
from train.runs.checkpoint import read_checkpoint, write_checkpoint
from train.runs.record import Record, rank_epoch

LABELS = ("happy", "sad", "neutral")


@pytest.fixture(scope="module")
def small():
    return replace(
        load_preset("compact"), stages=((48, 1),), batch=16, augmentation=None, heads=("original",)
    )


@pytest.fixture(scope="module")
def faces(tiny_data, small):
    return read_dataset(tiny_data, small.input)


@pytest.fixture(scope="module")
def start(small, tmp_path_factory):
    keras.utils.set_random_seed(3)
    heads = {"original": LABELS}
    model = build_residual(small.input, heads, widths=(4, 8), blocks=(1,))
    record = Record("small", heads, small.input, "x", "0" * 64, {"train": {"train": 1}}, 1, 1)
    path = tmp_path_factory.mktemp("start") / "start.keras"
    write_checkpoint(model, record, path)
    return path


def run(preset, faces, start, out, rate, epochs, labels=LABELS, **more):
    preset = replace(
        start_from(preset, start),
        stages=((48, epochs),),
        optimizer=lambda steps: keras.optimizers.SGD(rate, momentum=0.9),
    )
    lines = []
    parts = faces.split("train"), faces.split("validation")
    fit(preset, "small", *parts, out, labels, say=lines.append, **more)
    return lines[-1], read_checkpoint(out / "best.keras")[0]


def weights_alike(one, other):
    return all(map(np.array_equal, one.get_weights(), other.get_weights()))


def test_what_changes_no_answer_leaves_the_start(small, faces, start, tmp_path):
    line, best = run(small, faces, start, tmp_path, rate=1e-9, epochs=1)
    assert line.startswith("no better than what you started from: original ")
    assert line.endswith(
        f"keep the model you have; {tmp_path / 'best.keras'} is what you started from"
    )
    assert weights_alike(best, read_checkpoint(start)[0])


def test_regardless_keeps_the_best_epoch(small, faces, start, tmp_path):
    line, best = run(small, faces, start, tmp_path, rate=1e-9, epochs=1, regardless=True)
    assert line.startswith("no better than what you started from: ")
    assert line.endswith("best.keras is the best epoch")
    assert not weights_alike(best, read_checkpoint(start)[0])


def test_a_start_that_is_beaten_goes(small, faces, start, tmp_path):
    line, best = run(small, faces, start, tmp_path, rate=0.1, epochs=12)
    assert line.startswith("better than what you started from: original ")
    assert line.endswith("best.keras is the best epoch")
    assert not weights_alike(best, read_checkpoint(start)[0])


def test_a_start_that_knows_other_labels_is_no_candidate(small, faces, start, tmp_path):
    other = replace(faces, labels=("glad", "sad", "neutral"))
    line, _ = run(small, other, start, tmp_path, 1e-9, 1, ("glad", "sad", "neutral"))
    assert line.startswith("epoch 1/1")


def test_of_epochs_as_accurate_the_one_with_the_lower_loss_is_better():
    rows = [
        {"mean_accuracy": 0.5, "validation_loss": 2.0},
        {"mean_accuracy": 0.5, "validation_loss": 1.0},
        {"mean_accuracy": 0.4, "validation_loss": 0.5},
    ]
    assert max(rows, key=rank_epoch) is rows[1]

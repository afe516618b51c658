"""Frozen backbone: only the heads learn, from features; a kill loses nothing."""

from dataclasses import replace

import keras
import numpy as np
import pytest

import train.expression.fit as fit_module
from train.errors import TrainError
from train.expression.fit import fit
from train.expression.networks import find_backbone
from train.runs.checkpoint import read_checkpoint, read_record
from train.runs.schedules import decay_adam

LABELS = ("happy", "sad", "neutral")
TOLERANCE = 1e-4  # CPU kernels add in an order of their own


@pytest.fixture(scope="module")
def small(small):
    """The small training, its backbone frozen at first."""
    return replace(small, stages=((24, 1), (48, 1)), frozen=2, fixed_norms=True)


def run(preset, faces, out, resume=False):
    lines = []
    parts = faces.split("train"), faces.split("validation")
    record = fit(preset, "small", *parts, out, LABELS, resume=resume, say=lines.append)
    return record, lines


@pytest.fixture(scope="module")
def unbroken(small, faces, tmp_path_factory):
    out = tmp_path_factory.mktemp("unbroken")
    return run(small, faces, out)[0], out


class Killed(Exception):
    pass


@pytest.mark.parametrize(("kill", "done"), [(0, 0), (1, 0), (2, 2), (3, 3)])
def test_a_training_killed_in_any_epoch_ends_where_an_unbroken_one_does(
    kill, done, unbroken, small, faces, tmp_path, monkeypatch
):
    learn = fit_module._train_epoch

    def die(phase, targets, preset, epoch):
        if epoch == kill:
            raise Killed
        return learn(phase, targets, preset, epoch)

    monkeypatch.setattr(fit_module, "_train_epoch", die)
    with pytest.raises(Killed):
        run(small, faces, tmp_path)
    monkeypatch.undo()
    with pytest.raises(TrainError, match="already holds a run; use --resume to continue it"):
        run(small, faces, tmp_path)
    resumed, lines = run(small, faces, tmp_path, resume=True)

    assert lines[0].endswith(f"{done} of 4 epochs done")
    record, out = unbroken
    assert [row["side"] for row in resumed.history] == [48, 48, 24, 48]
    for ours, theirs in zip(resumed.history, record.history, strict=True):
        assert ours["loss"] == pytest.approx(theirs["loss"], abs=TOLERANCE)
    ours, theirs = (
        read_checkpoint(tmp_path / "last.keras")[0],
        read_checkpoint(out / "last.keras")[0],
    )
    for one, other in zip(ours.weights, theirs.weights, strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), atol=TOLERANCE)
    assert read_record(tmp_path / "best.keras").heads == record.heads


def test_the_backbone_stays_while_the_heads_learn_and_fixed_norms_stay_for_good(
    small, faces, tmp_path
):
    keras.utils.set_random_seed(small.seed)
    heads = {"original": LABELS, "ferplus": LABELS}
    start = small.make(heads)
    run(replace(small, stages=((48, 0),)), faces, tmp_path / "heads")
    learned, _ = read_checkpoint(tmp_path / "heads" / "last.keras")
    for new, old in zip(find_backbone(learned).weights, find_backbone(start).weights, strict=True):
        np.testing.assert_array_equal(new.numpy(), old.numpy())
    for head in heads:
        assert not np.allclose(learned.get_layer(head).kernel, start.get_layer(head).kernel)

    run(small, faces, tmp_path / "whole")
    whole, _ = read_checkpoint(tmp_path / "whole" / "last.keras")
    for learned_layer, layer in zip(whole.layers, start.layers, strict=True):
        pairs = zip(learned_layer.get_weights(), layer.get_weights(), strict=True)
        same = [np.allclose(new, old) for new, old in pairs]
        if same:
            assert all(same) == isinstance(layer, keras.layers.BatchNormalization), layer.name


def test_heads_alone_are_evaluated_as_the_saved_checkpoint_answers(small, faces, tmp_path):
    alone = replace(small, stages=((48, 0),), head_optimizer=lambda steps: decay_adam(steps, 0.05))
    record, _ = run(alone, faces, tmp_path)
    best, noted = read_checkpoint(tmp_path / "best.keras")
    validation = faces.split("validation")
    answers = best.predict(validation.images, verbose=0)["original"].argmax(axis=1)
    right = np.array([LABELS.index(faces.labels[i]) for i in validation.original])
    assert float((answers == right).mean()) == noted.history[-1]["original_accuracy"]
    assert len(record.history) == 2


def test_the_loss_of_an_epoch_is_the_mean_of_its_batches(small, faces, tmp_path):
    still = replace(
        small,
        frozen=0,
        stages=((48, 1),),
        augmentation=None,
        optimizer=lambda steps: keras.optimizers.SGD(0.0),
    )
    record, _ = run(still, faces, tmp_path)
    model, _ = read_checkpoint(tmp_path / "best.keras")
    train = faces.split("train")
    answers = model.predict(train.images, verbose=0)
    expected = 0.0
    right = np.array([LABELS.index(faces.labels[i]) for i in train.original])
    soft = 0.9 * np.eye(3)[right] + 0.1 / 3
    for head in ("original", "ferplus"):  # all votes above one are for the label
        expected -= (soft * np.log(answers[head])).sum(axis=1).mean()
    assert record.history[0]["loss"] == pytest.approx(expected, abs=0.05)

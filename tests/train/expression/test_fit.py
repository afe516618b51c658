"""Training leaves a whole run folder, and goes on after a kill as if nothing had been."""

import csv
import json
from dataclasses import replace

import keras
import numpy as np
import pytest

import train.expression.fit as fit_module
from train.cli import main
from train.data.sources import Source, read_sources
from train.errors import TrainError
from train.expression.fit import fit
from train.runs.checkpoint import read_checkpoint, read_run
from train.runs.record import rank_epoch

LABELS = ("happy", "sad", "neutral")
# CPU kernels add in an order of their own; two runs of the same training differ by this much
TOLERANCE = 1e-4


def run(preset, faces, out, resume=False):
    lines = []
    parts = faces.split("train"), faces.split("validation")
    record = fit(preset, "small", *parts, out, LABELS, resume=resume, say=lines.append)
    return record, lines


class Killed(Exception):
    pass


def test_a_killed_training_resumes_and_ends_where_an_unbroken_one_does(
    small, faces, tmp_path, monkeypatch
):
    unbroken, _ = run(small, faces, tmp_path / "unbroken")

    learn = fit_module._train_epoch

    def die_in_second_epoch(phase, targets, preset, epoch):
        if epoch == 1:
            raise Killed
        return learn(phase, targets, preset, epoch)

    monkeypatch.setattr(fit_module, "_train_epoch", die_in_second_epoch)
    with pytest.raises(Killed):
        run(small, faces, tmp_path / "broken")
    monkeypatch.undo()
    resumed, lines = run(small, faces, tmp_path / "broken", resume=True)

    assert lines[0].endswith("1 of 3 epochs done")
    assert [row["epoch"] for row in resumed.history] == [1, 2, 3]
    assert [row["side"] for row in resumed.history] == [24, 48, 48]
    for ours, theirs in zip(resumed.history, unbroken.history, strict=True):
        assert ours["loss"] == pytest.approx(theirs["loss"], abs=TOLERANCE)
    ours, _ = read_checkpoint(tmp_path / "broken" / "last.keras")
    theirs, _ = read_checkpoint(tmp_path / "unbroken" / "last.keras")
    for one, other in zip(ours.weights, theirs.weights, strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), atol=TOLERANCE)
    averages = zip(
        ours.optimizer._model_variables_moving_average,
        theirs.optimizer._model_variables_moving_average,
        strict=True,
    )
    for one, other in averages:
        np.testing.assert_allclose(one.numpy(), other.numpy(), atol=TOLERANCE)


def test_the_run_folder_holds_checkpoints_history_curves_record_and_log(small, faces, tmp_path):
    record, lines = run(small, faces, tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"best.keras", "last.keras", "history.csv", "curves.png", "run.json", "logs"}
    history = list(csv.DictReader((tmp_path / "history.csv").open()))
    assert [row["epoch"] for row in history] == ["1", "2", "3"]
    assert json.loads((tmp_path / "run.json").read_text())["splits"] == {
        "train": {"Training": 96},
        "validation": {"PublicTest": 24},
    }
    assert list((tmp_path / "logs").rglob("events*"))
    assert lines[-1].startswith("epoch 3/3  48 px")
    assert record.heads == {"original": LABELS, "ferplus": LABELS}


def test_the_best_checkpoint_is_float32_averaged_and_without_optimizer(small, faces, tmp_path):
    record, _ = run(small, faces, tmp_path)
    best, noted = read_checkpoint(tmp_path / "best.keras")
    assert noted.heads == record.heads
    assert not best.compiled
    assert {weight.dtype for weight in best.weights} == {"float32"}
    ranks = list(map(rank_epoch, record.history))
    assert len(noted.history) == ranks.index(max(ranks)) + 1
    last, _ = read_checkpoint(tmp_path / "last.keras")
    if len(noted.history) == len(record.history):
        for value, average in zip(
            best.trainable_variables, last.optimizer._model_variables_moving_average, strict=True
        ):
            np.testing.assert_allclose(value.numpy(), average.numpy(), atol=1e-7)


def test_a_small_network_learns_what_the_tiny_faces_say(small, faces, tmp_path):
    steady = replace(
        small,
        stages=((48, 12),),
        augmentation=None,
        optimizer=lambda steps: keras.optimizers.SGD(0.1, momentum=0.9),
    )
    record, _ = run(steady, faces, tmp_path)
    assert max(row["mean_accuracy"] for row in record.history) >= 0.9


def test_a_folder_that_holds_a_training_is_not_overwritten(small, faces, tmp_path):
    one = replace(small, stages=((48, 1),))
    run(one, faces, tmp_path)
    before = (tmp_path / "last.keras").read_bytes()
    with pytest.raises(TrainError, match="already holds a run; use --resume to continue it"):
        run(one, faces, tmp_path)
    assert (tmp_path / "last.keras").read_bytes() == before


def test_another_training_is_not_resumed(small, faces, tmp_path):
    one = replace(small, stages=((48, 1),))
    run(one, faces, tmp_path)
    with pytest.raises(TrainError, match="cannot resume: checkpoint has seed 42, this run 7"):
        run(replace(one, seed=7), faces, tmp_path, resume=True)
    with pytest.raises(TrainError, match="cannot resume: checkpoint has batch 16, this run 8"):
        run(replace(one, batch=8), faces, tmp_path, resume=True)
    half = faces.split("PublicTest/1")
    with pytest.raises(TrainError, match=r"cannot resume: checkpoint has splits .*PublicTest/1"):
        fit(one, "small", faces.split("train"), half, tmp_path, LABELS, resume=True)


def test_what_a_kill_left_unwritten_beside_the_last_checkpoint_is_written(small, faces, tmp_path):
    one = replace(small, stages=((48, 1),))
    run(one, faces, tmp_path)
    (tmp_path / "run.json").unlink()
    (tmp_path / "history.csv").unlink()
    record, _ = run(one, faces, tmp_path, resume=True)
    assert read_run(tmp_path / "run.json") == record
    assert (tmp_path / "history.csv").read_text().count("\n") == 2


def test_nothing_to_resume_is_one_line_and_exit_2(tiny_data, tmp_path, capsys):
    words = ["fit", "compact", "--data", str(tiny_data), "--out", str(tmp_path), "--batch", "16"]
    assert main([*words, "--resume"]) == 2
    assert capsys.readouterr().err.endswith(f"error: {tmp_path}/last.keras: no such checkpoint\n")


def test_faces_that_stand_in_another_part_are_dropped_unless_kept(
    lay_out, tmp_path, capsys, monkeypatch
):
    rows = lay_out.rows(("happy", "sad"), {"Training": 20, "PublicTest": 4, "PrivateTest": 4})
    rows[0]["pixels"] = rows[-1]["pixels"]
    rows[3]["pixels"] = rows[21]["pixels"]
    lay_out.archive(rows, tmp_path / "data")
    seen = []
    monkeypatch.setattr(fit_module, "fit", lambda preset, name, train, *rest: seen.append(train))
    words = ["fit", "compact", "--data", str(tmp_path / "data"), "--out", str(tmp_path / "run")]
    assert main(words) == 0
    assert "2 training faces are in other splits too: dropped" in capsys.readouterr().err
    assert main([*words, "--keep-leaks"]) == 0
    assert [len(train) for train in seen] == [18, 20]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--labels", "happy,bored"], "no label bored; it has happy, sad, neutral"),
        (["--batch", "500"], "96 faces to learn from, fewer than a batch of 500"),
        (["--data", "nowhere"], "nowhere: no such data"),
        (["--out", __file__, "--batch", "16"], "File exists"),
    ],
)
def test_bad_words_are_one_line_and_exit_2(words, message, tiny_data, tmp_path, capsys):
    start = ["fit", "compact", "--data", str(tiny_data), "--out", str(tmp_path / "run")]
    assert main([*start, *words]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: ")
    assert message in error


def test_a_damaged_last_checkpoint_is_not_resumed(small, faces, tmp_path):
    one = replace(small, stages=((48, 1),))
    run(one, faces, tmp_path)
    data = bytearray((tmp_path / "last.keras").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "last.keras").write_bytes(data)
    with pytest.raises(TrainError, match=r"last\.keras: damaged checkpoint \(checksum of "):
        run(one, faces, tmp_path, resume=True)


def test_a_full_disk_is_one_line_and_exit_2_and_room_again_lets_it_resume(
    tiny_data, tmp_path, capsys
):
    resource = pytest.importorskip("resource")
    words = ["fit", "compact", "--data", str(tiny_data), "--out", str(tmp_path), "--batch", "48"]
    words += ["--epochs", "1", "--frozen", "1"]
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        assert main(words) == 2
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"error: {tmp_path}/last.keras: cannot be written (File too large)"
    )
    assert list(tmp_path.iterdir()) == []
    assert main(words) == 0
    assert read_run(tmp_path / "run.json").epochs == 2


def test_a_further_data_set_gets_a_head_of_its_own_and_resumes_with_it(
    small, faces, lay_out, tmp_path
):
    rows = [
        {"file": f"{i}.png", "emotion": LABELS[i % 2], "split": "train" if i < 40 else "test"}
        | {"pixels": lay_out.draw(LABELS[i % 2], i)}
        for i in range(60)
    ]
    path = lay_out.listed(rows, tmp_path / "posed.zip")
    parts = read_sources([Source("posed", path, "test")], small.input)
    split = faces.split("train"), faces.split("validation")
    out = tmp_path / "run"
    record = fit(small, "small", *split, out, LABELS, parts, say=lambda _: None)
    assert record.heads["posed"] == ("happy", "sad")
    assert 0 <= record.history[-1]["posed_accuracy"] <= 1
    assert record.history[-1]["mean_accuracy"] == pytest.approx(
        np.mean([record.history[-1][f"{head}_accuracy"] for head in record.heads])
    )
    with pytest.raises(TrainError, match="also"):
        fit(small, "small", *split, out, LABELS, resume=True, say=lambda _: None)

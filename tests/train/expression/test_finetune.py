"""A head fitted to own pictures: kept if it beats its start; nothing is claimed of few."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

import export.cli
import fer_onnx
import train.cli
from fer_onnx.metadata import InputSpec
from train.data.faceset import FER2013
from train.expression.finetune import starts
from train.expression.finetune.cross_validation import Features, cross_validate
from train.expression.finetune.head import Head, fit_head
from train.expression.finetune.starts import open_origin
from train.expression.finetune.verdict import judge
from train.expression.mix import add_head
from train.expression.networks import build_residual
from train.runs.checkpoint import read_checkpoint, write_checkpoint
from train.runs.record import Record

KNOWN = ("dark", "light")
NOTHING = Head(np.zeros((4, 2)), np.zeros(2))


def draw(label: str, rng: np.random.Generator) -> Image.Image:
    """A cloud of its own that tells its label: with stripes, or without."""
    cloud = Image.fromarray(rng.integers(0, 160, (6, 6)).astype(np.uint8))
    pixels = np.array(cloud.resize((48, 48), Image.Resampling.BILINEAR))
    pixels[::2] += 90 * (label == "light")
    return Image.fromarray(pixels)


def lay_out(folder: Path, each: int, labels=KNOWN, seed=0) -> Path:
    rng = np.random.default_rng(seed)
    for label in labels:
        (folder / label).mkdir(parents=True)
        for number in range(each):
            picture = draw(KNOWN[labels.index(label)], rng)
            picture.save(folder / label / f"{number:03d}.png")
    return folder


@pytest.fixture(scope="module")
def start(tmp_path_factory) -> Path:
    """A checkpoint with random weights that claims to know dark from light."""
    keras.utils.set_random_seed(1)
    spec, heads = InputSpec(48, 48), {"original": KNOWN}
    model = build_residual(spec, heads, widths=(4, 8), blocks=(1,))
    record = Record("small", heads, spec, FER2013, "0" * 64, {"train": {"Training": 1}}, 1, 1)
    path = tmp_path_factory.mktemp("start") / "start.keras"
    write_checkpoint(model, record, path)
    return path


def run(start: Path, data: Path, out: Path, *more: str, capsys) -> list[str]:
    words = ["fit", "finetune", "--init", str(start), "--data", str(data), "--out", str(out)]
    assert train.cli.main([*words, *more]) == 0
    return capsys.readouterr().out.splitlines()


def test_a_better_head_is_written_exported_and_answers(start, tmp_path, capsys):
    data = lay_out(tmp_path / "data", 40)
    lines = run(start, data, tmp_path / "run", capsys=capsys)
    assert lines[-1].startswith("better than what you started from: 100.0 against ")
    assert str(tmp_path / "run" / "best.keras") in lines[-1]
    _, record = read_checkpoint(tmp_path / "run" / "best.keras")
    assert (record.kind, record.held_out["kept"], record.held_out["images"]) == (
        "finetune",
        "fitted",
        80,
    )
    models = tmp_path / "models"
    words = [str(tmp_path / "run" / "best.keras"), str(models), "--data", str(data)]
    assert export.cli.main(words) == 0
    assert str(models / "dark-light.onnx") in capsys.readouterr().out
    model = fer_onnx.load(models / "dark-light.onnx")
    picture = draw("light", np.random.default_rng(9))
    answer = model.predict(picture, evidence=True)
    assert answer.label == "light"
    assert set(answer.evidence) == set(KNOWN)
    assert model.info.metrics["split"] == "held out in turn"
    assert model.info.temperature is None  # 80 held-out faces are too few to choose one
    assert "80 held-out faces, 200 are needed" in "\n".join(lines)


def test_a_perfect_score_of_few_faces_has_an_interval(start, tmp_path, capsys):
    lines = run(start, lay_out(tmp_path / "data", 20), tmp_path / "run", capsys=capsys)
    (line,) = [line for line in lines if line.startswith("fitted: ")]
    assert line == "fitted: 100.0% right (95 %: 91.2% to 100.0%), held out"


def test_a_head_that_learned_nothing_is_not_kept(start, tmp_path, capsys):
    rng = np.random.default_rng(3)
    for label in KNOWN:
        (tmp_path / "data" / label).mkdir(parents=True)
        for number in range(25):
            draw("dark", rng).save(tmp_path / "data" / label / f"{number}.png")
    lines = run(start, tmp_path / "data", tmp_path / "run", capsys=capsys)
    assert lines[-1].startswith("no better than what you started from: ")
    assert "keep the model you have" in lines[-1]
    before, after = (read_checkpoint(p)[0] for p in (start, tmp_path / "run" / "best.keras"))
    for old, new in zip(
        before.get_layer("original").get_weights(),
        after.get_layer("original").get_weights(),
        strict=True,
    ):
        np.testing.assert_array_equal(old, new)


def test_of_too_few_nothing_is_claimed_unless_asked(start, tmp_path, capsys):
    data = lay_out(tmp_path / "data", 19)
    lines = run(start, data, tmp_path / "run", capsys=capsys)
    assert "it takes 20 of each label: 1 more of dark, 1 more of light" in lines[-1]
    assert "%" not in lines[-1]
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["held_out"]["kept"] == "start"
    lines = run(start, data, tmp_path / "again", "--regardless", capsys=capsys)
    record = json.loads((tmp_path / "again" / "run.json").read_text())
    assert record["held_out"]["kept"] == "fitted"
    assert record["held_out"]["claimed"] == "nothing: fewer than 20 pictures of a label"
    assert "accuracy" not in record["held_out"]


def test_labels_that_the_start_does_not_know_are_learned(start, tmp_path, capsys):
    data = lay_out(tmp_path / "data", 30, ("frown", "smile"))
    lines = run(start, data, tmp_path / "run", capsys=capsys)
    assert lines[-1].startswith("better than answering the most frequent label always: ")
    _, record = read_checkpoint(tmp_path / "run" / "best.keras")
    assert record.heads == {"original": ("frown", "smile")}


def test_two_hundred_held_out_faces_choose_temperature_and_threshold(start, tmp_path, capsys):
    run(start, lay_out(tmp_path / "data", 100), tmp_path / "run", capsys=capsys)
    calibration = json.loads((tmp_path / "run" / "run.json").read_text())["calibration"]
    assert calibration["source"] == "200 held-out faces"
    assert 0.25 <= calibration["temperature"] <= 4


def test_two_hundred_faces_calibrate_a_start_that_is_kept_and_was_not_calibrated(
    start, tmp_path, capsys
):
    rng = np.random.default_rng(3)
    for label in KNOWN:
        (tmp_path / "data" / label).mkdir(parents=True)
        for number in range(100):
            draw("dark", rng).save(tmp_path / "data" / label / f"{number}.png")
    lines = run(start, tmp_path / "data", tmp_path / "run", capsys=capsys)
    assert "keep the model you have" in lines[-1]
    calibration = json.loads((tmp_path / "run" / "run.json").read_text())["calibration"]
    assert calibration["source"] == "200 held-out faces"
    assert f"threshold {calibration['threshold']:.2f}: from 200 held-out faces" in lines[-2]


def test_what_the_start_learned_from_is_named_too(start, tmp_path, capsys):
    run(start, lay_out(tmp_path / "data", 20), tmp_path / "run", capsys=capsys)
    _, record = read_checkpoint(tmp_path / "run" / "best.keras")
    assert record.trained_on == f"data train; {FER2013}"


def test_what_has_to_be_beaten_is_the_model_that_is_released(start, monkeypatch):
    assert [each.name for each in open_origin(start, KNOWN).starts] == ["original"]
    model, record = read_checkpoint(start)
    two = add_head(model, "mixed", *model.get_layer("original").get_weights())
    path = start.with_name("two.keras")
    write_checkpoint(two, replace(record, heads={**record.heads, "mixed": KNOWN}), path)
    assert [each.name for each in open_origin(path, KNOWN).starts] == ["original", "mixed"]
    info = replace(fer_onnx.load().info, name="mine", labels=KNOWN, prior_removed={})
    monkeypatch.setattr(starts, "find_files", lambda path: {"mixed": info})
    assert [each.name for each in open_origin(path, KNOWN).starts] == ["mine"]


def test_a_table_beside_pictures_names_files_labels_and_people(start, tmp_path, capsys):
    folder = lay_out(tmp_path / "data", 20)
    files = [path.relative_to(tmp_path) for path in sorted(folder.rglob("*.png"))]
    rows = [f"{file.as_posix()},{file.parent.name},{i // 2}" for i, file in enumerate(files)]
    (tmp_path / "mine.csv").write_text("\n".join(["file,label,person", *rows]) + "\n")
    words = "--group-column", "person"
    lines = run(start, tmp_path / "mine.csv", tmp_path / "run", *words, capsys=capsys)
    assert lines[0].startswith("40 pictures: 40 are faces already")
    assert lines[2].endswith("of 20 people by name")
    answers = list(csv.DictReader((tmp_path / "run" / "answers.csv").open()))
    assert [row["file"] for row in answers] == [file.as_posix() for file in files]


def test_every_picture_has_its_line(start, tmp_path, capsys):
    data = lay_out(tmp_path / "data", 20)
    wall = Image.new("L", (300, 300), 128)
    wall.save(data / "dark" / "wall.png")
    lines = run(start, data, tmp_path / "run", capsys=capsys)
    assert "41 pictures: 40 are faces already, 1 left out without a face" in lines[0]
    rows = list(csv.DictReader((tmp_path / "run" / "faces.csv").open()))
    assert [row["file"] for row in rows if row["outcome"] == "no face"] == ["dark/wall.png"]
    answers = list(csv.DictReader((tmp_path / "run" / "answers.csv").open()))
    assert {row["file"] for row in answers} == {
        row["file"] for row in rows if row["outcome"] == "crop"
    }
    lines = run(start, data, tmp_path / "whole", "--faces", "whole", capsys=capsys)
    assert "41 pictures: 41 are faces already" in lines[0]


def test_a_folder_that_holds_a_run_is_not_overwritten(start, tmp_path, capsys):
    run(start, lay_out(tmp_path / "data", 5), tmp_path / "run", capsys=capsys)
    words = ["finetune", "--init", str(start), "--data", str(tmp_path / "data")]
    assert train.cli.main([*words, "--out", str(tmp_path / "run")]) == 2
    assert "already holds a run; choose another --out" in capsys.readouterr().err


def test_a_strong_prior_keeps_the_earlier_head_and_none_lets_it_go():
    rng = np.random.default_rng(0)
    truth = np.arange(60) % 2
    features = rng.normal(size=(60, 4)) + 2 * truth[:, None]
    prior = Head(rng.normal(size=(4, 2)), np.zeros(2))
    kept, free = (fit_head(features, truth, prior, strength) for strength in (1e9, 1e-3))
    np.testing.assert_allclose(kept.kernel, prior.kernel, atol=1e-6)
    assert (free.answer(features).argmax(axis=1) == truth).mean() > 0.9


def test_held_out_answers_to_random_labels_are_no_better_than_chance():
    rng = np.random.default_rng(0)
    truth, folds = rng.integers(0, 2, 200), np.arange(200) % 5
    features = Features(rng.normal(size=(200, 4)), rng.normal(size=(200, 4)))
    held_out = cross_validate(features, truth, folds, NOTHING, lambda: None)
    assert abs((held_out.answers.argmax(axis=1) == truth).mean() - 0.5) < 0.1
    assert held_out.strength == 3000


def test_three_faces_more_of_a_hundred_are_chance_and_thirty_are_not():
    truth = np.zeros(100, dtype=int)
    right, wrong = np.array([0.6, 0.4]), np.array([0.4, 0.6])
    start = np.where(np.arange(100)[:, None] < 50, right, wrong)
    for more, better in ((3, False), (30, True)):
        trained = np.where(np.arange(100)[:, None] < 50 + more, right, wrong)
        verdict = judge(trained, start, truth)
        assert verdict.accuracy.mean == pytest.approx(more / 100)
        assert verdict.better is better

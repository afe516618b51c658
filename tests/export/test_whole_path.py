"""From a folder of faces to an answer on the command line, by the commands that a person types."""

import gc
import json

import numpy as np
import pytest
from PIL import Image
from tf2onnx.optimizer.optimizer_base import GraphOptimizerBase

import export.cli
import fer_onnx.cli
import train.cli
from benchmarks.quality.trainings import compare, draw, find_model
from fer_onnx.bench.flops import count_multiply_adds
from fer_onnx.images import read_image
from fer_onnx.preprocess import to_array
from train.errors import DataError
from train.runs.checkpoint import read_checkpoint, read_run

STRIPES = {"coarse": 6, "fine": 2}  # pixels; a network tells them apart in no time


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for part, count in {"train": 64, "validation": 16}.items():
        for label, width in STRIPES.items():
            (tmp_path / "data" / part / label).mkdir(parents=True)
            for number in range(count):
                pixels = rng.integers(0, 90, (48, 48), dtype=np.uint8)
                pixels[np.arange(48) // width % 2 == 0] += 150
                path = tmp_path / "data" / part / label / f"{number}.png"
                Image.fromarray(pixels).save(path)
    return tmp_path


def test_a_persons_own_folder_becomes_a_model_that_answers(folder, capsys):
    data, run, models = folder / "data", folder / "run", folder / "run" / "model"
    words = ["--data", str(data), "--out", str(run), "--epochs", "3", "--batch", "16"]
    assert train.cli.main(["fit", "compact", *words]) == 0
    assert export.cli.main([str(run / "best.keras"), str(models), "--data", str(data)]) == 0
    model = models / "coarse-fine.onnx"
    assert sorted(path.name for path in models.iterdir()) == ["SHA256SUMS", model.name]
    capsys.readouterr()

    pictures = [data / "validation" / label / "0.png" for label in STRIPES]
    words = ["predict", *map(str, pictures), "--model", str(model), "--format", "json"]
    assert fer_onnx.cli.main(words) == 0
    records = json.loads(capsys.readouterr().out)
    info = fer_onnx.load(model).info
    checkpoint, _ = read_checkpoint(run / "best.keras")
    for record, path in zip(records, pictures, strict=True):
        array = to_array(read_image(path), info.input)[None]
        raw = checkpoint.predict(array, verbose=0)["original"][0].astype(float)
        scores = raw ** (1 / info.temperature)
        expected = dict(zip(info.labels, (scores / scores.sum()).tolist(), strict=True))
        assert record["faces"][0]["scores"] == pytest.approx(expected, abs=1e-5)
    assert info.label_set == "data"
    assert info.trained_on == "data train"
    assert info.metrics["split"] == "validation"
    assert info.metrics["images"] == 32
    assert [sum(row) for row in info.metrics["confusion"]] == [16, 16]
    assert info.prior_removed == {}

    (training,) = compare([run], rounds=1)
    history = read_run(run / "run.json").history
    assert training.accuracy == pytest.approx(100 * max(row["mean_accuracy"] for row in history))
    assert training.parameters == pytest.approx(0.88, abs=0.01)
    assert training.megabytes == pytest.approx(model.stat().st_size / 1e6)
    assert training.minutes == pytest.approx(sum(row["seconds"] for row in history) / 60)
    draw([training, training._replace(name="other")], folder / "bars.png")
    with Image.open(folder / "bars.png") as picture:
        assert picture.size[0] > picture.size[1]

    words = [str(run / "best.keras"), str(models), "--data", str(data), "--balance"]
    assert export.cli.main([*words, "--name", "balanced"]) == 0
    balanced = fer_onnx.load(models / "balanced.onnx").info
    assert list(balanced.prior_removed) == list(info.labels)
    assert balanced.metrics["as_trained"]["accuracy"] == info.metrics["accuracy"]


@pytest.fixture
def frugal(monkeypatch):
    """Free the copies of the graph that tf2onnx leaves in cycles: 15 GB, of a graph of 190 MB."""
    optimize = GraphOptimizerBase.optimize

    def optimize_and_free(self, graph, iteration):
        done = optimize(self, graph, iteration)
        gc.collect()
        return done

    monkeypatch.setattr(GraphOptimizerBase, "optimize", optimize_and_free)


def test_the_origin_experiment_is_trained_and_answers_at_its_own_size(folder, frugal, capsys):
    data, run, models = folder / "data", folder / "run", folder / "models"
    words = ["--data", str(data), "--out", str(run), "--epochs", "1", "--limit", "64"]
    assert train.cli.main(["fit", "origin", *words]) == 0
    assert "47,634,410 parameters, 64 faces" in capsys.readouterr().out
    assert export.cli.main([str(run / "best.keras"), str(models), "--data", str(data)]) == 0
    model = fer_onnx.load(models / "coarse-fine.onnx")
    assert (model.info.input.height, model.info.input.resize) == (244, "nearest")
    assert not model.has_evidence
    convolutions = 244 * 244 * 9 * (32 + 32 * 16)
    face = np.zeros((1, 244, 244, 1), np.uint8)
    counted = count_multiply_adds((models / "coarse-fine.onnx").read_bytes(), face)
    assert counted == convolutions + 122 * 122 * 16 * 200 + 200 * 2
    checkpoint, _ = read_checkpoint(run / "best.keras")
    path = data / "validation" / "fine" / "1.png"
    array = to_array(read_image(path), model.info.input)[None]
    raw = checkpoint.predict(array, verbose=0)["original"][0].astype(float)
    scores = raw ** (1 / model.info.temperature)
    given = list(model.predict(path).scores.values())
    assert given == pytest.approx((scores / scores.sum()).tolist(), abs=1e-5)


def test_a_run_that_is_not_exported_is_refused_with_the_command_that_exports_it(tmp_path):
    with pytest.raises(DataError, match=r"0 model files, 1 expected: python -m export .*run/best"):
        find_model(tmp_path / "run")

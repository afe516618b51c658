"""Networks of others, from random weights: trained, exported, compared and asked."""

import numpy as np
import pytest
from PIL import Image

import export.cli
import fer_onnx
import train.cli
from fer_onnx.images import read_image
from fer_onnx.preprocess import to_array
from train.runs.checkpoint import read_checkpoint


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("few")
    rng = np.random.default_rng(0)
    for part, count in {"train": 8, "validation": 2}.items():
        for label in ("dark", "light"):
            (folder / part / label).mkdir(parents=True)
            for number in range(count):
                pixels = rng.integers(0, 120, (48, 48)) + 130 * (label == "light")
                path = folder / part / label / f"{number}.png"
                Image.fromarray(pixels.astype(np.uint8)).save(path)
    return folder


@pytest.mark.parametrize("network", ["vgg16", "efficientnet-lite0"])  # the other two take minutes
def test_a_network_of_others_becomes_a_model_that_answers(network, data, tmp_path):
    run, models = tmp_path / "run", tmp_path / "models"
    words = ["fit", f"transfer-{network}", "--weights", "none", "--side", "32"]
    words += ["--data", str(data), "--out", str(run), "--batch", "8", "--frozen", "1"]
    assert train.cli.main([*words, "--epochs", "1"]) == 0
    checkpoint = run / "best.keras"
    assert export.cli.main([str(checkpoint), str(models), "--data", str(data)]) == 0
    model = fer_onnx.load(models / "dark-light.onnx")
    assert (model.info.input.height, model.info.input.colour) == (32, "grey")
    path = data / "validation" / "light" / "1.png"
    answer = model.predict(path, evidence=True)
    array = to_array(read_image(path), model.info.input)[None]
    raw = read_checkpoint(checkpoint)[0].predict(array, verbose=0)["original"][0].astype(float)
    scores = raw ** (1 / model.info.temperature)
    given = [answer.scores[label] for label in model.labels]
    assert given == pytest.approx((scores / scores.sum()).tolist(), abs=1e-5)
    maps = np.stack([answer.evidence[label] for label in model.labels])
    mean = np.exp(maps.mean(axis=(1, 2)))
    assert given == pytest.approx((mean / mean.sum()).tolist(), abs=1e-4)

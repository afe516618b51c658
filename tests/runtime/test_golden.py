"""The golden files that ports are checked against are what this runtime does."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import fer_onnx
from fer_onnx.images import read_image
from fer_onnx.modelfile import bundled_models
from fer_onnx.preprocess import to_array

GOLDEN = Path(__file__).parents[1] / "golden"
ANSWERS = json.loads((GOLDEN / "probabilities.json").read_text())
# processors add in orders of their own; in int8 that can change what is rounded up or down
TOLERANCE = {"float32": 1e-4, "int8": 0.02}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_golden_picture_becomes_its_golden_input(name):
    spec = fer_onnx.load().info.input
    expected = np.asarray(Image.open(GOLDEN / f"{Path(name).stem}.input.png"))
    assert np.array_equal(to_array(read_image(GOLDEN / name), spec)[..., 0], expected)


@pytest.mark.parametrize("model", bundled_models())
@pytest.mark.parametrize("name", ANSWERS)
def test_a_golden_picture_gets_its_golden_answer(name, model):
    loaded = fer_onnx.load(model)
    scores = loaded.predict(GOLDEN / name).scores
    assert list(scores) == list(ANSWERS[name][model])
    assert scores == pytest.approx(ANSWERS[name][model], abs=TOLERANCE[loaded.info.precision])


def test_there_are_golden_pictures_of_several_kinds():
    assert len(ANSWERS) >= 5
    assert {frozenset(answers) for answers in ANSWERS.values()} == {frozenset(bundled_models())}

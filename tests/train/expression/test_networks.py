"""The architectures are the ones that the documents name."""

import numpy as np
import pytest

from fer_onnx.metadata import InputSpec
from train.data.faceset import LABELS
from train.expression.networks import build_origin, build_residual
from train.expression.preset import rescale_stages
from train.expression.presets import load_preset, preset_names
from train.runs.schedules import warm_up_and_decay


def test_origin_is_the_experiments_network_to_the_parameter():
    model = build_origin(InputSpec(244, 244, "grey", "nearest"), {"original": ("happy", "sad")})
    assert model.count_params() == 47_634_410
    kinds = [type(layer).__name__ for layer in model.layers[2:]]
    assert kinds == [
        *("Conv2D", "Conv2D", "LeakyReLU", "BatchNormalization", "MaxPooling2D", "Dropout"),
        *("Flatten", "Dense", "Dropout", "Dense"),
    ]


def test_origin_preset_is_trained_as_the_experiment_was():
    preset = load_preset("origin")
    assert (preset.batch, preset.epochs, preset.seed) == (32, 10, 42)
    assert preset.input == InputSpec(244, 244, "grey", "nearest")
    assert preset.augmentation is None
    assert type(preset.optimizer(1)).__name__ == "SGD"


def test_compact_keeps_within_its_budget_and_answers_at_any_size():
    heads = {"original": LABELS, "ferplus": LABELS}
    model = build_residual(InputSpec(48, 48), heads)
    assert model.count_params() == 877_714
    for side in (32, 40, 48):
        answers = model.predict(np.zeros((2, side, side, 1), np.uint8), verbose=0)
        assert {head: a.shape for head, a in answers.items()} == {h: (2, 7) for h in heads}
        assert answers["ferplus"].sum(axis=1) == pytest.approx([1, 1], abs=1e-6)


def test_every_preset_loads_and_says_what_it_is():
    assert {"origin", "compact"} <= set(preset_names())
    for name in preset_names():
        assert load_preset(name).epochs > 0


def test_an_unknown_preset_is_an_error_that_lists_the_others():
    with pytest.raises(ValueError, match="no preset 'nope'; there are compact, compact-again, "):
        load_preset("nope")


def test_stages_stretch_and_shrink_in_proportion():
    stages = ((32, 20), (40, 14), (48, 14))
    assert rescale_stages(stages, 96) == ((32, 40), (40, 28), (48, 28))
    assert sum(epochs for _, epochs in rescale_stages(stages, 7)) == 7


def test_the_rate_rises_over_a_twentieth_and_falls_to_a_thousandth_of_its_peak():
    rate = warm_up_and_decay(1000, peak=0.1)
    assert float(rate(50)) == pytest.approx(0.1)
    assert float(rate(10)) < float(rate(40)) < 0.1
    assert float(rate(1000)) == pytest.approx(1e-4)

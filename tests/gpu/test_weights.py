"""Weights go from Keras to arrays and back without a change."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from fer_onnx.metadata import InputSpec  # noqa: E402
from gpu.weights import count_blocks, list_arrays, put_arrays  # noqa: E402
from train.expression.networks import build_residual  # noqa: E402

HEADS = {"original": ("happy", "sad"), "ferplus": ("happy", "sad")}


def build(blocks):
    return build_residual(InputSpec(48, 48), HEADS, widths=(4, 4, 8, 8), blocks=blocks)


def test_a_network_answers_alike_after_its_weights_were_arrays():
    first, second = build((1, 2, 1)), build((1, 2, 1))
    put_arrays(second, list_arrays(first))
    faces = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1), dtype=np.uint8)
    for head in HEADS:
        one, other = (model.predict(faces, verbose=0)[head] for model in (first, second))
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("blocks", [(1, 2, 1), (1, 2, 2), (2, 1, 3)])
def test_the_names_of_the_arrays_say_how_many_blocks_each_stage_has(blocks):
    assert count_blocks(list_arrays(build(blocks))) == blocks


def test_convolutions_are_in_pytorch_s_order_of_axes():
    assert list_arrays(build((1, 1, 1)))["stage1_conv.weight"].shape == (4, 4, 3, 3)
    assert list_arrays(build((1, 1, 1)))["stage2_conv.weight"].shape == (8, 4, 3, 3)

"""The whole network of a fitted checkpoint, trained on and mixed with what it began with."""

import numpy as np
import pytest

from benchmarks.quality import own_network
from train.data.faceset import FaceSet
from train.expression.finetune.fitting import HEAD
from train.expression.networks import build_residual
from train.expression.presets import load_preset

LABELS = ("dark", "light")


def test_weights_are_mixed_by_their_share():
    first, last = [np.array([0.0, 2.0])], [np.array([4.0, 2.0])]
    for share, expected in ((0, [0, 2]), (0.5, [2, 2]), (1, [4, 2])):
        assert own_network.mix(first, last, share)[0].tolist() == expected


@pytest.fixture
def faces() -> FaceSet:
    images = np.random.default_rng(0).integers(0, 100, (64, 48, 48, 1), dtype=np.uint8)
    images[32:] += 100
    truth = np.repeat([0, 1], 32)
    names = np.arange(64).astype(str)
    return FaceSet(images, np.full(64, "train"), truth, None, LABELS, "x", names)


def test_all_but_the_normalisations_learns(faces):
    spec = load_preset("compact").input
    network = build_residual(spec, {HEAD: LABELS}, widths=(4, 8), blocks=(1,))
    before = {layer.name: layer.get_weights() for layer in network.layers}
    own_network.train_whole(network, faces, epochs=2, seed=0)
    for layer in network.layers:
        for old, new in zip(before[layer.name], layer.get_weights(), strict=True):
            assert np.array_equal(old, new) == layer.name.endswith("_norm"), layer.name
    assert 0 <= own_network.rate(network, faces) <= 1

"""A training that takes seconds: a small network on small faces."""

from dataclasses import replace

import pytest

from train.data.faceset import FaceSet
from train.data.formats import read_dataset
from train.expression.augment import Augmentation
from train.expression.networks import build_residual
from train.expression.preset import Preset
from train.expression.presets import load_preset


def build_small(spec, heads):
    return build_residual(spec, heads, widths=(4, 8), blocks=(1,))


@pytest.fixture(scope="session")
def small() -> Preset:
    return replace(
        load_preset("compact"),
        build=build_small,
        stages=((24, 1), (48, 2)),
        batch=16,
        augmentation=Augmentation(),
    )


@pytest.fixture(scope="module")  # a module may have a preset of its own
def faces(tiny_data, small) -> FaceSet:
    return read_dataset(tiny_data, small.input)

import os
from pathlib import Path

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture
def faces():
    """Make uint8 faces (count, height, width, channels) of every brightness."""

    def make(spec, count):
        from export.parity import random_faces

        return random_faces(spec, count, seed=count)

    return make


@pytest.fixture(scope="session")
def blurred():
    """A colour picture with structure at every scale: array (60, 52, 3), uint8."""
    rng = np.random.default_rng(3)
    return np.cumsum(rng.integers(-9, 10, (60, 52, 3)), axis=0).clip(-99, 99).astype(np.int16) + 110

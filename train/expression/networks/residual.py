"""The network that ships: plain 3×3 convolutions with residual connections."""

import keras
from keras import layers

from fer_onnx.metadata import InputSpec

from .heads import Heads, attach_heads


def build_residual(
    spec: InputSpec,
    heads: Heads,
    widths: tuple[int, ...] = (20, 40, 80, 160),
    blocks: tuple[int, ...] = (1, 2, 1),
    dropout: float = 0.2,
) -> keras.Model:
    """Build a plain 3×3 residual network (He et al. 2016, arXiv:1512.03385) with global pooling.

    A stem at full size, then per stage one stride-2 convolution and some residual blocks: only
    3×3 convolutions, batch normalisation and ReLU, which fold and quantize well.

    Args:
        spec: size and colour of the input; the network itself takes any size.
        heads: labels of each head; the backbone is shared.
        widths: channels of the stem and of each stage.
        blocks: residual blocks of each stage.
        dropout: share of the pooled features dropped in training.

    Returns:
        Model: uint8 (batch, height, width, channels) → {head: (batch, labels) probabilities}.
    """
    inputs = keras.Input((None, None, spec.channels), name="image", dtype="uint8")
    x = layers.Rescaling(1 / 127.5, offset=-1, name="scale")(inputs)
    x = _convolve(x, widths[0], "stem")
    for stage, (width, count) in enumerate(zip(widths[1:], blocks, strict=True), 1):
        x = _convolve(x, width, f"stage{stage}", strides=2)
        for block in range(1, count + 1):
            y = _convolve(x, width, f"stage{stage}_block{block}_a")
            y = _convolve(y, width, f"stage{stage}_block{block}_b", activate=False)
            x = layers.ReLU()(layers.Add()([x, y]))
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return attach_heads(inputs, layers.Dropout(dropout)(x), heads, "residual")


def _convolve(x, width: int, name: str, strides: int = 1, activate: bool = True):
    x = layers.Conv2D(width, 3, strides, padding="same", use_bias=False, name=f"{name}_conv")(x)
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x) if activate else x

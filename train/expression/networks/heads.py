"""The heads on a backbone: one softmax per set of labels."""

from collections.abc import Mapping
from typing import TypeAlias

import keras
from keras import layers

Heads: TypeAlias = Mapping[str, tuple[str, ...]]


def attach_heads(inputs, features, heads: Heads, name: str) -> keras.Model:
    """End a network in one float32 softmax per head, each named as its head.

    Args:
        inputs: the network's input tensor.
        features: what every head sees, tensor (batch, features).
        heads: labels of each head.
        name: of the network.

    Returns:
        Model: inputs → {head: (batch, labels) probabilities}.
    """
    outputs = {
        head: layers.Dense(len(labels), activation="softmax", dtype="float32", name=head)(features)
        for head, labels in heads.items()
    }
    return keras.Model(inputs, outputs, name=name)


def find_backbone(model: keras.Model) -> keras.Model:
    """Return the part of a network that its heads share: inputs → features, with shared weights."""
    head = model.get_layer(model.output_names[0])
    return keras.Model(model.input, head.input)


def widen(image):
    """Repeat a grey picture in three channels, for a network that reads colour."""
    if image.shape[-1] == 3:
        return image
    return layers.Concatenate(name="grey_to_rgb")([image, image, image])

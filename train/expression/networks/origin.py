"""The network of the origin experiment: two convolutions and one wide dense layer."""

import keras
from keras import layers

from fer_onnx.metadata import InputSpec

from .heads import Heads, attach_heads


def build_origin(spec: InputSpec, heads: Heads) -> keras.Model:
    """Build the network of the origin experiment, layer by layer.

    Returns:
        Model: uint8 (batch, height, width, channels) → {head: (batch, labels) probabilities};
        47,634,410 parameters for two labels at 244×244.
    """
    inputs = keras.Input((spec.height, spec.width, spec.channels), name="image", dtype="uint8")
    x = layers.Rescaling(1 / 255, name="scale")(inputs)
    x = layers.Conv2D(32, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(16, 3, padding="same")(x)
    x = layers.LeakyReLU(negative_slope=0.5)(x)
    x = layers.BatchNormalization()(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Dropout(0.25)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(200, activation="relu")(x)
    return attach_heads(inputs, layers.Dropout(0.5)(x), heads, "origin")

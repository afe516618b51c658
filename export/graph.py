"""Keras checkpoint → ONNX graph: one head, self-contained, with its evidence maps."""

from typing import NamedTuple

import keras
import numpy as np
import numpy.typing as npt
import onnx
import tensorflow as tf
import tf2onnx
from keras import layers

from fer_onnx.metadata import InputSpec
from fer_onnx.modelfile.operators import OPSET

from .calibration import Calibration
from .fold import fold_scaling


class HeadWeights(NamedTuple):
    """The last dense layer of a head: kernel (features, labels) and bias (labels,), float32."""

    kernel: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]


def read_head(
    checkpoint: keras.Model,
    head: str,
    columns: list[int],
    calibration: Calibration,
) -> HeadWeights:
    """Take a head's weights, calibrated.

    `columns` keeps some of its labels; the softmax after them brings their sum to 1.
    """
    kernel, bias = checkpoint.get_layer(head).get_weights()
    temperature = calibration.temperature or 1.0
    bias = (bias[columns] - calibration.prior).astype(np.float32)
    return HeadWeights(kernel[:, columns] / temperature, bias / temperature)


def build_release(
    checkpoint: keras.Model, spec: InputSpec, head: str, weights: HeadWeights
) -> keras.Model:
    """Build what the model file computes: uint8 faces → probabilities, and evidence if it can.

    Where a head is global average pooling and a dense layer, the dense layer becomes a 1×1
    convolution before the pooling: its output is the evidence (class activation maps, Zhou et
    al. 2016, arXiv:1512.04150) with the bias inside, and the mean of it over height and width is
    the logits.
    """
    inputs = keras.Input((spec.height, spec.width, spec.channels), name="image", dtype="uint8")
    labels = len(weights.bias)
    pools = [x for x in checkpoint.layers if isinstance(x, layers.GlobalAveragePooling2D)]
    if pools:
        backbone = keras.Model(checkpoint.inputs, pools[0].input)
        look = layers.Conv2D(labels, 1, name="evidence")
        maps = look(backbone(inputs))
        look.set_weights([weights.kernel[None, None], weights.bias])
        logits = layers.GlobalAveragePooling2D(name="mean")(maps)
        outputs = {
            "probabilities": layers.Softmax(name="probabilities")(logits),
            "evidence": layers.Permute((3, 1, 2), name="labels_first")(maps),
        }
    else:
        backbone = keras.Model(checkpoint.inputs, checkpoint.get_layer(head).input)
        answer = layers.Dense(labels, activation="softmax", name="probabilities")
        outputs = {"probabilities": answer(backbone(inputs))}
        answer.set_weights(list(weights))
    return keras.Model(inputs, outputs)


def convert(model: keras.Model, spec: InputSpec) -> onnx.ModelProto:
    """Convert to ONNX with tf2onnx; the batch axis is dynamic and named `batch`."""
    signature = tf.TensorSpec((None, spec.height, spec.width, spec.channels), tf.uint8, "image")

    @tf.function(input_signature=[signature])
    def run(image):
        return model(image, training=False)

    graph, _ = tf2onnx.convert.from_function(run, input_signature=[signature], opset=OPSET)
    for node in (*graph.graph.input, *graph.graph.output):
        node.type.tensor_type.shape.dim[0].dim_param = "batch"
    del graph.graph.value_info[:]  # shapes that tf2onnx guessed with names of its own
    fold_scaling(graph)
    onnx.checker.check_model(graph, full_check=True)
    return graph

"""Networks on LiteRT (TensorFlow Lite's runtime), one thread: Keras models, converted."""

import contextlib
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras

GET_LITERT = "pip install ai-edge-litert, and pip install -e '.[train]' for TensorFlow"


def open_litert(network: "keras.Model", shape: tuple[int, int, int]) -> Callable[[], object]:
    """Convert a Keras model to float32 LiteRT; return what runs it on one face of noise.

    Args:
        network: the model.
        shape: height, width and channels of a face, which the model may leave open.

    Raises:
        ImportError: LiteRT or TensorFlow is not installed; `GET_LITERT` brings them.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf
    from ai_edge_litert.interpreter import Interpreter

    run = tf.function(lambda face: network(face, training=False))
    call = run.get_concrete_function(tf.TensorSpec((1, *shape), network.inputs[0].dtype))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([call], network)
    with TemporaryDirectory() as folder, contextlib.redirect_stdout(None):
        file = Path(folder) / "network.tflite"
        file.write_bytes(converter.convert())
        interpreter = Interpreter(model_path=str(file), num_threads=1)
        interpreter.allocate_tensors()
    given = interpreter.get_input_details()[0]
    noise = np.random.default_rng(0).integers(0, 256, (1, *shape)).astype(given["dtype"])
    return partial(_invoke, interpreter, given["index"], noise)


def _invoke(interpreter: Any, index: int, face: "np.typing.NDArray[np.generic]") -> object:
    interpreter.set_tensor(index, face)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])

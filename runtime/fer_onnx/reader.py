"""A picture → the faces in it, each with what a model says of it."""

import os
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from .classifier import Classifier
from .crop import Box, clip, cut, lies_in, round_box, square_around
from .detector import MAX_SIDE, Detector, ReducedDetector, enlarge, open_detector
from .images import ChannelOrder, ImageSource, Original, read_image
from .limits import DEFAULT as DEFAULT_LIMITS
from .limits import Limits
from .orientation import find_faces
from .prediction import Face, Prediction
from .shared import open_model
from .tiles import choose_scale
from .turns import turn, turn_back, turn_forth, turn_size

SPARE = 2  # times the pixels that the search needs: faces are cut from the same picture
CROP_SIDE = 128  # a picture whose longer side is no longer is taken for the crop of one face


def read_faces(
    source: ImageSource | Original,
    *,
    model: Classifier | str | os.PathLike[str] | None = None,
    detector: Detector | str | None = None,
    boxes: Sequence[Sequence[float]] | None = None,
    quarters: int | None = None,
    min_face: float | None = None,
    evidence: bool = False,
    colour: ChannelOrder = "rgb",
    limits: Limits = DEFAULT_LIMITS,
) -> list[Face]:
    """Find the faces of a picture and say what each looks like.

    A picture that lies on its side or upside down is found out; boxes are given in pixels of the
    picture as its EXIF orientation alone turns it. A face that is too small or too blurred to
    read is `uncertain`, whatever its score.

    Args:
        source: whatever `fer_onnx.read_image` takes, or a `fer_onnx.images.Original` of it. A large
            JPEG is decoded reduced, as large as the search and the faces found need.
        model: what reads the faces, or what `fer_onnx.load` takes: a bundled model is opened
            once and kept, another file at every call; the bundled default if None.
        detector: what finds them, anything with a method `detect` as `Detector` has it, or a
            name that `load_detector` takes; the default, loaded once, if None.
        boxes: where the faces are, if that is known: (x, y, width, height) in pixels of the
            upright picture. Nothing is searched for then.
        quarters: by how many quarters of a circle, counterclockwise, the picture must be turned for
            its faces to stand upright, 0–3, if that is known, as it is after the first pictures of
            a film: the search takes one detection then. None to find out; `boxes` then count as 0.
        min_face: height in pixels of the smallest face that counts: smaller ones are left out, and
            the picture is searched as large as such a face needs, in tiles if it is large, with at
            most 25 detections a turn. None for any face that is found in the picture reduced to
            960 pixels, or to 480 of the shorter side of a panorama.
        evidence: whether to say where the model looked, in the orientation of the picture.
        colour: the order of an array's channels, "rgb", or "bgr" as OpenCV has it.
        limits: what reading the picture may cost.

    Returns:
        The faces, the largest first, or in the order of `boxes`; none if there are none.

    Raises:
        ImageError: the picture cannot be used.
        ModelError: the model cannot be used, or has no evidence.
        DetectionError: the detector failed.
        ValueError: a box that is none, or that lies outside the picture; a model or a detector of
            another type; another colour, quarters, min_face or limits that are none.
    """
    _check_search(detector, quarters, min_face)
    model = open_model(model)
    original = source if isinstance(source, Original) else Original(source, limits, colour)
    if boxes is None:
        turned, places = _find(original, open_detector(detector), quarters, min_face)
    else:
        turned, size = quarters or 0, original.size
        places = [(turn_forth(_check(box, size), size, turned), None) for box in boxes]
    return _read(original, turned, places, model, evidence)


def read_whole(
    source: ImageSource | Original,
    *,
    model: Classifier | str | os.PathLike[str] | None = None,
    evidence: bool = False,
) -> list[Face]:
    """Take a picture for one face and say what it looks like.

    Args:
        source: whatever `fer_onnx.read_image` takes, or a `fer_onnx.images.Original` of it.
        model: what reads the face, as in `read_faces`.
        evidence: whether to say where the model looked.

    Returns:
        One face, whose box is the whole picture.

    Raises:
        ImageError: the picture cannot be used.
        ModelError: the model cannot be used, or has no evidence.
        ValueError: a model of another type.
    """
    model = open_model(model)
    image = source.decode() if isinstance(source, Original) else read_image(source)
    return [Face((0, 0, *image.size), None, model.predict(image, evidence=evidence))]


def is_crop(image: Image.Image | Original) -> bool:
    """Check whether a picture is so small that it must be one face, cut out already."""
    return max(image.size) <= CROP_SIDE


def _find(
    original: Original, detector: Detector, quarters: int | None, min_face: float | None
) -> tuple[int, list[tuple[Box, float | None]]]:
    """Return by how many quarters to turn the picture, and the boxes and scores found then.

    The largest first, in pixels of the whole picture, turned.
    """
    size = original.size
    reducible = isinstance(detector, ReducedDetector)
    needed = SPARE * max(MAX_SIDE, choose_scale(size, min_face) * max(size))  # as `_cut` needs
    image = original.decode(needed if reducible else None)
    least = min_face and min_face * max(image.size) / max(size)
    turned, found = find_faces(image, detector, quarters, least)
    found.sort(key=lambda face: face.box[2] * face.box[3], reverse=True)
    seen, real = (turn_size(each, turned) for each in (image.size, size))
    return turned, [(enlarge(face.box, seen, real), face.score) for face in found]


def _read(
    original: Original,
    quarters: int,
    places: Sequence[tuple[Box, float | None]],
    model: Classifier,
    evidence: bool,
) -> list[Face]:
    """Read the faces at places of the picture turned by so many quarters."""
    size, crop = original.size, model.info.crop
    squares = [square_around(box, crop) for box, _ in places]
    crops = _cut(original, squares, quarters, model)
    predictions = model.predict_batch(crops, evidence=evidence)
    return [
        Face(
            clip(turn_back(box, size, quarters), size),
            score,
            turn_evidence(prediction, quarters),
            turn_back(square, size, quarters),
            quarters,
        )
        for (box, score), square, prediction in zip(places, squares, predictions, strict=True)
    ]


def _cut(
    original: Original, squares: Sequence[Box], quarters: int, model: Classifier
) -> list[Image.Image]:
    """Cut squares out of the picture, decoded as large as the model needs the smallest of them."""
    if not squares:
        return []
    spec, longer = model.info.input, max(original.size)
    needed = max(spec.width, spec.height) / min(side for _, _, side, _ in squares)
    image = turn(original.decode(max(needed * longer, SPARE * MAX_SIDE)), quarters)
    scale = max(image.size) / longer
    places = [
        (round(scale * x), round(scale * y), round(scale * side)) for x, y, side, _ in squares
    ]
    return [cut(image, (x, y, side, side), model.info.crop.border) for x, y, side in places]


def turn_evidence(prediction: Prediction, quarters: int) -> Prediction:
    """Return an answer for a face that was turned, with the maps turned back.

    Args:
        prediction: the answer.
        quarters: what the face was turned by, as `orientation.turn` takes it.
    """
    if not quarters or prediction.evidence is None:
        return prediction
    maps = {label: np.rot90(values, -quarters) for label, values in prediction.evidence.items()}
    return replace(prediction, evidence=maps)


def _check_search(detector: object, quarters: object, min_face: object) -> None:
    """Check how a picture is to be searched."""
    if not (detector is None or isinstance(detector, str) or hasattr(detector, "detect")):
        raise ValueError(f"detector: expected a detector or a name, not {type(detector).__name__}")
    if quarters is not None and quarters not in range(4):
        raise ValueError(f"quarters={quarters!r:.60}: expected 0, 1, 2 or 3")
    if min_face is not None and not (isinstance(min_face, int | float) and min_face > 0):
        raise ValueError(f"min_face={min_face!r:.60}: expected pixels, above 0")


def _check(box: Sequence[float], size: tuple[int, int]) -> Box:
    rounded = round_box(box)
    if not lies_in(rounded, size):
        raise ValueError(f"box {box}: outside the picture of {size[0]}x{size[1]} pixels")
    return rounded

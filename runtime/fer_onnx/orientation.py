"""Which way up a picture is, and where its faces are."""

from typing import TYPE_CHECKING

from PIL import Image

from .crop import Box, clip, lies_in, round_box, square_around
from .detector import Detection, remove_overlaps
from .errors import DetectionError, FerOnnxError
from .metadata import Crop

if TYPE_CHECKING:
    from .detector import Detector

# quarter turns, counterclockwise
TURNS = {
    1: Image.Transpose.ROTATE_90,
    2: Image.Transpose.ROTATE_180,
    3: Image.Transpose.ROTATE_270,
}
SURROUNDINGS = Crop(scale=2.0)  # what is looked at to tell which way up a face is
LOOK_SIDE = 128  # at most this many pixels of it, so that all four turns cost next to nothing


def turn(image: Image.Image, quarters: int) -> Image.Image:
    """Turn a picture counterclockwise by so many quarters of a circle, 0–3."""
    return image.transpose(TURNS[quarters]) if quarters else image


def turn_back(box: Box, size: tuple[int, int], quarters: int) -> Box:
    """Bring a box of a turned picture to the picture before it was turned.

    Args:
        box: x, y, width, height in pixels of the turned picture.
        size: width and height of the picture before it was turned.
        quarters: what it was turned by, as `turn` takes it.
    """
    x, y, width, height = box
    if quarters == 1:
        return size[0] - y - height, x, height, width
    if quarters == 2:
        return size[0] - x - width, size[1] - y - height, width, height
    if quarters == 3:
        return y, size[1] - x - width, height, width
    return box


def find_faces(image: Image.Image, detector: "Detector") -> tuple[int, list[Detection]]:
    """Find the faces of a picture that may lie on its side or upside down.

    If nothing is found, the three other turns are tried, and the highest sum of scores wins.
    Detectors also find many faces that lie on their side, with a lower score. So the face with the
    highest score is searched for again, small, in all four turns; if its score is higher in
    another, the whole picture is tried in that one, and wins if the sum of scores is higher there.

    Args:
        image: a picture in mode "L" or "RGB".
        detector: what finds upright faces.

    Returns:
        By how many quarters to turn the picture, and what is found in it then, highest score first.

    Raises:
        DetectionError: the detector failed.
    """
    found = {0: _detect(image, detector)}
    turns = [_upright_turn(image, found[0][0].box, detector)] if found[0] else [1, 2, 3]
    for quarters in turns:
        if quarters not in found:
            found[quarters] = _detect(turn(image, quarters), detector)
    best = max(found, key=lambda quarters: _sum_scores(found[quarters]))  # the first of equals
    return best, found[best]


def _upright_turn(image: Image.Image, box: Box, detector: "Detector") -> int:
    """Return by how many quarter turns a detector gives a face its highest score."""
    x, y, width, height = clip(square_around(box, SURROUNDINGS), image.size)
    part = image.crop((x, y, x + width, y + height))
    part.thumbnail((LOOK_SIDE, LOOK_SIDE), Image.Resampling.BILINEAR)
    scores = [
        max((found.score for found in _detect(turn(part, quarters), detector)), default=0.0)
        for quarters in range(4)
    ]
    return scores.index(max(scores))


def _detect(image: Image.Image, detector: "Detector") -> list[Detection]:
    """Run a detector, hold it to the protocol, and keep what lies in the picture."""
    try:
        found = [
            Detection(round_box(detection.box), float(detection.score))
            for detection in detector.detect(image)
        ]
    except FerOnnxError:
        raise
    except Exception as exc:  # a stranger's detector may raise anything
        raise DetectionError(f"{type(detector).__name__}: detection failed ({exc})") from exc
    return remove_overlaps([face for face in found if lies_in(face.box, image.size)])


def _sum_scores(detections: list[Detection]) -> float:
    return sum(detection.score for detection in detections)

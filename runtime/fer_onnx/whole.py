"""A picture in which no face was found, and that may be one all the same.

A face that fills its picture, or is cut off by its edges, is larger than detectors expect. Shown
small on a plain ground it is found more often, with a lower score: enough to take the picture
whole, not to be sure (`python -m benchmarks whole`).
"""

from PIL import Image, ImageStat

from .boxes import contains_centre
from .crop import Box, clip
from .detector import Detection, Detector, ReducedDetector

SQUARISH = 1.5  # the longer side by the shorter, at most
SIDE, GROUND = 64, 128  # pixels of the longer side of the picture, and of the ground
DOUBT = 0.64  # of the detector's threshold: what scores less is not taken for a face
COVERED = 0.35  # of the picture that the face covers at least


def is_one_face(image: Image.Image, detector: Detector) -> bool:
    """Check whether a picture in which no face was found may be one.

    Args:
        image: a picture in mode "L" or "RGB".
        detector: what found none.

    Raises:
        FerOnnxError: the detector failed.
    """
    if max(image.size) > SQUARISH * min(image.size):
        return False
    small = image.convert("RGB")
    small.thumbnail((SIDE, SIDE), Image.Resampling.BILINEAR)
    colour = tuple(round(value) for value in ImageStat.Stat(small).mean)
    ground = Image.new("RGB", (GROUND, GROUND), colour)
    x, y = (GROUND - small.width) // 2, (GROUND - small.height) // 2
    ground.paste(small, (x, y))
    place = (x, y, *small.size)
    return any(_fills(place, face.box) for face in _search(ground, detector))


def _search(ground: Image.Image, detector: Detector) -> list[Detection]:
    if isinstance(detector, ReducedDetector):
        return detector.search(ground, ground.size, DOUBT * detector.min_score)
    return detector.detect(ground)


def _fills(place: Box, box: Box) -> bool:
    """Check whether a box covers a picture at this place, and its centre is in the middle half."""
    x, y, width, height = place
    _, _, across, down = clip((box[0] - x, box[1] - y, box[2], box[3]), (width, height))
    middle = (x + width // 4, y + height // 4, width // 2, height // 2)
    return across * down >= COVERED * width * height and contains_centre(middle, box)

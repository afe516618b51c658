"""Which way up a picture is, and where its faces are."""

from typing import TYPE_CHECKING

from PIL import Image

from .turns import turn as turn
from .turns import turn_back as turn_back
from .view import View, find_highest

if TYPE_CHECKING:
    from .detector import Detection, Detector


def find_faces(
    image: Image.Image,
    detector: "Detector",
    quarters: int | None = None,
    min_face: float | None = None,
) -> tuple[int, list["Detection"]]:
    """Find the faces of a picture that may lie on its side or upside down.

    A detector also finds many faces that lie on their side, with a lower score, and other things
    above its threshold. So what scores highest, below the threshold too, is looked at again, small,
    in all four turns; where the scores are higher in another turn, the whole picture is searched in
    that one, which wins if its best face scores higher: one face on its side may look like several,
    all doubtful. If nothing is found, each other turn is looked at in a small copy of the picture,
    and the one with the highest sum of scores is searched.

    Args:
        image: a picture in mode "L" or "RGB".
        detector: what finds upright faces.
        quarters: by how many quarters of a circle, counterclockwise, the picture must be turned, if
            that is known: it is then searched once, in that turn. None to find out.
        min_face: height in pixels of the smallest face that counts; None for any.

    Returns:
        By how many quarters to turn the picture, and what is found in it then, highest score first.

    Raises:
        DetectionError: the detector failed.
    """
    view = View(image, detector, min_face)
    if quarters is not None:
        return quarters, view.detect(quarters)
    faces, candidates = view.detect_candidates()
    found = {0: faces}
    likely = int(view.score_turns(candidates).argmax()) if candidates else 0  # the first of equals
    if likely:
        found[likely] = view.detect(likely)
    elif not faces:
        found |= view.glance()
    best = max(found, key=lambda turned: find_highest(found[turned]))
    return best, found[best]

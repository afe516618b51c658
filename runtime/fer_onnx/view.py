"""A picture as a detector is shown it: reduced once, turned, and its faces looked at closely."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from .boxes import contains_centre
from .crop import Box, clip, lies_in, round_box, square_around
from .detector import (
    MAX_SIDE,
    Detection,
    Detector,
    ReducedDetector,
    enlarge,
    remove_overlaps,
    shrink,
)
from .errors import DetectionError, FerOnnxError
from .metadata import Crop
from .tiles import choose_scale, cut_tiles, is_cut_off, scale_size
from .turns import TURNS, turn, turn_size

DOUBT = 0.3  # of a detector's threshold: what scores that much is worth a close look
CANDIDATES = 4  # that are looked at closely, the highest scores first
SURROUNDINGS = Crop(scale=2.0)  # what is looked at to tell which way up a face is
LOOK_SIDE = 128  # pixels of a close look at most, so that all turns cost next to nothing
LOOKS = 0.3  # of the picture's pixels: what the close looks at all candidates take at most
GLANCE = 0.34  # how far the picture is reduced for a glance at a turn of it
MIN_GLANCE = 128  # pixels of the longer side: a glance reduces no further
GAP = 8  # pixels between the looks of a sheet


class View:
    """A picture as a detector is shown it.

    A detector of this package is shown one reduced copy and turns of that, in tiles if it is large;
    any other the picture itself, since only it knows how large a picture it needs.
    """

    def __init__(
        self, image: Image.Image, detector: Detector, min_face: float | None = None
    ) -> None:
        """Reduce a picture for a detector.

        Args:
            image: the picture, in mode "L" or "RGB".
            detector: what finds upright faces.
            min_face: height in pixels of the smallest face that counts; None for any.
        """
        self._detector = detector
        self._reduced = isinstance(detector, ReducedDetector)
        self._size = image.size
        self._min_face = min_face or 0
        side = round(choose_scale(image.size, min_face) * max(image.size))
        self._image = shrink(image, side) if self._reduced else image

    def detect(self, quarters: int) -> list[Detection]:
        """Return the faces of the picture turned by so many quarters, highest score first.

        Raises:
            DetectionError: the detector failed.
        """
        return self._keep(self._detect_tiles(quarters))

    def detect_candidates(self) -> tuple[list[Detection], list[Detection]]:
        """Return the faces of the picture as it lies, and what may be faces, they among it.

        Of a detector that is not of this package, its faces are all that may be.
        """
        if not isinstance(self._detector, ReducedDetector):
            found = self.detect(0)
            return found, found[:1]
        least = self._detector.min_score
        candidates = self._keep(self._detect_tiles(0, DOUBT * least))
        return [face for face in candidates if face.score >= least], candidates[:CANDIDATES]

    def glance(self) -> dict[int, list[Detection]]:
        """Return the faces of the turn, of the three others, in which a small copy shows most.

        A picture that needs no smaller copy is searched whole.
        """
        small = self._image
        if self._reduced:
            scale = max(min(GLANCE, MAX_SIDE / max(small.size)), MIN_GLANCE / max(small.size))
            if scale < 1:
                size = scale_size(small.size, scale)
                small = small.resize(size, Image.Resampling.BILINEAR, reducing_gap=1.0)
        found = {
            quarters: self._keep(
                self._detect(turn(small, quarters), turn_size(self._size, quarters))
            )
            for quarters in TURNS
        }
        best = max(found, key=lambda quarters: sum(face.score for face in found[quarters]))
        if small is self._image or not found[best]:
            return {best: found[best]}
        return {best: self.detect(best)}

    def score_turns(self, candidates: Sequence[Detection]) -> npt.NDArray[np.float64]:
        """Look at candidates closely, in all four turns.

        Returns:
            float array (4,): the sum of the highest scores of each, by quarters.
        """
        share = LOOKS * self._image.width * self._image.height / (4 * len(candidates))
        side = max(1, min(LOOK_SIDE, round(share**0.5))) if self._reduced else LOOK_SIDE
        parts = [self._cut(candidate.box, side) for candidate in candidates]
        looks = [turn(part, quarters) for part in parts for quarters in range(4)]
        if self._reduced:
            found = self._search_sheet(looks)
        else:
            found = [self._detect(look, look.size) for look in looks]
        scores = [max((face.score for face in faces), default=0.0) for faces in found]
        summed: npt.NDArray[np.float64] = np.reshape(scores, (-1, 4)).sum(axis=0)
        return summed

    def _cut(self, box: Box, side: int) -> Image.Image:
        """Cut out what surrounds a face, at most so many pixels wide and high."""
        square = enlarge(square_around(box, SURROUNDINGS), self._size, self._image.size)
        x, y, width, height = clip(square, self._image.size)
        part = self._image.crop((x, y, x + max(1, width), y + max(1, height)))
        part.thumbnail((side, side), Image.Resampling.BILINEAR)
        return part

    def _search_sheet(self, looks: Sequence[Image.Image]) -> list[list[Detection]]:
        """Search pictures side by side on one sheet, which costs one run of the network."""
        rows = [looks[place : place + 4] for place in range(0, len(looks), 4)]
        heights = [GAP + max(max(look.size) for look in row) for row in rows]
        sheet = Image.new("RGB", (4 * max(heights), sum(heights)))
        places: list[Box] = []
        for number, (row, step) in enumerate(zip(rows, heights, strict=True)):
            for column, look in enumerate(row):
                x, y = column * step, sum(heights[:number])
                sheet.paste(look, (x, y))
                places.append((x, y, *look.size))
        found = self._detect(sheet, sheet.size)
        return [[face for face in found if contains_centre(place, face.box)] for place in places]

    def _keep(self, found: Sequence[Detection]) -> list[Detection]:
        """Leave out what is smaller than what counts."""
        return [face for face in found if max(face.box[2:]) >= self._min_face]

    def _detect_tiles(self, quarters: int, min_score: float | None = None) -> list[Detection]:
        """Search the picture in tiles, and once as a whole; each face is kept once."""
        image, size = turn(self._image, quarters), turn_size(self._size, quarters)
        tiles = cut_tiles(image.size) if self._reduced else []
        if len(tiles) < 2:
            return self._detect(image, size, min_score)
        found = self._detect(shrink(image), size, min_score)
        for x, y, width, height in tiles:
            tile = enlarge((x, y, width, height), image.size, size)
            part = image.crop((x, y, x + width, y + height))
            for face in self._detect(part, tile[2:], min_score):
                left, top, *across = face.box
                box = (left + tile[0], top + tile[1], across[0], across[1])
                if not is_cut_off(box, tile, size):
                    found.append(Detection(box, face.score))
        return remove_overlaps(found)

    def _detect(
        self, image: Image.Image, size: tuple[int, int], min_score: float | None = None
    ) -> list[Detection]:
        """Run the detector, hold it to the protocol, and keep what lies in the picture."""
        detector = self._detector
        try:
            if isinstance(detector, ReducedDetector):
                least = detector.min_score if min_score is None else min_score
                given = detector.search(image, size, least)
            else:
                given = detector.detect(image)
            found = [Detection(round_box(face.box), float(face.score)) for face in given]
        except FerOnnxError:
            raise
        except Exception as exc:  # a stranger's detector may raise anything
            raise DetectionError(f"{type(detector).__name__}: detection failed ({exc})") from exc
        return remove_overlaps([face for face in found if lies_in(face.box, size)])


def find_highest(detections: Sequence[Detection]) -> float:
    """Return the highest score of detections, 0 of none."""
    return max((detection.score for detection in detections), default=0.0)

"""Where the faces of a film's picture are: all of it is searched, or where they are expected."""

from collections.abc import Sequence

from PIL import Image

from ..crop import Box, clip, square_around
from ..detector import Detection, Detector, remove_overlaps
from ..metadata import Crop
from ..orientation import find_faces
from ..turns import turn, turn_back

SURROUNDINGS = Crop(scale=2.0)  # of a face that is expected: what is searched at least
GRID = 32  # pixels that windows are whole multiples of: a detector gives other boxes off its grid
NEAR_SIDE = 192  # pixels, at most, that are searched of a window
NEAR_SHARE = 0.5  # of the picture's pixels: faces that take more are searched for in all of it
FINDABLE = 24  # pixels of the smallest face that the detector finds well


class View:
    """What is looked at of a film's pictures: a part of them, turned upright.

    Attributes:
        quarters: by how many quarters of a circle, counterclockwise, it is turned.
    """

    def __init__(self, size: tuple[int, int], region: Box | None, quarters: int) -> None:
        """Choose what is looked at.

        Args:
            size: width and height of the pictures.
            region: (x, y, width, height) of a part of them; None for all.
            quarters: by how many quarters of a circle, counterclockwise, that is turned.
        """
        self.quarters = quarters
        self._left, self._top, *part = region or (0, 0, *size)
        self._part = part[0], part[1]
        self._all = self._part == size

    def show(self, image: Image.Image) -> Image.Image:
        """Return what is looked at of a picture."""
        right, bottom = self._left + self._part[0], self._top + self._part[1]
        part = image if self._all else image.crop((self._left, self._top, right, bottom))
        return turn(part, self.quarters)

    def take_in(self, box: Box) -> Box:
        """Bring a box of the picture to what is looked at."""
        x, y, width, height = box
        turned = self._part[::-1] if self.quarters % 2 else self._part
        there = x - self._left, y - self._top, width, height
        return turn_back(there, turned, -self.quarters % 4)

    def give_back(self, box: Box) -> Box:
        """Bring a box of what is looked at to the picture."""
        x, y, width, height = turn_back(box, self._part, self.quarters)
        return x + self._left, y + self._top, width, height


class Search:
    """A way to find faces that costs less where it is known where they should be."""

    def __init__(self, detector: Detector, min_face: int | None = None) -> None:
        """Choose what is searched for.

        Args:
            detector: what finds faces.
            min_face: height in pixels of the smallest face that counts; None for any.
        """
        self._detector, self._min_face = detector, min_face

    def find(self, image: Image.Image, expected: Sequence[Box], count: int) -> list[Detection]:
        """Find the upright faces of a picture.

        Args:
            image: in mode "RGB".
            expected: where faces are expected; without any, all of the picture is searched.
            count: of faces in the picture before: if fewer are found where they are expected, all
                of the picture is searched too.

        Returns:
            What was found, the largest first.
        """
        found = self._look_near(image, expected)
        if not found or len(found) < count:
            found = self._look_everywhere(image)
        least = self._min_face or 0
        found = [face for face in found if face.box[3] >= least]
        return sorted(found, key=lambda face: face.box[2] * face.box[3], reverse=True)

    def _look_everywhere(self, image: Image.Image) -> list[Detection]:
        if self._min_face is None or self._min_face <= FINDABLE:
            return find_faces(image, self._detector, 0, self._min_face)[1]
        longest = max(FINDABLE, round(max(image.size) * FINDABLE / self._min_face))
        return self._look(image, (0, 0, *image.size), longest)

    def _look_near(self, image: Image.Image, expected: Sequence[Box]) -> list[Detection]:
        squares = [_widen(square_around(box, SURROUNDINGS)) for box in expected]
        windows = [clip(square, image.size) for square in squares]
        windows = [window for window in windows if min(window[2:]) >= FINDABLE]
        pixels = sum(
            min(width, NEAR_SIDE) * min(height, NEAR_SIDE) for *_, width, height in windows
        )
        if pixels > NEAR_SHARE * image.width * image.height:
            return []
        return remove_overlaps(
            [face for window in windows for face in self._look(image, window, NEAR_SIDE)]
        )

    def _look(self, image: Image.Image, window: Box, longest: int) -> list[Detection]:
        """Search a window of a picture, reduced to at most so many pixels."""
        left, top, width, height = window
        part = image
        if window != (0, 0, *image.size):
            part = image.crop((left, top, left + width, top + height))
        scale = max(1.0, max(part.size) / longest)
        if scale > 1:
            size = max(1, round(width / scale)), max(1, round(height / scale))
            part = part.resize(size, Image.Resampling.BILINEAR, reducing_gap=1.0)
        across, down = width / part.width, height / part.height

        def enlarge(box: Box) -> Box:
            x, y, wide, high = box
            x, y = left + round(x * across), top + round(y * down)
            return x, y, max(1, round(wide * across)), max(1, round(high * down))

        _, found = find_faces(part, self._detector, quarters=0)
        return [Detection(enlarge(face.box), face.score) for face in found]


def _widen(box: Box) -> Box:
    """Return the smallest box around a box whose edges are whole multiples of the grid."""
    x, y, width, height = box
    left, top = x // GRID * GRID, y // GRID * GRID
    return left, top, -(-(x + width - left) // GRID) * GRID, -(-(y + height - top) // GRID) * GRID

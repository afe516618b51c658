"""Large pictures: how far they are reduced for a detector, and the tiles that are searched.

A detector looks at `MAX_SIDE` pixels. Where the faces would be too small then, a picture is reduced
less, and searched in tiles that overlap, and once more as a whole for what is larger than a tile
would hold.
"""

from math import ceil, prod

from .crop import Box
from .detector import MAX_SIDE

SMALLEST = 24  # pixels of a face as the detector is shown it: smaller ones are often missed
SHORTER = 480  # pixels of the shorter side that are left of a picture longer than 2:1
LEAST = 128  # pixels of the longer side that are left of any picture
OVERLAP = 240  # pixels that neighbouring tiles share; a face that is larger is seen in the whole
MAX_TILES = 24  # so a picture costs at most 25 detections for each turn that is searched


def choose_scale(size: tuple[int, int], min_face: float | None = None) -> float:
    """Return how far to reduce a picture before its faces are searched for, at most 1.

    Args:
        size: its width and height.
        min_face: height of the smallest face that is wanted, in its pixels; None for what one
            detection finds, and in a panorama what a few do.
    """
    longer, shorter = max(size), min(size)
    if min_face is None:
        scale = max(MAX_SIDE / longer, SHORTER / shorter)
    else:
        scale = max(SMALLEST / min_face, LEAST / longer)
    scale = min(1.0, scale)
    while prod(map(_count, scale_size(size, scale))) > MAX_TILES:
        scale *= 0.95
    return scale


def scale_size(size: tuple[int, int], scale: float) -> tuple[int, int]:
    """Return the width and height of a picture that is reduced, 1 at least."""
    return max(1, round(scale * size[0])), max(1, round(scale * size[1]))


def cut_tiles(size: tuple[int, int]) -> list[Box]:
    """Cut a picture of that width and height into tiles; into one if it is no larger than that."""
    (columns, width), (rows, height) = (_cut(side) for side in size)
    return [(x, y, width, height) for y in rows for x in columns]


def is_cut_off(box: Box, tile: Box, size: tuple[int, int]) -> bool:
    """Check whether a box ends where a tile does and the picture does not.

    Args:
        box: x, y, width, height in the pixels of the picture.
        tile: likewise.
        size: width and height of the picture.
    """
    for axis in (0, 1):
        start, end = tile[axis], tile[axis] + tile[axis + 2]
        if box[axis] <= start and start > 0:
            return True
        if box[axis] + box[axis + 2] >= end and end < size[axis]:
            return True
    return False


def _count(side: int) -> int:
    return 1 if side <= MAX_SIDE else ceil((side - OVERLAP) / (MAX_SIDE - OVERLAP))


def _cut(side: int) -> tuple[list[int], int]:
    """Return where the tiles of one side start, and how long they are."""
    count, last = _count(side), side - MAX_SIDE
    if count == 1:
        return [0], side
    return [round(number * last / (count - 1)) for number in range(count)], MAX_SIDE

"""The pictures of a pack: one lossy mosaic, in which a face takes less than a kilobyte."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

SIDE = 48  # pixels of a face
COLUMNS = 340  # faces side by side: WebP holds 16,383 pixels
QUALITY = 88


def write_mosaic(faces: npt.NDArray[np.uint8], path: Path) -> None:
    """Write faces (n, height, width), grey, uint8, as one WebP file."""
    rows = -(-len(faces) // COLUMNS)
    tiles = np.zeros((rows * COLUMNS, SIDE, SIDE), np.uint8)
    tiles[: len(faces)] = faces
    grid = tiles.reshape(rows, COLUMNS, SIDE, SIDE).transpose(0, 2, 1, 3)
    picture = Image.fromarray(grid.reshape(rows * SIDE, COLUMNS * SIDE))
    picture.save(path, "WEBP", quality=QUALITY, method=4)


def read_mosaic(path: Path, count: int) -> npt.NDArray[np.uint8]:
    """Return the first faces of a mosaic: uint8 array (count, height, width), grey."""
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None  # our own file, and large
    try:
        with Image.open(path) as picture:
            grid = np.asarray(picture.convert("L"))
    finally:
        Image.MAX_IMAGE_PIXELS = limit
    tiles = grid.reshape(-1, SIDE, COLUMNS, SIDE).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(tiles.reshape(-1, SIDE, SIDE)[:count])

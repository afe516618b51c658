"""Memory that reading one picture takes at its peak, estimated before anything is decoded.

The bytes a pixel are those that Pillow 11.3 to 13 were measured to take
(`python -m benchmarks.hostile`).
"""

from math import ceil

import numpy as np
from PIL import Image
from PIL.ImageFile import ImageFile

from ..errors import ImageError
from .modes import STRIP

BYTES = {"1": 1, "L": 1, "P": 1}  # of a pixel as Pillow stores it; every other mode takes 4
DEEP = 2  # of 16 bits
FARTHEST = 256  # rows that one delta among the run lengths of a BMP may skip
ROW = 8  # a pointer for every row
FRAMES = 12  # bytes a pixel of libwebp and Pillow beside a picture: two canvases and a copy
KEPT = {"WEBP": 8}  # bytes a pixel, of them, until the picture is closed
STRIPS = 16 * STRIP  # of what is converted at a time
PROBED = 2**24  # estimates below are not worth asking for


def estimate_memory(
    image: Image.Image,
    turned: bool,
    buffer: int = 0,
    *,
    shared: bool = False,
    loaded: bool = False,
) -> int:
    """Return the bytes that loading, turning and flattening a picture take at their peak.

    Args:
        image: an opened picture.
        turned: whether it is turned upright.
        buffer: bytes of the file and of its decoder, beside the picture.
        shared: whether a caller holds the picture, so that it stays beside what is made of it.
        loaded: whether its pixels are in memory already; they do not count then.
    """
    width, height = image.size
    depth = DEEP if image.mode.startswith("I;") else BYTES.get(image.mode, 4)
    stored = width * height * depth + height * ROW
    flat = _count_flat(image)
    flattened = width * height * flat + height * ROW + STRIPS if flat else 0
    copies = (stored if turned else 0, flattened)
    kept = width * height * KEPT.get(image.format or "", 0)
    added = max(buffer, kept + (sum(copies) if shared else max(copies)))
    return added if loaded else stored + added


def guess_buffer(image: ImageFile) -> int:
    """Return the most that the decoder of an opened picture may keep beside it, in bytes."""
    pixels = image.width * image.height
    if has_run_lengths(image):
        return 2 * (pixels + FARTHEST * image.width)
    if image.format == "WEBP":
        return FRAMES * pixels
    return 2 * len(image.getbands()) * pixels if "progressive" in image.info else 0


def _count_flat(image: Image.Image) -> int:
    """Count the bytes of a pixel that `fer_onnx.images.modes.flatten` adds."""
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return 0
    return 1 if image.mode == "1" or image.mode.startswith("I") else 4


def has_run_lengths(image: ImageFile) -> bool:
    """Return whether an opened picture is a BMP in run lengths that was not decoded yet."""
    return bool(image.tile) and image.tile[0][0] == "bmp_rle"


def check_memory(needed: int, most: int) -> None:
    """Check that a picture may take memory, and that there is as much.

    Raises:
        ImageError: more than allowed; without the name of the picture.
        MemoryError: not as much is left.
    """
    if needed > most:
        raise ImageError(f"{ceil(needed / 1e6)} MB of memory to read, more than {most / 1e6:g} MB")
    if needed > PROBED:  # libjpeg and libwebp, where memory is refused, report damaged data
        np.empty(needed, np.uint8)  # is given back at once, and never written to

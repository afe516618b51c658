"""Anything a person hands us → a safe, upright PIL picture. The only decoder of the project."""

from PIL import Image

from ..limits import DEFAULT, Limits
from .formats import SUFFIXES as SUFFIXES
from .original import Original as Original
from .sources import ChannelOrder as ChannelOrder
from .sources import ImageSource as ImageSource


def read_image(
    source: ImageSource, limits: Limits = DEFAULT, *, colour: ChannelOrder = "rgb"
) -> Image.Image:
    """Read one picture, turned upright by its EXIF orientation.

    Args:
        source: a path; the bytes of an image file, or a binary file object that yields them, read
            from its start (JPEG, PNG, WebP, BMP or GIF, of which the first frame counts); a PIL
            picture; or a uint8 array (height, width) grey or (height, width, 3), 0–255.
        limits: what it may cost. A file is counted before it is decoded; of a PIL picture, which
            has been opened already, pixels and memory alone.
        colour: the order of an array's channels, "rgb", or "bgr" as OpenCV has it. Files and PIL
            pictures know their own.

    Returns:
        A picture in mode "L" (grey sources) or "RGB"; transparent parts lie on white. A PIL
        picture that is like that already is given back itself.

    Raises:
        ImageError: missing, not an image, damaged, closed, or beyond the limits.
        ValueError: another colour, or limits that are none.
    """
    return Original(source, limits, colour).decode()

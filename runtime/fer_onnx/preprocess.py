"""PIL image → the uint8 array that a model reads.

The only grey conversion and the only resize of the whole project: training, export and runtime
call this, so what a network learned from is what it is asked about.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image

from .metadata import InputSpec

MODES = {"grey": "L", "rgb": "RGB"}
FILTERS = {"nearest": Image.Resampling.NEAREST, "bilinear": Image.Resampling.BILINEAR}


def to_array(image: Image.Image, spec: InputSpec) -> npt.NDArray[np.uint8]:
    """Convert a picture of one face to the array that a model reads.

    Args:
        image: an upright picture in mode "L" or "RGB".
        spec: size, colour and filter, from the model file.

    Returns:
        uint8 array (height, width, channels), 0–255, grey or RGB.
    """
    image = image.convert(MODES[spec.colour])  # grey first, then resize: one order everywhere
    image = resize(image, (spec.width, spec.height), FILTERS[spec.resize])
    return np.asarray(image, dtype=np.uint8).reshape(spec.height, spec.width, spec.channels)


def resize(image: Image.Image, size: tuple[int, int], method: Image.Resampling) -> Image.Image:
    """Resize one direction after the other, in the same order with every version of Pillow.

    Pillow 13 takes tall pictures vertically first, older ones horizontally; between the two passes
    values are rounded, so the order shows in the result. Here the width comes first; where the
    width grows and the height shrinks, the height does, which keeps the middle step small.

    Args:
        image: a picture in mode "L" or "RGB".
        size: width and height of the result.
        method: Pillow's filter.
    """
    width, height = size
    height_first = image.width < width and image.height > height
    middle = (image.width, height) if height_first else (width, image.height)
    for step in (middle, size):
        if image.size != step:
            image = image.resize(step, method)
    return image

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
    if image.size != (spec.width, spec.height):
        image = image.resize((spec.width, spec.height), FILTERS[spec.resize])
    return np.asarray(image, dtype=np.uint8).reshape(spec.height, spec.width, spec.channels)

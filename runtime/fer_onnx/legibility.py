"""Whether a face can be read at all: large enough, and sharp enough.

A network that is shown a face of a few pixels, or a blurred one, still answers: of the faces of
FER2013's PublicTest shrunk to 10×10, half get a high score, and half of those a wrong label, mostly
"neutral" (`python -m benchmarks nonfaces`). One measure finds both kinds, since enlarging adds no
detail: how much of the contrast of the face at 48×48 is finer than 16×16.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image

from .metadata import InputSpec
from .preprocess import to_array

MIN_SIDE = 16  # pixels of the square around the face
MIN_DETAIL = 0.13  # no face of PublicTest has less as it is, 49 of 50 have shrunk to 16×16
MIN_CONTRAST = 4.0  # grey levels; in a blank wall, the rounding to whole ones is all there is

FINE = InputSpec(48, 48)
COARSE = (16, 16)


def is_legible(face: Image.Image, pixels: npt.NDArray[np.uint8] | None = None) -> bool:
    """Check whether an expression can be read from a picture of one face.

    Args:
        face: a picture of one face in mode "L" or "RGB".
        pixels: what `to_array` makes of it for `FINE`, where that is at hand.
    """
    return min(face.size) >= MIN_SIDE and measure_detail(face, pixels) >= MIN_DETAIL


def measure_detail(face: Image.Image, pixels: npt.NDArray[np.uint8] | None = None) -> float:
    """Return the share of a face's contrast that needs more than 16×16 pixels, 0–1.

    Args:
        face: a picture of one face in mode "L" or "RGB".
        pixels: what `to_array` makes of it for `FINE`, where that is at hand.
    """
    fine = Image.fromarray((to_array(face, FINE) if pixels is None else pixels)[..., 0])
    coarse = fine.resize(COARSE, Image.Resampling.BOX).resize(fine.size, Image.Resampling.BICUBIC)
    sharp, blurred = np.asarray(fine, np.float32), np.asarray(coarse, np.float32)
    contrast = max(float(sharp.std()), MIN_CONTRAST)
    return float(np.sqrt(np.mean((sharp - blurred) ** 2))) / contrast

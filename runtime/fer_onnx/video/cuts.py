"""Where a film cuts from one scene to another, told from the pictures that are read."""

import numpy as np
import numpy.typing as npt
from PIL import Image

SIZE = (64, 36)  # pixels that two pictures are compared by
BINS = 8  # of each colour channel
SAME_COLOURS = 0.5  # share of two histograms in common, from which a scene goes on
SAME_SHAPES = 0.5  # correlation of two grey pictures, from which a scene goes on


class CutFinder:
    """The pictures of one film, each compared with the one before.

    A scene goes on if its colours stay, as when the camera pans, or if its shapes stay, as when a
    light goes on; a cut changes both. Cuts between scenes that look alike are not found.
    """

    def __init__(self) -> None:
        self._colours: npt.NDArray[np.float64] | None = None
        self._shapes: npt.NDArray[np.float64] | None = None

    def is_cut(self, image: Image.Image) -> bool:
        """Check whether a picture in mode "RGB" is from another scene than the one before."""
        # whole pixels first: averaging all of them takes ten times as long
        width, height = SIZE
        small = image.resize((4 * width, 4 * height), Image.Resampling.NEAREST)
        pixels = np.asarray(small.resize(SIZE, Image.Resampling.BOX))
        steps = pixels.reshape(-1, 3).astype(np.intp) * BINS // 256
        numbers = (steps[:, 0] * BINS + steps[:, 1]) * BINS + steps[:, 2]
        colours = np.bincount(numbers, minlength=BINS**3) / len(numbers)
        shapes = pixels.mean(axis=-1)
        shapes -= shapes.mean()
        before = self._colours, self._shapes
        self._colours, self._shapes = colours, shapes
        if before[0] is None or before[1] is None:
            return False
        if np.minimum(colours, before[0]).sum() >= SAME_COLOURS:
            return False
        size = np.sqrt((shapes**2).sum() * (before[1] ** 2).sum())
        return bool((shapes * before[1]).sum() < SAME_SHAPES * max(size, 1.0))

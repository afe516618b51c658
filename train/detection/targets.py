"""What the network is to answer for a crop: where centres are, and how far the edges."""

import numpy as np
import numpy.typing as npt

from .labels import Boxes

STRIDE = 8  # pixels a cell
PLANES = 7  # heat, ignore mask, four distances, weight
SPREAD = 0.1  # standard deviation of a centre's heat ÷ side of the face
LEAST_SPREAD = 0.54  # cells
NEAREST = 0.5  # pixels: no edge is nearer to the middle of its cell


def make_target(side: int, faces: Boxes, ignored: Boxes) -> npt.NDArray[np.float32]:
    """Write down the answer for one crop.

    Heat falls off around each centre as a Gaussian (Zhou et al. 2019, arXiv:1904.07850). The
    cells that are warm learn the box as well, by their warmth (Liu et al. 2019, arXiv:1909.00700).

    Args:
        side: of the crop in pixels.
        faces: float array (n, 4), in pixels of the crop.
        ignored: float array (m, 4): there the heat is not learned.

    Returns:
        float32 array (side ÷ 8, side ÷ 8, 7): heat, 1 where a centre is; mask, 0 in
        ignore regions; distances from the cell's middle to left, top, right and bottom in pixels;
        weight of these distances, of sum 1 for each face.
    """
    cells = side // STRIDE
    target = np.zeros((cells, cells, PLANES), np.float32)
    heat, mask = target[..., 0], target[..., 1]
    mask[:], target[..., 2:6] = 1, NEAREST
    middles: npt.NDArray[np.float64] = (np.arange(cells, dtype=np.float64) + 0.5) * STRIDE
    for x, y, width, height in ignored:
        columns, rows = _within(middles, x, width), _within(middles, y, height)
        mask[np.ix_(rows, columns)] = 0
    order = np.argsort(-faces[:, 2] * faces[:, 3])  # small faces lie before large ones
    for x, y, width, height in faces[order]:
        column = min(max(int((x + width / 2) / STRIDE), 0), cells - 1)
        row = min(max(int((y + height / 2) / STRIDE), 0), cells - 1)
        spread = max(SPREAD * (width * height) ** 0.5 / STRIDE, LEAST_SPREAD)
        across = np.exp(-((np.arange(cells) - column) ** 2) / (2 * spread**2))
        down = np.exp(-((np.arange(cells) - row) ** 2) / (2 * spread**2))
        warmth = (down[:, None] * across[None]).astype(np.float32)
        mine = (warmth > heat) & (warmth > 0.1)
        inside = _within(middles, y, height)[:, None] & _within(middles, x, width)[None]
        taught = mine & (inside | (warmth == 1))
        edges = np.stack(
            np.broadcast_arrays(
                (middles - x)[None],
                (middles - y)[:, None],
                (x + width - middles)[None],
                (y + height - middles)[:, None],
            ),
            axis=-1,
        )
        np.maximum(heat, warmth, out=heat)
        mask[mine] = 1
        target[mine, 6] = 0
        target[taught, 2:6] = np.maximum(edges[taught], NEAREST)
        target[taught, 6] = warmth[taught] / warmth[taught].sum()
    return target


def _within(middles: npt.NDArray[np.float64], start: float, size: float) -> npt.NDArray[np.bool_]:
    return (middles > start) & (middles < start + size)

"""A box in a picture → the square around a face that a model was trained on."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from PIL import Image

from .limits import DEFAULT
from .metadata import Border, Crop

Box: TypeAlias = tuple[int, int, int, int]  # x, y, width, height in pixels


def round_box(box: Sequence[float]) -> Box:
    """Round a box to whole pixels.

    Args:
        box: x, y, width, height in pixels.

    Raises:
        ValueError: not four numbers, no area, or so long that the square around it would be
            enormous.
    """
    try:
        x, y, width, height = (round(float(value)) for value in box)
    except (TypeError, ValueError, OverflowError) as exc:
        raise ValueError(f"box {box}: expected four numbers (x, y, width, height)") from exc
    if width < 1 or height < 1:
        raise ValueError(f"box {box}: width and height must be at least 1 pixel")
    if max(width, height) ** 2 > DEFAULT.pixels:
        most = DEFAULT.pixels // 10**6
        raise ValueError(f"box {box}: too large for a picture of {most} megapixels")
    return x, y, width, height


def lies_in(box: Box, size: tuple[int, int]) -> bool:
    """Check whether at least half of a box lies in a picture of that width and height."""
    _, _, width, height = clip(box, size)
    return 2 * width * height >= box[2] * box[3]


def clip(box: Box, size: tuple[int, int]) -> Box:
    """Return the part of a box that lies in a picture; its width or height may be 0."""
    x, y, width, height = box
    left, top = min(max(x, 0), size[0]), min(max(y, 0), size[1])
    right, bottom = min(max(x + width, 0), size[0]), min(max(y + height, 0), size[1])
    return left, top, right - left, bottom - top


def square_around(box: Box, crop: Crop) -> Box:
    """Return the square around a box that a model expects; it may stick out of the picture."""
    x, y, width, height = box
    longer = max(width, height)
    side = max(1, round(crop.scale * longer))
    centre_x = x + width / 2 + crop.shift_x * longer
    centre_y = y + height / 2 + crop.shift_y * longer
    return round(centre_x - side / 2), round(centre_y - side / 2), side, side


def cut(image: Image.Image, square: Box, border: Border = "edge") -> Image.Image:
    """Cut a square out of a picture.

    Args:
        image: a picture in mode "L" or "RGB".
        square: x, y, width, height in its pixels; may stick out of it.
        border: what stands where the square leaves the picture: its edge repeated, or black.
    """
    x, y, side, _ = square
    left, top, *inside = clip(square, image.size)
    if border == "black" or inside == [side, side]:
        return image.crop((x, y, x + side, y + side))
    # at least one pixel of the picture, wherever the square lies
    left, top = min(left, image.width - 1), min(top, image.height - 1)
    right, bottom = left + max(inside[0], 1), top + max(inside[1], 1)
    pixels = np.asarray(image.crop((left, top, right, bottom)))
    columns = np.arange(x, x + side).clip(left, right - 1) - left
    rows = np.arange(y, y + side).clip(top, bottom - 1) - top
    return Image.fromarray(pixels[rows][:, columns])

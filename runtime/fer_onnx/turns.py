"""Pictures, sizes and boxes turned by quarters of a circle."""

from PIL import Image

from .crop import Box

# quarter turns, counterclockwise
TURNS = {
    1: Image.Transpose.ROTATE_90,
    2: Image.Transpose.ROTATE_180,
    3: Image.Transpose.ROTATE_270,
}


def turn(image: Image.Image, quarters: int) -> Image.Image:
    """Turn a picture counterclockwise by so many quarters of a circle, 0–3."""
    return image.transpose(TURNS[quarters]) if quarters else image


def turn_size(size: tuple[int, int], quarters: int) -> tuple[int, int]:
    """Return width and height of a picture that is turned by so many quarters."""
    return (size[1], size[0]) if quarters % 2 else size


def turn_back(box: Box, size: tuple[int, int], quarters: int) -> Box:
    """Bring a box of a turned picture to the picture before it was turned.

    Args:
        box: x, y, width, height in pixels of the turned picture.
        size: width and height of the picture before it was turned.
        quarters: what it was turned by, as `turn` takes it.
    """
    x, y, width, height = box
    if quarters == 1:
        return size[0] - y - height, x, height, width
    if quarters == 2:
        return size[0] - x - width, size[1] - y - height, width, height
    if quarters == 3:
        return y, size[1] - x - width, height, width
    return box


def turn_forth(box: Box, size: tuple[int, int], quarters: int) -> Box:
    """Bring a box of a picture to the picture as it is when turned: undo `turn_back`.

    Args:
        box: x, y, width, height in pixels of the picture before it is turned.
        size: width and height of the picture before it is turned.
        quarters: what it is turned by, as `turn` takes it.
    """
    return turn_back(box, turn_size(size, quarters), -quarters % 4)

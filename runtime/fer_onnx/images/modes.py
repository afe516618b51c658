"""Any mode of Pillow → 8-bit grey or RGB, a strip at a time so that little memory is added."""

from collections.abc import Iterator

import numpy as np
from PIL import Image

from ..errors import ImageError

BACKGROUND = (255, 255, 255)  # behind transparent pixels
STRIP = 2**18  # pixels that are converted at once
DEPTHS = (8, 10, 12, 14, 16)  # bits that cameras and scanners put into 16


def flatten(image: Image.Image) -> Image.Image:
    """Return a picture in mode "L" or "RGB", 8 bits a channel; transparent parts lie on white.

    Args:
        image: a loaded picture. In mode "L" or "RGB" without transparency it is given back itself.

    Raises:
        ImageError: floating-point pixels; without the name of the picture.
    """
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return image
    if image.mode == "F":
        raise ImageError("floating-point pixels, expected 8 or 16 bits")
    if image.mode.startswith("I"):
        return _reduce(image)
    if image.mode == "1":
        return image.convert("L")
    if image.has_transparency_data:
        return _compose(image)
    return image.convert("RGB")


def _compose(image: Image.Image) -> Image.Image:
    """Lay a picture on white."""
    flat = Image.new("RGB", image.size)
    for box in _strips(image.size):
        layer = image.crop(box).convert("RGBA")
        canvas = Image.new("RGBA", layer.size, (*BACKGROUND, 255))
        flat.paste(Image.alpha_composite(canvas, layer).convert("RGB"), box)
    return flat


def _reduce(image: Image.Image) -> Image.Image:
    """Bring deep grey to 8 bits; Pillow's own conversion clips at 255.

    The depth is the smallest of `DEPTHS` that holds the brightest pixel: 12 bits that a camera left
    in 16 are read as they look, and 8-bit values that a program has put there stay as they are.
    """
    deep = (np.asarray(image.crop(box)) for box in _strips(image.size))
    brightest = max(int(values.max()) for values in deep)
    depth = next((bits for bits in DEPTHS if brightest < 2**bits), DEPTHS[-1])
    flat = Image.new("L", image.size)
    for box in _strips(image.size):
        grey = np.asarray(image.crop(box)).clip(0, 2**16 - 1) >> (depth - 8)
        flat.paste(Image.fromarray(grey.astype(np.uint8)), box)
    return flat


def _strips(size: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
    """Cut a picture across its longer side into boxes (left, top, right, bottom)."""
    width, height = size
    step = max(1, STRIP // min(size))
    if height >= width:
        for top in range(0, height, step):
            yield 0, top, width, min(top + step, height)
    else:
        for left in range(0, width, step):
            yield left, 0, min(left + step, width), height

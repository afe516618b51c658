"""Picture files: an upright picture within the limits, or an `ImageError` of one line."""

from contextlib import suppress
from io import BytesIO

from PIL import Image

from fer_onnx.errors import ImageError
from fer_onnx.images import read_image
from fer_onnx.limits import DEFAULT

from . import EscapeError, check_line


def answer(data: bytes) -> None:
    """Read a picture from its bytes, and as a program hands it over that opened it with Pillow."""
    _read(data)
    image = None
    with suppress(Exception):  # what Pillow does by itself is not ours
        image = Image.open(BytesIO(data), formats=("JPEG", "PNG", "WEBP", "BMP", "GIF"))
    if image is not None:
        _read(image)


def _read(source: bytes | Image.Image) -> None:
    try:
        image = read_image(source)
    except ImageError as exc:
        check_line(exc)
        return
    if image.mode not in ("L", "RGB") or not 0 < image.width * image.height <= DEFAULT.pixels:
        raise EscapeError(f"{image.mode} of {image.size}")

"""Anything a person hands us → a safe, upright PIL picture. The only decoder of the project."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile

from ..errors import ImageError
from ..limits import DEFAULT, Limits
from .exif import TURNS, read_orientation, turn_upright
from .formats import SUFFIXES as SUFFIXES
from .formats import describe_foreign, find_format
from .memory import check_memory, estimate_memory, guess_buffer, has_run_lengths
from .modes import flatten
from .sources import ChannelOrder as ChannelOrder
from .sources import ImageSource as ImageSource
from .sources import name_source, read_bytes
from .trim import RUN_PIXEL, trim

CLOSED = "closed before it was read"


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
    if colour not in ("rgb", "bgr"):
        raise ValueError(f"colour={colour!r:.60}: expected 'rgb' or 'bgr'")
    if not isinstance(limits, Limits):
        raise ValueError(f"limits: expected Limits, not {type(limits).__name__}")
    name = name_source(source)
    try:
        if isinstance(source, np.ndarray):
            return _from_array(source, limits, colour)
        if isinstance(source, Image.Image):
            with _naming(name):
                return _load_picture(source, limits)
        # no name holds what is done with: the bytes, and the picture before it was turned
        image, orientation = _load_file(read_bytes(source, limits.bytes), name, limits)
        with _naming(name):
            image = turn_upright(image, orientation)
            return flatten(image)
    except MemoryError as exc:
        raise ImageError(f"{name}: not enough memory to read it") from exc


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Turn whatever is raised into one line that names the picture."""
    try:
        yield
    except MemoryError:
        raise
    except ImageError as exc:
        raise ImageError(f"{name}: {exc}") from exc
    except Exception as exc:  # decoders fed damaged bytes raise nearly anything
        reason = (str(exc) or type(exc).__name__).splitlines()[0]
        raise ImageError(f"{name}: damaged image ({reason})") from exc


def _load_file(data: bytes, name: str, limits: Limits) -> tuple[Image.Image, int]:
    """Decode an image file within the limits; give its orientation too."""
    with _naming(name):
        kind = find_format(data)
        if kind is None:
            raise ImageError(describe_foreign(data))
        parts = trim(data, kind, limits.steps)
        del data
        if parts.size is None:
            raise ImageError("damaged image (no size in its header)")
        _check_pixels(parts.size, limits)
        _check_steps(parts.steps, parts.size, parts.reason, limits)
        check_memory(parts.buffer, limits.memory)  # libwebp takes its own as it opens a file
        with BytesIO(parts.data) as stream:  # closed, or the picture would keep the file
            image = _open(stream, kind)
            if image.size != parts.size:
                raise ImageError(f"damaged image (two sizes: {parts.size}, {image.size})")
            buffer = len(parts.data) + parts.buffer
            needed = estimate_memory(image, parts.orientation in TURNS, buffer)
            check_memory(needed, limits.memory)
            image.load()
        return image, parts.orientation


def _load_picture(image: Image.Image, limits: Limits) -> Image.Image:
    _check_pixels(image.size, limits)
    exif = image.info.get("exif")
    orientation = read_orientation(exif) if isinstance(exif, bytes) else 1
    turned = orientation in TURNS
    if isinstance(image, ImageFile.ImageFile) and (image.tile or image.format == "WEBP"):
        _check_opened(image, limits)
        needed = estimate_memory(image, turned, guess_buffer(image), shared=True)
    else:
        needed = estimate_memory(image, turned, shared=True, loaded=True)
    check_memory(needed, limits.memory)
    try:
        image.load()
    except ValueError as exc:
        raise ImageError(CLOSED) if "closed" in str(exc) else exc from exc
    return flatten(turn_upright(image, orientation))


def _check_opened(image: ImageFile.ImageFile, limits: Limits) -> None:
    """Check a picture that Pillow opened and has not decoded, or of which that does not show."""
    if image.tile and (image.fp is None or image.fp.closed):
        raise ImageError(CLOSED)
    steps = image.height + image.width * image.height * RUN_PIXEL * has_run_lengths(image)
    _check_steps(steps, image.size, "rows or run lengths", limits)


def _open(stream: BytesIO, kind: str) -> ImageFile.ImageFile:
    """Open an image file as `Image.open` does, which would import the modules of all formats."""
    import_module(f"PIL.{kind}ImagePlugin")
    factory, _ = Image.OPEN[kind.upper()]
    return factory(stream, "")


def _from_array(array: npt.NDArray[Any], limits: Limits, order: ChannelOrder) -> Image.Image:
    grey, colour = array.ndim == 2, array.ndim == 3 and array.shape[-1] == 3
    if array.dtype != np.uint8 or not (grey or colour) or 0 in array.shape:
        raise ImageError(
            "array: expected uint8 of shape (height, width) or (height, width, 3), "
            f"received {array.dtype} of shape {array.shape}"
        )
    with _naming("array"):
        _check_pixels((array.shape[1], array.shape[0]), limits)
    if colour and order == "bgr":
        array = array[..., ::-1]
    return Image.fromarray(np.ascontiguousarray(array))


def _check_pixels(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    limit = min(limits.pixels, Image.MAX_IMAGE_PIXELS or limits.pixels)  # the host program's
    if width * height > limit:
        raise ImageError(f"{width}x{height} pixels, more than {limit / 1e6:g} megapixels")
    if not width or not height:
        raise ImageError("a picture without pixels")


def _check_steps(steps: int, size: tuple[int, int], reason: str, limits: Limits) -> None:
    if steps > limits.steps:
        raise ImageError(
            f"{size[0]}x{size[1]} pixels in {reason}: {steps / 1e6:,.0f} million steps to decode, "
            f"more than {limits.steps / 1e6:g} million"
        )

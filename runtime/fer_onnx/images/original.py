"""A picture as it came: opened, counted, and decoded as large as it is needed."""

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
from .exif import ON_ITS_SIDE, TURNS, read_orientation, turn_upright
from .formats import describe_foreign, find_format
from .memory import check_memory, estimate_memory, guess_buffer, has_run_lengths
from .modes import flatten
from .sources import ChannelOrder, ImageSource, name_source, read_bytes
from .trim import RUN_PIXEL, trim

CLOSED = "closed before it was read"
REDUCED = (8, 4, 2)  # times that libjpeg reduces a picture as it decodes it


class Original:
    """A picture as it came, decoded as large as it is needed.

    A JPEG is decoded to a half, a quarter or an eighth in less time and memory than whole
    (libjpeg's scaled inverse transform); every other picture is decoded whole.

    Attributes:
        size: width and height in pixels, upright.
    """

    size: tuple[int, int]

    def __init__(
        self, source: ImageSource, limits: Limits = DEFAULT, colour: ChannelOrder = "rgb"
    ) -> None:
        """Open a picture, as `read_image` has it. Of a file nothing is decoded yet.

        Raises:
            ImageError: missing, not an image, or beyond the limits.
            ValueError: another colour, or limits that are none.
        """
        if colour not in ("rgb", "bgr"):
            raise ValueError(f"colour={colour!r:.60}: expected 'rgb' or 'bgr'")
        if not isinstance(limits, Limits):
            raise ValueError(f"limits: expected Limits, not {type(limits).__name__}")
        self._name, self._limits = name_source(source), limits
        self._decoded: Image.Image | None = None
        self._file: _File | None = None
        try:
            if isinstance(source, np.ndarray):
                self._decoded = _from_array(source, limits, colour)
            elif isinstance(source, Image.Image):
                with _naming(self._name):
                    self._decoded = _load_picture(source, limits)
            else:
                data = read_bytes(source, limits.bytes)
                with _naming(self._name):
                    self._file = _File(data, limits)
        except MemoryError as exc:
            raise ImageError(f"{self._name}: not enough memory to read it") from exc
        opened = self._decoded or self._file
        assert opened
        self.size = opened.size

    def decode(self, longer: float | None = None) -> Image.Image:
        """Return the picture, upright.

        Args:
            longer: pixels of the longer side that are enough; None for all.

        Returns:
            A picture in mode "L" or "RGB", as `read_image` gives it, or a reduced JPEG whose longer
            side still has as many pixels.

        Raises:
            ImageError: damaged, or too large for the memory that is allowed.
        """
        wanted = max(self.size) if longer is None else min(longer, max(self.size))
        if self._decoded and max(self._decoded.size) >= wanted:
            return self._decoded
        assert self._file
        try:
            with _naming(self._name):
                kept = _count_bytes(self._decoded)
                times = next((n for n in REDUCED if max(self.size) >= n * wanted), 1)
                image, orientation = self._file.decode(times, kept), self._file.orientation
                if image.size == self._file.stored:
                    self._file = None  # no name holds what is done with
                image = turn_upright(image, orientation)
                self._decoded = flatten(image)
        except MemoryError as exc:
            raise ImageError(f"{self._name}: not enough memory to read it") from exc
        return self._decoded


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


class _File:
    """The bytes of an image file that its pixels need.

    Attributes:
        size: width and height in pixels, upright.
        stored: the same before it is turned upright.
        orientation: 1–8, as EXIF has it.
    """

    def __init__(self, data: bytes, limits: Limits) -> None:
        kind = find_format(data)
        if kind is None:
            raise ImageError(describe_foreign(data))
        self._kind, self._limits = kind, limits
        self._parts = trim(data, kind, limits.steps)
        del data
        if self._parts.size is None:
            raise ImageError("damaged image (no size in its header)")
        self.stored, self.orientation = self._parts.size, self._parts.orientation
        self.size = self.stored[::-1] if self.orientation in ON_ITS_SIDE else self.stored
        _check_pixels(self.stored, limits)
        _check_steps(self._parts.steps, self.stored, self._parts.reason, limits)

    def decode(self, times: int, beside: int) -> Image.Image:
        """Decode the picture as stored, a JPEG reduced so many times.

        Args:
            times: 1, 2, 4 or 8.
            beside: bytes in memory that do not go away for it.
        """
        parts, most = self._parts, self._limits.memory
        check_memory(parts.buffer, most)  # libwebp takes its own as it opens a file
        with BytesIO(parts.data) as stream:  # closed, or the picture would keep the file
            image = _open(stream, self._kind)
            if image.size != parts.size:
                raise ImageError(f"damaged image (two sizes: {parts.size}, {image.size})")
            if times > 1:
                image.draft(None, (max(1, image.width // times), max(1, image.height // times)))
            if image.size != parts.size:  # the file is kept: a larger one may be asked for
                beside += len(parts.data)
            buffer = len(parts.data) + parts.buffer
            needed = estimate_memory(image, parts.orientation in TURNS, buffer)
            check_memory(needed + beside, most)
            image.load()
        return image


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


def _count_bytes(image: Image.Image | None) -> int:
    """Count the bytes of a picture's pixels; none of none."""
    return image.width * image.height * len(image.getbands()) if image else 0


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

"""Anything a person hands us → a safe, upright PIL picture. The only decoder of the project."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import IO, Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from .errors import ImageError

# what is read, by the first bytes of a file; named as Pillow names the module that reads it
SIGNS = {
    "Jpeg": b"\xff\xd8\xff",
    "Png": b"\x89PNG\r\n\x1a\n",
    "WebP": b"RIFF",
    "Bmp": b"BM",
    "Gif": b"GIF8",
}
SUFFIXES = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".webp", ".bmp", ".gif",
)  # fmt: skip
MAX_BYTES = 64 * 2**20
MAX_PIXELS = 80_000_000  # about 240 MB as RGB
BACKGROUND = (255, 255, 255)  # behind transparent pixels

ImageSource: TypeAlias = (
    str | os.PathLike[str] | bytes | IO[bytes] | Image.Image | npt.NDArray[np.uint8]
)


def read_image(source: ImageSource) -> Image.Image:
    """Read one picture, turned upright by its EXIF orientation.

    Args:
        source: a path; the bytes of an image file, or a binary file object that yields them
            (JPEG, PNG, WebP, BMP or GIF, of which the first frame counts); a PIL picture; or a
            uint8 array (height, width) grey or (height, width, 3) RGB, 0–255.

    Returns:
        A picture in mode "L" (grey sources) or "RGB"; transparent parts lie on white. A PIL
        picture that is like that already is given back itself.

    Raises:
        ImageError: missing, not an image, damaged, or more than 64 MiB or 80 megapixels.
    """
    if isinstance(source, np.ndarray):
        return _from_array(source)
    name = name_source(source)
    if isinstance(source, Image.Image):
        with _refusing(name):
            return _decode(source, name)
    data = _read_bytes(source)
    with _refusing(name), _open(data) as image:
        return _decode(image, name)


def name_source(source: ImageSource) -> str:
    """Name a source in a message: its path where it has one, else its kind."""
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    if isinstance(source, Image.Image):
        return getattr(source, "filename", "") or "picture"
    if isinstance(source, bytes | np.ndarray):
        return "array" if isinstance(source, np.ndarray) else "bytes"
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else "file object"


@contextmanager
def _refusing(name: str) -> Iterator[None]:
    """Turn whatever a decoder raises into one line that names the picture."""
    try:
        yield
    except ImageError:
        raise
    except UnidentifiedImageError as exc:
        raise ImageError(f"{name}: not a JPEG, PNG, WebP, BMP or GIF image") from exc
    except Exception as exc:  # decoders fed damaged bytes raise nearly anything
        raise ImageError(f"{name}: damaged image ({_first_line(exc)})") from exc


def _open(data: bytes) -> ImageFile:
    """Open an image file as `Image.open` does, which would import the modules of all formats."""
    for name, sign in SIGNS.items():
        if data.startswith(sign):
            import_module(f"PIL.{name}ImagePlugin")
            factory, _ = Image.OPEN[name.upper()]
            return factory(BytesIO(data), "")
    raise UnidentifiedImageError


def _decode(image: Image.Image, name: str) -> Image.Image:
    _check_pixels(image, name)
    image.load()
    return _flatten(_transpose(image), name)


def _read_bytes(source: str | os.PathLike[str] | bytes | IO[bytes]) -> bytes:
    name = name_source(source)
    if isinstance(source, bytes):
        data = source
    elif isinstance(source, str | os.PathLike):
        try:
            with Path(source).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except FileNotFoundError as exc:
            raise ImageError(f"{name}: no such file") from exc
        except IsADirectoryError as exc:
            raise ImageError(f"{name}: a folder, expected an image file") from exc
        except (OSError, ValueError) as exc:  # ValueError: a NUL in the path
            raise ImageError(f"{name}: cannot be read ({_first_line(exc)})") from exc
    else:
        data = _read_file_object(source, name)
    if not data:
        raise ImageError(f"{name}: empty, expected an image")
    if len(data) > MAX_BYTES:
        raise ImageError(f"{name}: more than {MAX_BYTES // 2**20} MiB")
    return data


def _read_file_object(file: Any, name: str) -> bytes:
    if not hasattr(file, "read"):
        raise ImageError(f"{type(file).__name__}: expected a path, bytes, file, picture or array")
    parts: list[bytes] = []
    left = MAX_BYTES + 1
    try:
        while left and (part := file.read(left)):  # a pipe gives what it has, not what is asked for
            if not isinstance(part, bytes):
                raise ImageError(f"{name}: opened as text, expected a binary file")
            parts.append(part)
            left -= len(part)
    except ImageError:
        raise
    except UnicodeDecodeError as exc:
        raise ImageError(f"{name}: opened as text, expected a binary file") from exc
    except (OSError, ValueError) as exc:  # ValueError: closed
        raise ImageError(f"{name}: cannot be read ({_first_line(exc)})") from exc
    return b"".join(parts)


def _from_array(array: npt.NDArray[Any]) -> Image.Image:
    grey, colour = array.ndim == 2, array.ndim == 3 and array.shape[-1] == 3
    if array.dtype != np.uint8 or not (grey or colour) or 0 in array.shape:
        raise ImageError(
            "array: expected uint8 of shape (height, width) or (height, width, 3), "
            f"received {array.dtype} of shape {array.shape}"
        )
    image = Image.fromarray(np.ascontiguousarray(array))
    _check_pixels(image, "array")
    return image


def _check_pixels(image: Image.Image, name: str) -> None:
    width, height = image.size
    limit = min(MAX_PIXELS, Image.MAX_IMAGE_PIXELS or MAX_PIXELS)  # the host program's, if lower
    if width * height > limit:
        raise ImageError(f"{name}: {width}x{height} pixels, more than {limit / 1e6:g} megapixels")
    if not width or not height:
        raise ImageError(f"{name}: a picture without pixels")


def _transpose(image: Image.Image) -> Image.Image:
    try:
        if image.getexif().get(ExifTags.Base.Orientation, 1) == 1:
            return image  # a copy of 12 megapixels costs as much as reading six faces
        return ImageOps.exif_transpose(image)
    except Exception:  # damaged EXIF: the picture itself is fine, so take it as it lies
        return image


def _flatten(image: Image.Image, name: str) -> Image.Image:
    """Bring any mode to "L" or "RGB", 8 bits a channel."""
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return image
    if image.mode.startswith("I"):  # 16-bit grey; Pillow's own conversion clips at 255
        grey = np.asarray(image).clip(0, 65535)
        # 8-bit values that a program has put into such a mode stay as they are
        return Image.fromarray((grey if grey.max() <= 255 else grey >> 8).astype(np.uint8))
    if image.mode == "F":
        raise ImageError(f"{name}: floating-point pixels, expected 8 or 16 bits")
    if image.mode == "1":
        return image.convert("L")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        canvas = Image.new("RGBA", layer.size, (*BACKGROUND, 255))
        return Image.alpha_composite(canvas, layer).convert("RGB")
    return image.convert("RGB")


def _first_line(exc: BaseException) -> str:
    return (str(exc) or type(exc).__name__).splitlines()[0]

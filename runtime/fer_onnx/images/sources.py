"""Where pictures come from: a path, bytes, a file object → the bytes of an image file."""

import os
from contextlib import suppress
from typing import IO, Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from ..errors import ImageError, printable
from ..regular import open_regular
from .formats import describe_text, with_article

Bytes: TypeAlias = bytes | bytearray | memoryview
ImageSource: TypeAlias = (
    str | os.PathLike[str] | Bytes | IO[bytes] | Image.Image | npt.NDArray[np.uint8]
)
ChannelOrder: TypeAlias = Literal["rgb", "bgr"]
NAME = 120  # characters of a name in a message; longer ones lose their middle
TEXT = 60  # characters of text that is no path


def name_source(source: ImageSource) -> str:
    """Name a source in a message: its path, shortened, where it has one, else its kind."""
    if isinstance(source, str | os.PathLike):
        return _shorten(os.fsdecode(source))
    if isinstance(source, Image.Image):
        return _shorten(getattr(source, "filename", "") or "picture")
    if isinstance(source, Bytes | np.ndarray):
        return "array" if isinstance(source, np.ndarray) else "bytes"
    name = getattr(source, "name", None)
    return _shorten(name) if isinstance(name, str) else "file object"


def read_bytes(source: str | os.PathLike[str] | Bytes | IO[bytes], most: int) -> bytes:
    """Read the bytes of an image file.

    Args:
        source: a path; bytes; or a binary file object, which is read from its start if it can be
            rewound.
        most: bytes that are allowed.

    Raises:
        ImageError: missing, no regular file, empty, or too large.
    """
    name = name_source(source)
    if isinstance(source, Bytes):
        size = source.nbytes if isinstance(source, memoryview) else len(source)
        data = bytes(source) if size <= most else bytes(most + 1)
    elif isinstance(source, str | os.PathLike):
        data = _read_path(source, name, most + 1)
    else:
        data = _read_file_object(source, name, most + 1)
    if not data:
        raise ImageError(f"{name}: empty, expected an image")
    if len(data) > most:
        raise ImageError(f"{name}: more than {most / 2**20:g} MiB")
    return data


def _read_path(path: str | os.PathLike[str], name: str, most: int) -> bytes:
    try:
        with open_regular(path) as file:
            return file.read(most)
    except (OSError, ValueError, TypeError) as exc:  # ValueError: a NUL in the path
        text = describe_text(path) if isinstance(path, str) else None
        if text:
            raise ImageError(f"{_shorten(str(path), TEXT)}: {with_article(text)}") from exc
        if isinstance(exc, FileNotFoundError):
            raise ImageError(f"{name}: no such file") from exc
        if isinstance(exc, OSError) and not exc.errno:
            raise ImageError(f"{name}: {exc.strerror}, expected an image file") from exc
        reason = exc.strerror if isinstance(exc, OSError) else str(exc)
        raise ImageError(f"{name}: cannot be read ({reason})") from exc


def _read_file_object(file: Any, name: str, most: int) -> bytes:
    if not hasattr(file, "read"):
        raise ImageError(f"{type(file).__name__}: expected a path, bytes, file, picture or array")
    parts: list[bytes] = []
    left = most
    try:
        _rewind(file)
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
        reason = (str(exc) or type(exc).__name__).splitlines()[0]
        raise ImageError(f"{name}: cannot be read ({reason})") from exc
    return b"".join(parts)


def _rewind(file: Any) -> None:
    """Go to the start, as Pillow does: whoever wrote or read the file before left it at its end."""
    with suppress(AttributeError, OSError, ValueError):  # a pipe, or closed: reading tells
        file.seek(0)


def _shorten(name: str, most: int = NAME) -> str:
    shown = printable(name)
    half = most // 2
    return shown if len(shown) <= most else f"{shown[: half - 1]}…{shown[-half:]}"

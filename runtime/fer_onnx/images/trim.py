"""An image file → what its pixels need, with the work in it counted.

Pillow parses whatever a file holds: EXIF, comments, profiles, texts, however many there are. Here a
file is walked through without parsing, the walk ends at the first part too many, and only what
decides on the pixels of the first frame goes on to Pillow.
"""

import struct
from collections.abc import Callable
from contextlib import suppress

from .exif import read_orientation
from .jpeg import trim_jpeg
from .memory import FARTHEST, FRAMES
from .parts import Parts

RUN, RUN_PIXEL = 16, 4  # steps of a run length of a BMP, and of a pixel: Pillow's decoder is Python
RUN_LENGTHS = (1, 2)  # compressions of BMP: RLE8, RLE4
PNG_NEEDED = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type of PNG
FILTERED = 12  # bytes of the lines of a PNG that take a step
PASSES = 2  # rows of an interlaced PNG, as a multiple of its height, rounded up
FILE_COPIES = 2  # of a WebP that Pillow makes


def trim(data: bytes, kind: str, most: int) -> Parts:
    """Return what Pillow needs of an image file, and what decoding that takes.

    Args:
        data: the file.
        kind: its format, a key of `fer_onnx.images.formats.SIGNS`.
        most: steps that walking through the file may take.

    Raises:
        ImageError: too many parts; without the name of the picture.
    """
    parts = Parts(data, most)
    # where it ends within a part, what was kept goes to Pillow, which says what is missing
    with suppress(IndexError, struct.error):
        TRIMMERS[kind](parts)
    parts.cut()
    return parts


def _trim_png(parts: Parts) -> None:
    """Keep the header, palette, transparency and pixels."""
    data, place = parts.data, 8
    parts.keep(0, place)
    while place < len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        body, end = place + 8, place + 12 + length
        parts.count()
        if name == b"eXIf":
            parts.orientation = read_orientation(data[body : end - 4])
        if name in PNG_NEEDED and not (name == b"IHDR" and parts.size):
            parts.keep(place, end)
        if name == b"IHDR" and not parts.size:
            width, height, bits, colour, *_, interlaced = struct.unpack_from(">IIBBBBB", data, body)
            parts.size = width, height
            parts.buffer = 3 * width * CHANNELS.get(colour, 4) * bits // 8  # lines of its filter
            filtered = height * (width * CHANNELS.get(colour, 4) * bits // 8) // FILTERED
            parts.work(height * (PASSES if interlaced else 1) + filtered, f"{height:,} rows")
        if name == b"IEND":
            break
        place = end


def _trim_gif(parts: Parts) -> None:
    """Keep the screen, the transparent colour, and everything from the first frame on."""
    data = parts.data
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    place = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    parts.keep(0, place)
    control: tuple[int, int] | None = None
    while data[place] != ord(","):
        parts.count()
        if data[place] != ord("!"):
            place += 1
            continue
        label, start = data[place + 1], place + 2
        if label == 0xF9 and data[start] == 4:
            control = data[start + 1] & 1, data[start + 4]
        place = start
        while data[place]:
            parts.count()
            place += 1 + data[place]
        place += 1
    if control is not None:  # without how the frame is disposed of, for which Pillow keeps a copy
        parts.add(b"!\xf9\x04" + bytes((control[0], 0, 0, control[1], 0)))
    left, top, across, down = struct.unpack_from("<HHHH", data, place + 1)
    parts.size = max(width, left + across), max(height, top + down)
    parts.keep(place, len(data))


def _trim_webp(parts: Parts) -> None:
    """Keep all: libwebp passes over what it does not need, and parses nothing of it."""
    data, place = parts.data, 12
    while place < len(data):
        name, length = struct.unpack_from("<4sI", data, place)
        body = place + 8
        parts.count()
        if name == b"EXIF":
            parts.orientation = read_orientation(data[body : body + length])
        elif parts.size is None:
            parts.size = _read_webp_size(name, data[body : body + 10])
        place = body + length + length % 2
    if parts.size:
        width, height = parts.size
        parts.buffer = FRAMES * width * height + FILE_COPIES * len(data)


def _read_webp_size(name: bytes, body: bytes) -> tuple[int, int] | None:
    if name == b"VP8X":
        low, high = int.from_bytes(body[4:7], "little"), int.from_bytes(body[7:10], "little")
        return low + 1, high + 1
    if name == b"VP8L":
        (bits,) = struct.unpack_from("<I", body, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if name == b"VP8 ":
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _trim_bmp(parts: Parts) -> None:
    """Keep all: a BMP is a header, a palette and pixels."""
    data = parts.data
    (header,) = struct.unpack_from("<I", data, 14)
    if header == 12:  # of OS/2: no compression
        parts.size = struct.unpack_from("<HH", data, 18)
        return
    width, height = struct.unpack_from("<Ii", data, 18)
    parts.size = width, abs(height)
    (compression,) = struct.unpack_from("<I", data, 30)
    rows = parts.size[1]
    parts.work(rows, f"{rows:,} rows")
    if compression in RUN_LENGTHS:
        pixels = width * rows
        parts.buffer = 2 * (pixels + FARTHEST * width)
        parts.work(pixels * RUN_PIXEL + len(data) // 2 * RUN, "run lengths")


TRIMMERS: dict[str, Callable[[Parts], None]] = {
    "Jpeg": trim_jpeg,
    "Png": _trim_png,
    "Gif": _trim_gif,
    "WebP": _trim_webp,
    "Bmp": _trim_bmp,
}

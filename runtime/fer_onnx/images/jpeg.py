"""A JPEG file → its tables, frame and scans, with the scans counted.

libjpeg goes through the whole picture once for every scan, however little a scan holds, and keeps
the coefficients of the whole picture where there are several.
"""

import re
import struct

from .exif import PREFIX, read_orientation
from .parts import Parts

MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")  # neither a stuffed zero nor a restart
TEM, SOI, EOI, SOS, APP0, APP1, APP14 = 0x01, 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xEE
TABLES = (0xC4, 0xCC, 0xDB, 0xDD)  # Huffman's and arithmetic codes, quantization, restarts
FRAMES = tuple(code for code in range(0xC0, 0xD0) if code not in (0xC4, 0xC8, 0xCC))
PROGRESSIVE, ARITHMETIC, LOSSLESS = (0xC2, 0xC6, 0xCA, 0xCE), range(0xC9, 0xD0), (0xC3, 0xC7)
KEPT = frozenset((SOS, *FRAMES, *TABLES))
COLOURS = {APP0: b"JFIF", APP14: b"Adobe"}  # which decide how colours are stored
UNKNOWN = b"\xff\xff"  # starts no segment that is kept
TABLE = 64  # bytes of tables that count as one part
STEPS_ARITHMETIC, STEPS_LOSSLESS = 30, 4  # of a block, where it is 1 in Huffman's code


def trim_jpeg(parts: Parts) -> None:
    """Keep what decides on the pixels: no comments, and of EXIF the orientation alone."""
    data, place = parts.data, 2
    parts.keep(0, place)
    frame: _Frame | None = None
    scans = 0
    while match := MARKER.search(data, place):
        marker, body = match[1][0], match.end() + 2
        parts.count()
        if marker in (TEM, SOI):
            place = match.end()
            continue
        if marker == EOI:
            parts.keep(match.start(), match.end())
            break
        (length,) = struct.unpack_from(">H", data, match.end())
        place = match.end() + max(length, 2)
        if marker == SOS and frame:
            names = data[body + 1 : body + 1 + 2 * data[body] : 2]
            scans += 1
            parts.work(frame.count_steps(names), f"{scans} scans")
            parts.buffer = parts.buffer or frame.count_buffer(names)
            following = MARKER.search(data, place)
            place = following.start() if following else len(data)
        elif marker in FRAMES and not frame:
            frame = _Frame(marker, data[body:place])
            parts.size = frame.size
        elif marker in TABLES:
            parts.count(length // TABLE)
        elif marker == APP1 and parts.orientation == 1 and data.startswith(PREFIX, body):
            parts.orientation = read_orientation(data[body:place])
        if marker in KEPT or data.startswith(COLOURS.get(marker, UNKNOWN), body):
            parts.keep(match.start(), place)


class _Frame:
    """The frame of a JPEG: its size, and the blocks of 8×8 samples of each component.

    Source: ITU-T T.81, B.2.2.
    """

    def __init__(self, marker: int, body: bytes) -> None:
        height, width, count = struct.unpack_from(">HHB", body, 1)
        self.size = width, height
        self._marker = marker
        names, factors = body[6 : 6 + 3 * count : 3], body[7 : 6 + 3 * count : 3]
        most_across = max((factor >> 4 for factor in factors), default=1)
        most_down = max((factor & 15 for factor in factors), default=1)
        self._blocks = {
            name: _divide(width * (factor >> 4), 8 * most_across)
            * _divide(height * (factor & 15), 8 * most_down)
            for name, factor in zip(names, factors, strict=False)
        }

    def count_steps(self, names: bytes) -> int:
        """Count the steps of a scan of the components of these names."""
        blocks = sum(self._blocks.get(name, 0) for name in names)
        if self._marker in ARITHMETIC:
            return blocks * STEPS_ARITHMETIC
        return blocks * (STEPS_LOSSLESS if self._marker in LOSSLESS else 1)

    def count_buffer(self, names: bytes) -> int:
        """Count the bytes of coefficients that are kept, given the first scan's components."""
        if self._marker in PROGRESSIVE or len(names) < len(self._blocks):
            return 2 * 64 * sum(self._blocks.values())
        return 0


def _divide(number: int, by: int) -> int:
    """Divide, rounding up."""
    return -(-number // by) if by else 0

"""Picture files that cost far more than they weigh, and large ones that are answered."""

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image

SIDE = 8900  # of almost 80 megapixels
LONG = 80_000_000
SIGN = b"\x89PNG\r\n\x1a\n"
EMPTY_BLOCKS = bytes.fromhex(  # of deflate: four of them
    "04c081000000000090ff6b100007020000000040feaf41001c080000000000f9bf060170200000000000e4ff1a"
)
PIECE = 2**20  # bytes that are compressed at a time


def save(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return a picture as a file of a format."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def blank(mode: str, side: int = SIDE, colour: str | int = 0) -> Image.Image:
    """Return a square picture of one colour."""
    return Image.new(mode, (side, side), colour)


def photograph(megapixels: int, mode: str = "RGB") -> Image.Image:
    """Return a picture, 4:3, that compresses about as a photograph does."""
    width, height = round((megapixels * 4e6 / 3) ** 0.5), round((megapixels * 3e6 / 4) ** 0.5)
    coarse = np.random.default_rng(0).integers(0, 256, (60, 80, len(mode)), np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BILINEAR)


def png(size: tuple[int, int], row: bytes, *extra: bytes, bits: int = 8, colour: int = 0) -> bytes:
    """Return a PNG of equal rows, each with its filter in front, with chunks before the pixels."""
    header = struct.pack(">IIBBBBB", *size, bits, colour, 0, 0, 0)
    packer, pieces, at_once = zlib.compressobj(1), [], max(1, PIECE // len(row))
    for start in range(0, size[1], at_once):
        pieces.append(packer.compress(row * min(at_once, size[1] - start)))
    pixels = b"".join([*pieces, packer.flush()])
    return b"".join([SIGN, chunk(b"IHDR", header), *extra, chunk(b"IDAT", pixels), chunk(b"IEND")])


def chunk(name: bytes, data: bytes = b"") -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bmp(size: tuple[int, int], runs: bytes) -> bytes:
    """Return a BMP of 8 bits in run lengths."""
    palette = bytes(4 * 256)
    start = 14 + 40 + len(palette)
    file = struct.pack("<2sIHHI", b"BM", start + len(runs), 0, 0, start)
    return (
        file
        + struct.pack("<IiiHHIIiiII", 40, *size, 1, 8, 1, len(runs), 0, 0, 256, 0)
        + palette
        + runs
    )


def scans(more: int) -> bytes:
    """Return a progressive JPEG whose last scan is repeated."""
    data = save(blank("L", colour=120), "JPEG", progressive=True)
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * more + data[-2:]


def segments(segment: bytes, count: int) -> bytes:
    """Return a small JPEG with a segment many times before its tables."""
    data = save(blank("RGB", 64, "red"), "JPEG")
    return data[:2] + segment * count + data[2:]


def arithmetic() -> bytes:
    """Return a JPEG that says it is in arithmetic code, without pixels."""
    data = save(blank("RGB"), "JPEG")
    data = data[: data.index(b"\xff\xda") + 14] + data[-2:]
    return data.replace(b"\xff\xc0", b"\xff\xc9", 1)


def gif_blocks(block: bytes, count: int) -> bytes:
    """Return a small GIF with a block many times before its frame."""
    data = save(blank("L", 8), "GIF")
    frame = data.index(b",", 13)
    return data[:frame] + block * count + data[frame:]


def webp_lossless(side: int) -> bytes:
    """Return a lossless WebP of one colour."""
    body = b"\x2f" + struct.pack("<I", (side - 1) | (side - 1) << 14 | 1 << 28)
    body += save(blank("RGBA", 16), "WEBP", lossless=True)[25:]
    body += b"\0" * (len(body) % 2)
    data = b"WEBPVP8L" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(data)) + data


def webp_chunks(count: int) -> bytes:
    """Return a small WebP with many chunks of no meaning."""
    still = save(blank("RGB", 8), "WEBP")[12:]
    header = b"VP8X" + struct.pack("<II", 10, 0) + bytes((7, 0, 0, 7, 0, 0))
    data = b"WEBP" + header + still + b"none\0\0\0\0" * count
    return b"RIFF" + struct.pack("<I", len(data)) + data


def empty_deflate() -> bytes:
    """Return a PNG whose pixels follow millions of deflate blocks that hold nothing.

    Every block brings codes of its own (RFC 1951, 3.2.7), which have to be built.
    """
    row = bytes(1 + SIDE)
    pixels = zlib.compress(row * SIDE, 1)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0))
    packed = pixels[:2] + EMPTY_BLOCKS * (60_000_000 // len(EMPTY_BLOCKS)) + pixels[2:]
    return SIGN + header + chunk(b"IDAT", packed) + chunk(b"IEND")


def exif(tags: int) -> bytes:
    """Return EXIF data of many tags that say nothing, each with its value elsewhere."""
    entries = b"".join(struct.pack(">HHII", 0xC000 + n % 9999, 7, 60_000, 8) for n in range(tags))
    return b"MM\0*\0\0\0\x08" + struct.pack(">H", tags) + entries + bytes(70_000)


ON_ITS_SIDE = b"MM\0*\0\0\0\x08\0\1" + struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
EXIF_SEGMENT = b"\xff\xe1\0\x16Exif\0\0MM\0*\0\0\0\x08" + bytes(6)
HOSTILE: dict[str, Callable[[], bytes]] = {
    "JPEG, 200 more scans": lambda: scans(200),
    "JPEG, 4,000,000 comments": lambda: segments(b"\xff\xfe\0\2", 4_000_000),
    "JPEG, 500,000 EXIF segments": lambda: segments(EXIF_SEGMENT, 500_000),
    "JPEG, arithmetic code": arithmetic,
    "JPEG, 80 MP progressive 4:4:4": lambda: save(
        blank("RGB", colour="red"), "JPEG", progressive=True, subsampling=0
    ),
    "PNG, 1×80,000,000": lambda: png((1, LONG), bytes(2)),
    "PNG, 80,000,000×1": lambda: png((LONG, 1), bytes(LONG + 1)),
    "PNG, 80 MP grey with alpha": lambda: png((SIDE, SIDE), bytes(1 + 2 * SIDE), colour=4),
    "PNG, 80 MP of 16 bits": lambda: png((SIDE, SIDE), b"\4" + bytes(6 * SIDE), bits=16, colour=2),
    "PNG, 1,000,000 chunks": lambda: png((8, 8), bytes(9), chunk(b"noNe") * 1_000_000),
    "PNG, 1,000,000 empty IDAT": lambda: png((8, 8), bytes(9), chunk(b"IDAT") * 1_000_000),
    "PNG, 60 MB of empty deflate blocks": empty_deflate,
    "PNG, 6,000 EXIF tags": lambda: png((8, 8), bytes(9), chunk(b"eXIf", exif(6000))),
    "BMP, 80 MP in run lengths": lambda: bmp((LONG, 1), b"\1\0\0\0"),
    "BMP, delta of 255 rows": lambda: bmp((LONG, 1), b"\0\2\0\x18" * 2),
    "BMP, 4,000,000 runs of 1": lambda: bmp((2000, 2000), b"\1\1" * 4_000_000),
    "GIF, 2,000,000 comments": lambda: gif_blocks(b"!\xfe\1a\0", 2_000_000),
    "GIF, 80 MP": lambda: save(blank("L"), "GIF"),
    "WebP, 80 MP in 40 bytes": lambda: webp_lossless(SIDE),
    "WebP, 2,000,000 chunks": lambda: webp_chunks(2_000_000),
}
ANSWERED: dict[str, Callable[[], bytes]] = {
    "JPEG, 79 MP": lambda: save(photograph(79), "JPEG"),
    "JPEG, 48 MP progressive": lambda: save(photograph(48), "JPEG", progressive=True),
    "JPEG, 48 MP on its side": lambda: save(photograph(48), "JPEG", exif=b"Exif\0\0" + ON_ITS_SIDE),
    "PNG, 48 MP RGBA": lambda: save(photograph(48, "RGBA"), "PNG", compress_level=1),
    "WebP, 12 MP": lambda: save(photograph(12), "WEBP", method=0),
    "WebP, 12 MP lossless with alpha": lambda: save(
        photograph(12, "RGBA"), "WEBP", lossless=True, quality=0, method=0
    ),
}

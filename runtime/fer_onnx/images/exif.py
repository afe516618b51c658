"""EXIF: the orientation alone, from its few bytes. Nothing else of it is ever parsed."""

import struct

from PIL import Image

PREFIX = b"Exif\0\0"  # before the TIFF structure in JPEG files, and in some of other formats
ORIENTATION = 0x0112
WIDTHS = {1: "B", 3: "H", 4: "I"}  # of the TIFF types that hold a whole number
TURNS = {  # Exif 2.32, tag 0x0112: what brings a picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ON_ITS_SIDE = range(5, 9)  # orientations that exchange width and height


def read_orientation(exif: bytes) -> int:
    """Return the orientation, 1–8, that EXIF data state; 1 (upright) if none or damaged.

    Args:
        exif: a TIFF structure, with or without "Exif" before it.
    """
    tiff = exif[len(PREFIX) :] if exif.startswith(PREFIX) else exif
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, start)
        for place in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind = struct.unpack_from(f"{order}HH", tiff, place)
            if tag == ORIENTATION:
                (value,) = struct.unpack_from(order + WIDTHS[kind], tiff, place + 8)
                return value if value in TURNS else 1
    except (struct.error, KeyError):  # damaged EXIF: the picture itself is fine
        pass
    return 1


def turn_upright(image: Image.Image, orientation: int) -> Image.Image:
    """Turn a picture as its orientation says; the one given if it is upright already."""
    if orientation not in TURNS:
        return image
    turned = image.transpose(TURNS[orientation])
    turned.info.pop("exif", None)  # or it would be turned again by whoever reads it next
    return turned

"""Pictures to measure with, the same at every run."""

import struct
import zlib
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

SAMPLES = Path(__file__).parents[2] / "samples"
PORTRAITS = (SAMPLES / "astronaut.png", SAMPLES / "hopper.jpg")
SIDE = 48
PHOTO = (3024, 4032)  # 12 megapixels, held upright
PLACES = ((120, 900), (1700, 1100), (900, 2500))  # of the portraits' upper left corners
PORTRAIT = 1200  # width of a portrait; the faces are then 200 to 300 pixels wide
ORIENTATION, SIDEWAYS = 0x0112, 6  # EXIF: "turn me right by 90°", as phones write it


def write_face(path: Path) -> Path:
    """Write a grey 48×48 PNG, no face but as smooth as one; the standard library is enough."""
    rows = [
        bytes([0, *((x * (SIDE - x) + y * 3 + (x * y) % 7) % 256 for x in range(SIDE))])
        for y in range(SIDE)
    ]
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks))
    return path


def write_photo(portraits: list[Path], path: Path, megapixels: int = 12) -> Path:
    """Write a JPEG as a phone would: three people, sensor noise, stored sideways.

    Args:
        portraits: pictures of one person each, taken in turn for the three places.
        path: where to.
        megapixels: 12, or 48 of the same view.
    """
    import numpy as np
    from PIL import Image

    width, height = PHOTO
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(90, 170, (height // 96, width // 96), dtype=np.uint8))
    photo = coarse.resize(PHOTO, Image.Resampling.BICUBIC).convert("RGB")
    for place, name in enumerate((portraits * len(PLACES))[: len(PLACES)]):
        with Image.open(name) as portrait:
            size = (PORTRAIT, PORTRAIT * portrait.height // portrait.width)
            photo.paste(portrait.convert("RGB").resize(size), PLACES[place])
    enlarged = round((megapixels / 12) ** 0.5)
    photo = photo.resize((enlarged * width, enlarged * height), Image.Resampling.BICUBIC)
    noise = rng.normal(0, 4, (*photo.size[::-1], 1))  # grain costs a decoder time
    grainy = np.clip(np.asarray(photo) + noise, 0, 255).astype(np.uint8)
    exif = Image.Exif()
    exif[ORIENTATION] = SIDEWAYS
    stored = Image.fromarray(grainy).transpose(Image.Transpose.ROTATE_90)
    stored.save(path, quality=90, exif=exif)
    return path


def make_portraits(widths: Iterable[int]) -> list[tuple[str, bytes]]:
    """Make JPEG files of one person each, by name, as many pixels wide as given."""
    from PIL import Image

    portraits = [Image.open(path).convert("RGB") for path in PORTRAITS]
    files = []
    for number, width in enumerate(widths):
        portrait = portraits[number % len(portraits)]
        small = portrait.resize((width, width * portrait.height // portrait.width))
        file = BytesIO()
        small.save(file, "JPEG", quality=90)
        files.append((f"{number}.jpg", file.getvalue()))
    return files


def make_frame(width: int, height: int) -> bytes:
    """Make a JPEG file as a camera sends it: two people side by side."""
    from PIL import Image

    frame, half = Image.new("RGB", (width, height), (60, 60, 60)), width // 2
    for number, path in enumerate(PORTRAITS):
        portrait = Image.open(path).convert("RGB").resize((half, half))
        frame.paste(portrait, (number * half, (height - half) // 2))
    file = BytesIO()
    frame.save(file, "JPEG", quality=80)
    return file.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

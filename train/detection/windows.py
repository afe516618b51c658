"""A picture seen through a window: cut out, resampled, its boxes brought along."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from .labels import Boxes, Labelled

LEARNABLE = (8, 180)  # pixels of a face's longer side; of other sizes it is ignored
SEEN = 0.5, 0.15  # visible share of a face's area above which it counts, below which it does not
FILTERS = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC)


@dataclass(frozen=True)
class Picture:
    """A picture in memory, and what is a face in it.

    Attributes:
        image: RGB; a scene still squashed.
        labelled: its faces.
        tight: whether it is one face and hardly more.
        mistakes: float array (n, 4), what a detector took for faces there and is none.
    """

    image: Image.Image
    labelled: Labelled
    tight: bool = False
    mistakes: Boxes | None = None


class Window(NamedTuple):
    """A rectangle of a picture, in its pixels; may stick out of it."""

    left: float
    top: float
    width: float
    height: float


class Crop(NamedTuple):
    """A part of a picture and what it shows, in its own pixels."""

    image: Image.Image
    faces: Boxes
    ignored: Boxes


def look_through(
    picture: Picture, window: Window, size: tuple[int, int], rng: np.random.Generator
) -> Crop:
    """Bring a window of the picture, and its boxes, to a size in pixels."""
    across, down = size[0] / window.width, size[1] / window.height
    scale = np.array([across, down, across, down])
    move = np.array([window.left, window.top, 0, 0])
    faces, ignored = (
        (boxes - move) * scale for boxes in (picture.labelled.faces, picture.labelled.ignored)
    )
    return Crop(_resample(picture, window, size, rng), faces, ignored)


def _resample(
    picture: Picture, window: Window, size: tuple[int, int], rng: np.random.Generator
) -> Image.Image:
    """Bring what of a window lies in the picture to a size; the rest is black or of one tone."""
    image, known = picture.image, picture.labelled
    tones = rng.integers(0, 256, 3) if rng.random() < 0.5 else (0, 0, 0)
    canvas = Image.new("RGB", size, tuple(map(int, tones)))
    cells, places = [], []
    for start, length, whole, seen, side in zip(
        window[:2], window[2:], (known.width, known.height), image.size, size, strict=True
    ):
        first, last = max(start, 0.0), min(start + length, whole)
        place = [round((value - start) / length * side) for value in (first, last)]
        if place[1] <= place[0]:
            return canvas
        cells.append([value * seen / whole for value in (first, last)])
        places.append(place)
    (x0, x1), (y0, y1) = cells
    (left, right), (top, bottom) = places
    method = FILTERS[rng.integers(len(FILTERS))]
    part = image.resize((right - left, bottom - top), method, (x0, y0, x1, y1), reducing_gap=2.0)
    canvas.paste(part, (left, top))
    return canvas


def clip_faces(crop: Crop) -> Crop:
    """Cut boxes off at the edges; ignore what is half seen, too small or too large."""
    faces, shares = _clip(crop.faces, crop.image.size)
    ignored, _ = _clip(crop.ignored, crop.image.size)
    longer = faces[:, 2:].max(axis=1, initial=0)
    learnable = (shares >= SEEN[0]) & (longer >= LEARNABLE[0]) & (longer <= LEARNABLE[1])
    unsure = (shares >= SEEN[1]) & ~learnable
    return Crop(crop.image, faces[learnable], np.concatenate([ignored, faces[unsure]]))


def _clip(boxes: Boxes, size: tuple[int, int]) -> tuple[Boxes, npt.NDArray[np.float64]]:
    ends = np.clip(boxes[:, :2] + boxes[:, 2:], 0, size)
    starts = np.clip(boxes[:, :2], 0, size)
    sizes = np.maximum(ends - starts, 0)
    shares = sizes.prod(axis=1) / np.maximum(boxes[:, 2:].prod(axis=1), 1e-9)
    return np.concatenate([starts, sizes], axis=1), shares

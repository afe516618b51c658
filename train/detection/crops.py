"""Square crops at every scale, mosaics, close-ups, turned, relit, blurred: what is learned from."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from .labels import Boxes, Labelled

SIDE = 192  # pixels of a crop
FACE = (10, 160)  # pixels of a face's longer side in it; what is larger is seen in a smaller copy
LEARNABLE = (8, 180)  # of what is a face at all; the rest is ignored
ENLARGED = 4.0  # at most so many times
SURROUNDED = 1.3  # sides of a crop ÷ longer side of the picture in it, at most
SCALE = (0.3, 2.0)  # of pictures without faces
ON_A_FACE = 0.75  # share of the crops that show a chosen face, of pictures with faces
MOSAIC, CLOSE, TURNED = 0.3, 0.1, 0.3  # shares of the crops
GREY, SOFT, COARSE, GRAIN, DARK = 0.2, 0.15, 0.15, 0.1, 0.1  # likewise
TURN = 25  # degrees at most
CLOSELY = (1.0, 1.4)  # sides of a close-up ÷ longer side of the face
SEEN = 0.5, 0.15  # visible share of a face's area above which it counts, below which it does not
FILTERS = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC)


@dataclass(frozen=True)
class Picture:
    """A picture in memory, and what is a face in it."""

    image: Image.Image  # RGB; a scene still squashed
    labelled: Labelled


class Crop(NamedTuple):
    """A square crop and what it shows, in its own pixels."""

    image: Image.Image
    faces: Boxes
    ignored: Boxes


def draw_crop(pictures: list[list[Picture]], shares: list[float], rng: np.random.Generator) -> Crop:
    """Draw a crop of one picture, or a mosaic of four (Bochkovskiy et al. 2020, arXiv:2004.10934).

    Args:
        pictures: by group.
        shares: of the groups, of sum 1.
        rng: draws everything.
    """
    mosaic = rng.random() < MOSAIC
    parts = []
    for _ in range(4 if mosaic else 1):
        group = pictures[rng.choice(len(shares), p=shares)]
        picture = group[rng.integers(len(group))]
        if not mosaic and len(picture.labelled.faces) and rng.random() < CLOSE:
            parts.append(_close_up(picture, rng))
        else:
            parts.append(_cut(picture, SIDE // 2 if mosaic else SIDE, rng))
    crop = _assemble(parts) if mosaic else parts[0]
    if rng.random() < TURNED:
        crop = _turn(crop, rng.uniform(-TURN, TURN))
    crop = _clip_faces(crop)
    if rng.random() < 0.5:
        crop = _mirror(crop)
    return crop._replace(image=_relight(crop.image, rng))


def _cut(picture: Picture, side: int, rng: np.random.Generator) -> Crop:
    """Cut out a square at a scale at which a chosen face has a size drawn evenly in octaves."""
    known = picture.labelled
    width, height = known.width, known.height
    scale = np.exp(rng.uniform(*np.log(SCALE)))
    x, y, across, down = 0.0, 0.0, width, height
    if len(known.faces):
        x, y, across, down = known.faces[rng.integers(len(known.faces))]
        scale = np.exp(rng.uniform(*np.log(FACE))) * side / SIDE / max(across, down)
    scale = np.clip(scale, side / max(width, height) / SURROUNDED, ENLARGED)
    window = side / scale
    if len(known.faces) and rng.random() < ON_A_FACE:
        left = x + across / 2 - window * rng.uniform(0.1, 0.9)
        top = y + down / 2 - window * rng.uniform(0.1, 0.9)
    else:
        left, top = (rng.uniform(*sorted((0, size - window))) for size in (width, height))
    return _look_through(picture, (left, top, window), side, rng)


def _close_up(picture: Picture, rng: np.random.Generator) -> Crop:
    """Cut out one face closely; around it stand its own tones, mirrored outward and blurred."""
    known = picture.labelled
    x, y, across, down = known.faces[rng.integers(len(known.faces))]
    window = max(across, down) * rng.uniform(*CLOSELY)
    left, top = x + (across - window) / 2, y + (down - window) / 2
    side = int(rng.integers(SIDE // 3, SIDE))
    part = _clip_faces(_look_through(picture, (left, top, window), side, rng))
    right, low = map(int, rng.integers(0, SIDE - side + 1, 2))
    around = ((low, SIDE - side - low), (right, SIDE - side - right), (0, 0))
    tones = Image.fromarray(np.pad(np.asarray(part.image), around, mode="symmetric"))
    canvas = tones.filter(ImageFilter.BoxBlur(side / 3))
    canvas.paste(part.image, (right, low))
    place = np.array([right, low, 0, 0])
    return Crop(canvas, part.faces + place, part.ignored + place)


def _look_through(
    picture: Picture, window: tuple[float, float, float], side: int, rng: np.random.Generator
) -> Crop:
    """Bring a window (left, top, side) of the picture, and its boxes, to a side in pixels."""
    left, top, length = window
    scale, move = side / length, np.array([left, top, 0, 0])
    faces, ignored = (
        (boxes - move) * scale for boxes in (picture.labelled.faces, picture.labelled.ignored)
    )
    return Crop(_resample(picture, window, side, rng), faces, ignored)


def _resample(
    picture: Picture, window: tuple[float, float, float], side: int, rng: np.random.Generator
) -> Image.Image:
    """Bring what of a window (left, top, side) lies in the picture into a square of the side."""
    image, known = picture.image, picture.labelled
    tones = rng.integers(0, 256, 3) if rng.random() < 0.5 else (0, 0, 0)
    canvas = Image.new("RGB", (side, side), tuple(map(int, tones)))
    *corner, length = window
    cells, places = [], []
    for start, size, seen in zip(corner, (known.width, known.height), image.size, strict=True):
        first, last = max(start, 0.0), min(start + length, size)
        place = [round((value - start) / length * side) for value in (first, last)]
        if place[1] <= place[0]:
            return canvas
        cells.append([value * seen / size for value in (first, last)])
        places.append(place)
    (x0, x1), (y0, y1) = cells
    (left, right), (top, bottom) = places
    method = FILTERS[rng.integers(len(FILTERS))]
    part = image.resize((right - left, bottom - top), method, (x0, y0, x1, y1), reducing_gap=2.0)
    canvas.paste(part, (left, top))
    return canvas


def _assemble(parts: list[Crop]) -> Crop:
    """Put four crops together; what sticks out of each is cut off."""
    half = SIDE // 2
    canvas = Image.new("RGB", (SIDE, SIDE))
    faces, ignored = [], []
    for number, part in enumerate(parts):
        x, y = half * (number % 2), half * (number // 2)
        canvas.paste(part.image, (x, y))
        part = _clip_faces(part)
        move = np.array([x, y, 0, 0])
        faces.append(part.faces + move)
        ignored.append(part.ignored + move)
    return Crop(canvas, np.concatenate(faces), np.concatenate(ignored))


def _clip_faces(crop: Crop) -> Crop:
    """Cut boxes off at the edges; ignore what is half seen, too small or too large."""
    side = crop.image.width
    faces, shares = _clip(crop.faces, side)
    ignored, _ = _clip(crop.ignored, side)
    longer = faces[:, 2:].max(axis=1, initial=0)
    learnable = (shares >= SEEN[0]) & (longer >= LEARNABLE[0]) & (longer <= LEARNABLE[1])
    unsure = (shares >= SEEN[1]) & ~learnable
    return Crop(crop.image, faces[learnable], np.concatenate([ignored, faces[unsure]]))


def _clip(boxes: Boxes, side: int) -> tuple[Boxes, npt.NDArray[np.float64]]:
    ends = np.clip(boxes[:, :2] + boxes[:, 2:], 0, side)
    starts = np.clip(boxes[:, :2], 0, side)
    sizes = np.maximum(ends - starts, 0)
    shares = sizes.prod(axis=1) / np.maximum(boxes[:, 2:].prod(axis=1), 1e-9)
    return np.concatenate([starts, sizes], axis=1), shares


def _turn(crop: Crop, degrees: float) -> Crop:
    """Turn a crop about its middle; boxes move along and stay upright."""
    image = crop.image.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=(0, 0, 0))
    angle, middle = np.deg2rad(degrees), crop.image.width / 2
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def move(boxes: Boxes) -> Boxes:
        centres = boxes[:, :2] + boxes[:, 2:] / 2 - middle
        return np.concatenate([centres @ turn + middle - boxes[:, 2:] / 2, boxes[:, 2:]], axis=1)

    return Crop(image, move(crop.faces), move(crop.ignored))


def _mirror(crop: Crop) -> Crop:
    def move(boxes: Boxes) -> Boxes:
        x = crop.image.width - boxes[:, :1] - boxes[:, 2:3]
        return np.concatenate([x, boxes[:, 1:]], axis=1)

    image = crop.image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return Crop(image, move(crop.faces), move(crop.ignored))


def _relight(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Change brightness, contrast and tint; sometimes grey, dark, grainy, coarse, out of focus."""
    if rng.random() < GREY:
        image = image.convert("L").convert("RGB")
    if rng.random() < SOFT:
        image = image.filter(ImageFilter.BoxBlur(rng.uniform(0.5, 2)))
    if rng.random() < COARSE:
        small = image.reduce(int(rng.integers(2, 5)))
        image = small.resize(image.size, FILTERS[rng.integers(len(FILTERS))])
    if rng.random() < GRAIN:
        noise = rng.uniform(3, 20) * rng.standard_normal((*image.size, 3), dtype=np.float32)
        image = Image.fromarray((np.asarray(image) + noise).clip(0, 255).astype(np.uint8))
    light = rng.uniform(0.15, 0.5) if rng.random() < DARK else rng.uniform(0.7, 1.3)
    contrast, gamma = rng.uniform(0.7, 1.3), np.exp(rng.uniform(-0.3, 0.3))
    ramp = (np.arange(256) / 255) ** gamma
    ramp = ((ramp - 0.45) * contrast + 0.45) * light
    tints = rng.uniform(0.9, 1.1, 3)
    table = (255 * ramp[None] * tints[:, None]).clip(0, 255).astype(np.uint8)
    return image.point(table.ravel().tolist())

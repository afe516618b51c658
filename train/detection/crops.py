"""Square crops at every scale, mosaics, close-ups, turned, relit, blurred: what is learned from."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageFilter

from .close_ups import close_up, frame, paste
from .labels import Boxes
from .ornaments import adorn
from .windows import FILTERS, Crop, Picture, Window, clip_faces, look_through

SIDE = 192  # pixels of a crop
FACE = (10, 160)  # pixels of a face's longer side in it; what is larger is seen in a smaller copy
ENLARGED = 4.0  # at most so many times
SURROUNDED = 1.3  # sides of a crop ÷ longer side of the picture in it, at most
SCALE = (0.3, 2.0)  # of pictures without faces
ON_A_FACE = 0.75  # share of the crops that show a chosen face, of pictures with faces
ON_A_MISTAKE = 0.6  # or what was taken for one, of pictures where this happened
BESIDE = 0.2  # share of the crops of pictures with faces that look for such a mistake instead
# shares of the crops: four pictures, one picture filled by a face, a face pasted into another
MOSAIC, FRAMED, PASTED = 0.25, 0.22, 0.1
CLOSE = 0.1  # of the others
TURNED, LYING = 0.3, 0.12  # shares that are turned a little, or by a quarter or two
ADORNED = 0.15  # share with buttons and medals beside the faces
GREY, SOFT, COARSE, GRAIN, DARK = 0.25, 0.2, 0.2, 0.1, 0.12  # likewise
TURN = 25  # degrees at most


def draw_crop(
    pictures: list[list[Picture]], shares: Sequence[float], rng: np.random.Generator
) -> Crop:
    """Draw a crop of one picture, or a mosaic of four (Bochkovskiy et al. 2020, arXiv:2004.10934).

    Faces that lie on their side or stand on their head are none: that tells which way up a
    picture is.

    Args:
        pictures: by group.
        shares: of the groups, of sum 1.
        rng: draws everything.
    """
    kind = rng.random()
    if kind < MOSAIC:
        tiles = [_cut(_draw_picture(pictures, shares, rng), SIDE // 2, rng) for _ in range(4)]
        crop = _assemble(tiles)
    elif kind < MOSAIC + FRAMED:
        crop = _frame(pictures, shares, rng)
    else:
        crop = _show(_draw_picture(pictures, shares, rng), rng)
        if kind > 1 - PASTED and (tight := [group for group in pictures if group[0].tight]):
            crop = paste(clip_faces(crop), tight[0][rng.integers(len(tight[0]))], rng)
    turned = rng.random()
    if turned < LYING:
        crop = _lay(crop, int(rng.integers(1, 4)))
    elif turned < LYING + TURNED:
        crop = _turn(crop, rng.uniform(-TURN, TURN))
    crop = clip_faces(crop)
    if rng.random() < ADORNED:
        crop = adorn(crop, rng)
    if rng.random() < 0.5:
        crop = _mirror(crop)
    return crop._replace(image=_relight(crop.image, rng))


def _draw_picture(
    pictures: list[list[Picture]], shares: Sequence[float], rng: np.random.Generator
) -> Picture:
    group = pictures[rng.choice(len(shares), p=shares)]
    return group[rng.integers(len(group))]


def _frame(
    pictures: list[list[Picture]], shares: Sequence[float], rng: np.random.Generator
) -> Crop:
    """Let a face fill the crop, as often one of a data set as one of a photograph."""
    tight, open_ = (
        [group for group in pictures if group[0].tight is kind and len(group[0].labelled.faces)]
        for kind in (True, False)
    )
    chosen = tight if tight and (not open_ or rng.random() < 0.5) else open_
    group = chosen[rng.integers(len(chosen))] if chosen else pictures[0]
    picture = group[rng.integers(len(group))]
    return frame(picture, SIDE, rng) if len(picture.labelled.faces) else _show(picture, rng)


def _show(picture: Picture, rng: np.random.Generator) -> Crop:
    if len(picture.labelled.faces) and rng.random() < CLOSE:
        return close_up(picture, SIDE, rng)
    return _cut(picture, SIDE, rng)


def _cut(picture: Picture, side: int, rng: np.random.Generator) -> Crop:
    """Cut out a square at a scale at which a chosen face has a size drawn evenly in octaves."""
    known = picture.labelled
    width, height = known.width, known.height
    scale = np.exp(rng.uniform(*np.log(SCALE)))
    mistakes = known.faces[:0] if picture.mistakes is None else picture.mistakes
    if len(known.faces) and not (len(mistakes) and rng.random() < BESIDE):
        chosen, share = known.faces, ON_A_FACE
    else:
        chosen, share = mistakes, ON_A_MISTAKE
    if len(chosen):
        x, y, across, down = chosen[rng.integers(len(chosen))]
        scale = np.exp(rng.uniform(*np.log(FACE))) * side / SIDE / max(across, down)
    scale = np.clip(scale, side / max(width, height) / SURROUNDED, ENLARGED)
    window = side / scale
    if len(chosen) and rng.random() < share:
        left = x + across / 2 - window * rng.uniform(0.1, 0.9)
        top = y + down / 2 - window * rng.uniform(0.1, 0.9)
    else:
        left, top = (rng.uniform(*sorted((0, size - window))) for size in (width, height))
    return look_through(picture, Window(left, top, window, window), (side, side), rng)


def _assemble(parts: list[Crop]) -> Crop:
    """Put four crops together; what sticks out of each is cut off."""
    half = SIDE // 2
    canvas = Image.new("RGB", (SIDE, SIDE))
    faces, ignored = [], []
    for number, part in enumerate(parts):
        x, y = half * (number % 2), half * (number // 2)
        canvas.paste(part.image, (x, y))
        part = clip_faces(part)
        move = np.array([x, y, 0, 0])
        faces.append(part.faces + move)
        ignored.append(part.ignored + move)
    return Crop(canvas, np.concatenate(faces), np.concatenate(ignored))


def _turn(crop: Crop, degrees: float) -> Crop:
    """Turn a crop about its middle; boxes move along and stay upright."""
    image = crop.image.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=(0, 0, 0))
    angle, middle = np.deg2rad(degrees), crop.image.width / 2
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def move(boxes: Boxes) -> Boxes:
        centres = boxes[:, :2] + boxes[:, 2:] / 2 - middle
        return np.concatenate([centres @ turn + middle - boxes[:, 2:] / 2, boxes[:, 2:]], axis=1)

    return Crop(image, move(crop.faces), move(crop.ignored))


def _lay(crop: Crop, quarters: int) -> Crop:
    """Turn a crop by quarters of a circle: what was a face in it no longer counts as one."""
    turn = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)
    image = crop.image.transpose(turn[quarters - 1])
    ignored = crop.ignored
    for _ in range(quarters):
        x, y, width, height = ignored.T
        ignored = np.stack([y, crop.image.width - x - width, height, width], axis=1)
    return Crop(image, crop.faces[:0], ignored)


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

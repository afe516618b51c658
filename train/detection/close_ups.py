"""Faces that fill the picture, or a part of it: framed, cut off, pasted into other pictures."""

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from .face_crops import surround
from .labels import Labelled
from .windows import Crop, Picture, Window, clip_faces, look_through

CLOSELY = (1.0, 1.4)  # sides of a close-up ÷ longer side of the face
FILLS = (0.45, 1.5)  # height of a face ÷ height of the picture that it fills
ASPECTS = (0.6, 1.6)  # width ÷ height of such a picture
SQUEEZED = 0.3  # share of them that is squeezed or stretched, by up to so much:
SQUEEZE = 1.35
ASIDE = 0.15  # of the picture's side: how far off its middle the face stands
HEIGHTS = (24, 192)  # pixels of such a picture
CORNER, BLACK = 0.5, 0.5  # shares that stand in the corner, and on black, as padded pictures do
BARE = 0.5  # share of the tight pictures that keep no surroundings but their own
PASTED = (14, 175)  # pixels of the side of a face that is pasted
OVAL = 0.5  # share of these that are cut out along the face
HIDDEN = 0.5, 0.15  # covered share of a face above which it is gone, below which it counts


def close_up(picture: Picture, side: int, rng: np.random.Generator) -> Crop:
    """Cut out one face closely; around it stand its own tones, mirrored outward and blurred."""
    known = picture.labelled
    x, y, across, down = known.faces[rng.integers(len(known.faces))]
    length = max(across, down) * rng.uniform(*CLOSELY)
    window = Window(x + (across - length) / 2, y + (down - length) / 2, length, length)
    small = int(rng.integers(side // 3, side))
    part = clip_faces(look_through(picture, window, (small, small), rng))
    return _stand(part, _draw_corner(part, side, rng), side)


def frame(picture: Picture, side: int, rng: np.random.Generator) -> Crop:
    """Make a picture that one face fills, or more than fills, as the search sees it when reduced.

    A photograph is cut to what it has; a face of a data set may be surrounded by its own tones.
    """
    known = picture.labelled
    face = known.faces[rng.integers(len(known.faces))]
    window = draw_window(face, FILLS, ASPECTS, ASIDE, rng)
    if picture.tight and rng.random() >= BARE:
        picture, window = widen(picture, window)
    window = cut_to(picture, window)
    height = np.exp(rng.uniform(*np.log(HEIGHTS)))
    width = height * window.width / window.height
    if rng.random() < SQUEEZED:
        width *= np.exp(rng.uniform(-1, 1) * np.log(SQUEEZE))
    fit = min(1.0, side / width, side / height)
    size = max(8, round(width * fit)), max(8, round(height * fit))
    part = clip_faces(look_through(picture, window, size, rng))
    if rng.random() < BLACK:
        corner = (0, 0) if rng.random() < CORNER else _draw_corner(part, side, rng)
        tones = (0, 0, 0) if rng.random() < 0.7 else tuple(map(int, rng.integers(0, 256, 3)))
        canvas = Image.new("RGB", (side, side), tones)
        canvas.paste(part.image, corner)
        return _move(part, canvas, corner)
    return _stand(part, _draw_corner(part, side, rng), side)


def draw_window(
    face: npt.NDArray[np.floating],
    fills: tuple[float, float],
    aspects: tuple[float, float],
    aside: float,
    rng: np.random.Generator,
) -> Window:
    """Draw the part of a picture, or more than the picture, that one face fills.

    Args:
        face: x, y, width and height, in pixels.
        fills: least and most of the face's height ÷ the window's.
        aspects: least and most of the window's width ÷ its height.
        aside: how far off the middle the face may stand, in the window's sides.
        rng: that is drawn from.
    """
    x, y, across, down = face
    tall = down / np.exp(rng.uniform(*np.log(fills)))
    wide = tall * np.exp(rng.uniform(*np.log(aspects)))
    left, top = (
        start + length / 2 - whole * rng.uniform(0.5 - aside, 0.5 + aside)
        for start, length, whole in ((x, across, wide), (y, down, tall))
    )
    return Window(left, top, wide, tall)


def paste(crop: Crop, picture: Picture, rng: np.random.Generator) -> Crop:
    """Paste a face of a data set into a crop; what it covers is no longer there."""
    side = crop.image.width
    known = picture.labelled
    longer = round(np.exp(rng.uniform(*np.log(PASTED))))
    ratio = np.exp(rng.uniform(-1, 1) * np.log(1.2))
    size = max(8, round(longer * min(1, ratio))), max(8, round(longer / max(1, ratio)))
    whole = Window(0, 0, known.width, known.height)
    face = look_through(picture, whole, size, rng)
    left, top = (int(rng.integers(-length // 4, max(side - 3 * length // 4, 1))) for length in size)
    mask = Image.new("L", size, 255)
    if rng.random() < OVAL:
        mask = Image.new("L", size, 0)
        edge = max(1, min(size) // 16)
        ImageDraw.Draw(mask).ellipse((edge, edge, size[0] - edge, size[1] - edge), fill=255)
        mask = mask.filter(ImageFilter.BoxBlur(edge))
    image = crop.image.copy()
    image.paste(face.image, (left, top), mask)
    start, end = np.array((left, top)), np.array((left, top)) + size
    low, high = np.maximum(crop.faces[:, :2], start), crop.faces[:, :2] + crop.faces[:, 2:]
    covered = np.maximum(np.minimum(high, end) - low, 0).prod(axis=1)
    covered = covered / np.maximum(crop.faces[:, 2:].prod(axis=1), 1e-9)
    move = np.array([left, top, 0, 0])
    kept = crop.faces[covered <= HIDDEN[1]]
    unsure = crop.faces[(covered > HIDDEN[1]) & (covered <= HIDDEN[0])]
    faces = face.faces + move
    return Crop(image, np.concatenate([kept, faces]), np.concatenate([crop.ignored, unsure]))


def widen(picture: Picture, window: Window) -> tuple[Picture, Window]:
    """Surround a tight picture as far as the window reaches, its own size at most."""
    known, (wide, high) = picture.labelled, picture.image.size
    across, down = wide / known.width, high / known.height
    edges = (
        min(wide, max(0, round(-window.left * across))),
        min(high, max(0, round(-window.top * down))),
        min(wide, max(0, round((window.left + window.width) * across) - wide)),
        min(high, max(0, round((window.top + window.height) * down) - high)),
    )
    image = surround(picture.image, edges, max(wide, high) / 3)
    move = np.array([edges[0] / across, edges[1] / down, 0, 0])
    labelled = Labelled(
        round(image.width / across),
        round(image.height / down),
        known.faces + move,
        known.ignored + move,
    )
    moved = window._replace(left=window.left + move[0], top=window.top + move[1])
    return Picture(image, labelled, picture.tight), moved


def cut_to(picture: Picture, window: Window) -> Window:
    """Return the part of a window that lies in the picture, or nearly."""
    known = picture.labelled
    left, top = max(window.left, 0.0), max(window.top, 0.0)
    right = min(window.left + window.width, known.width)
    bottom = min(window.top + window.height, known.height)
    return Window(left, top, max(right - left, 1.0), max(bottom - top, 1.0))


def _draw_corner(part: Crop, side: int, rng: np.random.Generator) -> tuple[int, int]:
    width, height = part.image.size
    return int(rng.integers(0, side - width + 1)), int(rng.integers(0, side - height + 1))


def _stand(part: Crop, corner: tuple[int, int], side: int) -> Crop:
    """Stand a part in a square, amid its own tones, mirrored outward and blurred."""
    (x, y), (width, height) = corner, part.image.size
    edges = (x, y, side - width - x, side - height - y)
    canvas = surround(part.image, edges, max(width, height) / 3)
    return _move(part, canvas, corner)


def _move(part: Crop, canvas: Image.Image, corner: tuple[int, int]) -> Crop:
    place = np.array([*corner, 0, 0])
    return Crop(canvas, part.faces + place, part.ignored + place)

"""Buttons, coins and medals, drawn: round, shaded like a head, and no faces."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from .labels import overlaps
from .windows import Crop

SIZES = (8, 72)  # pixels of the longer side
MOST = 6  # in a crop, in a row as on a coat
SHARP = 3  # times larger than shown when drawn
# tones of metal, enamel, horn: red, green, blue of 1
TONES = ((0.85, 0.6, 0.25), (0.75, 0.45, 0.25), (0.75, 0.75, 0.75), (0.9, 0.85, 0.75))
ANY_TONE = 0.3  # share of other tones
ON_CLOTH = 0.5  # share that lie on a dark ground instead of what the crop shows


def adorn(crop: Crop, rng: np.random.Generator) -> Crop:
    """Draw a row of ornaments onto a crop, beside its faces; boxes stay as they are.

    Args:
        crop: RGB, its boxes clipped.
        rng: draws number, places and looks.
    """
    longer = np.exp(rng.uniform(*np.log(SIZES)))
    known = np.concatenate([crop.faces, crop.ignored])
    start = rng.uniform(0, 1, 2) * crop.image.size
    step = longer * rng.uniform(1.1, 2.5) * np.array([rng.uniform(-0.3, 0.3), 1.0])
    if rng.random() < 0.5:
        step = step[::-1]
    image, look = crop.image.copy(), rng.integers(2**32)
    for number in range(int(rng.integers(1, MOST + 1))):
        left, top = start + number * step - longer / 2
        if overlaps(np.array([[left, top, longer, longer]]), known).any():
            continue
        drawn = draw_ornament(round(longer), np.random.default_rng(look))
        if number == 0 and rng.random() < ON_CLOTH:
            _lay_cloth(image, drawn.size, np.array([left, top]), known, rng)
        image.paste(drawn, (round(left), round(top)), drawn)
    return crop._replace(image=image)


def draw_ornament(side: int, rng: np.random.Generator) -> Image.Image:
    """Return a disc of metal with a relief and a light on it.

    Returns:
        RGBA, side × side; transparent around the disc.
    """
    size = SHARP * side
    across, down = np.meshgrid(*2 * [np.linspace(-1, 1, size)])
    down = down * rng.uniform(1.0, 1.25)
    radius, angle = np.hypot(across, down), np.arctan2(down, across)
    relief = _draw_relief(size, radius, angle, rng)
    slope_down, slope_across = np.gradient(relief * size / 2)
    dome = rng.uniform(0.1, 1.2)
    across, down = dome * across - slope_across, dome * down - slope_down
    normal = np.stack([across, down, np.ones_like(across)])
    normal /= np.linalg.norm(normal, axis=0)
    light = np.array([rng.uniform(-1, 1), rng.uniform(-1.2, 0.2), rng.uniform(0.3, 1.0)])
    shade = np.tensordot(light / np.linalg.norm(light), normal, 1).clip(0)
    glint = rng.uniform(0, 0.9) * shade ** rng.uniform(4, 30)
    tone = rng.random(3) if rng.random() < ANY_TONE else np.array(TONES[rng.integers(len(TONES))])
    body = shade[..., None] * tone * rng.uniform(0.6, 1.3) + glint[..., None]
    alpha = ((1 - radius) * size / 2).clip(0, 1)[..., None]
    pixels = (255 * np.concatenate([body.clip(0, 1), alpha], axis=2)).astype(np.uint8)
    return Image.fromarray(pixels, "RGBA").reduce(SHARP)


def _draw_relief(
    size: int,
    radius: npt.NDArray[np.float64],
    angle: npt.NDArray[np.float64],
    rng: np.random.Generator,
) -> npt.NDArray[np.float64]:
    """Return heights, in parts of the radius: a rim, petals, and what is stamped on it."""
    heights = np.zeros_like(radius)
    if rng.random() < 0.6:
        rim = rng.uniform(0.7, 0.95)
        heights += 0.1 * (radius > rim)
    if rng.random() < 0.4:
        heights += 0.08 * np.cos(angle * rng.integers(3, 13) + rng.uniform(0, 6)) * (radius < 0.8)
    if rng.random() < 0.7:
        grid = int(rng.integers(3, 9))
        stamped = Image.fromarray(rng.random((grid, grid), dtype=np.float32))
        heights += rng.uniform(0.1, 0.5) * np.asarray(
            stamped.resize((size, size), Image.Resampling.BICUBIC)
        )
    return heights


def _lay_cloth(
    image: Image.Image,
    size: tuple[int, int],
    corner: npt.NDArray[np.float64],
    known: npt.NDArray[np.float64],
    rng: np.random.Generator,
) -> None:
    """Darken the surroundings of an ornament, as cloth does, where no face is."""
    wide = [3 * length for length in size]
    left, top = (round(value - length) for value, length in zip(corner, size, strict=True))
    if overlaps(np.array([[left, top, *wide]], dtype=float), known).any():
        return
    cloth = rng.integers(5, 90, 3) + rng.normal(0, 4, (wide[1], wide[0], 3))
    image.paste(Image.fromarray(cloth.clip(0, 255).astype(np.uint8)), (left, top))

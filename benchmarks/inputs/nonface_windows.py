"""Square pictures that show no face, of several kinds, the same for the same seed.

They come from other sources than anything a network is trained on, so that they can test it.
"""

import string
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from fer_onnx.images import read_image

GET_PICTURES = "pip install --no-deps scikit-image"
PHOTOGRAPHED = {  # in the wheel of scikit-image; its coins bear heads, and two pictures show people
    "animals": ("chelsea.png", "horse.png"),
    "objects": ("coffee.png", "motorcycle_left.png", "rocket.jpg", "moon.png", "retina.jpg"),
    "textures": ("brick.png", "grass.png", "gravel.png", "ihc.png", "chessboard_GRAY.png"),
    "print and handwriting": ("page.png", "text.png"),
}
SIDES = (32, 256)  # of a window, in pixels; small ones are as frequent as large ones
DRAWN_SIDE = 96
GRAIN = 6  # the strongest noise of a camera, standard deviation of 255

Grey = npt.NDArray[np.float64]  # (height, width), 0–255


def find_pictures() -> Path:
    """Find the folder of scikit-image's pictures, without importing it.

    Raises:
        FileNotFoundError: it is not installed; `GET_PICTURES` brings it.
    """
    spec = find_spec("skimage")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("scikit-image is not installed")
    return Path(spec.submodule_search_locations[0]) / "data"


def cut_windows(paths: Sequence[Path], count: int, seed: int) -> Iterator[Image.Image]:
    """Cut windows at random out of pictures, as many from each."""
    pictures = [read_image(path) for path in paths]
    rng = np.random.default_rng(seed)
    for number in range(count):
        picture = pictures[number % len(pictures)]
        largest = min(SIDES[1], *picture.size)
        side = round(np.exp(rng.uniform(np.log(SIDES[0]), np.log(largest))))
        x, y = (int(rng.integers(length - side + 1)) for length in picture.size)
        yield picture.crop((x, y, x + side, y + side))


def draw_windows(
    draw: Callable[[np.random.Generator], Image.Image], count: int, seed: int
) -> Iterator[Image.Image]:
    """Draw windows at random."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        yield draw(rng)


def draw_lettering(rng: np.random.Generator) -> Image.Image:
    """Draw a few lines of letters and digits, turned a little, in the font that Pillow has."""
    paper, ink = rng.permutation([rng.integers(0, 100), rng.integers(156, 256)]).tolist()
    size = int(rng.integers(8, DRAWN_SIDE))
    lines = ("".join(rng.choice([*string.ascii_letters, *string.digits, " "], 20)) for _ in "12345")
    canvas = Image.new("L", (2 * DRAWN_SIDE, 2 * DRAWN_SIDE), paper)
    font = ImageFont.load_default(size)
    ImageDraw.Draw(canvas).multiline_text((0, 0), "\n".join(lines), ink, font)
    turned = canvas.rotate(rng.uniform(-20, 20), Image.Resampling.BICUBIC, fillcolor=paper)
    start = DRAWN_SIDE // 2
    return turned.crop((start, start, start + DRAWN_SIDE, start + DRAWN_SIDE))


def draw_blank(rng: np.random.Generator) -> Image.Image:
    """Draw one tone, with a camera's noise."""
    return _photograph(np.full((DRAWN_SIDE, DRAWN_SIDE), rng.uniform(0, 255)), rng)


def draw_gradient(rng: np.random.Generator) -> Image.Image:
    """Draw one tone that fades into another, in any direction, with a camera's noise."""
    across, down = np.meshgrid(*[np.linspace(-1, 1, DRAWN_SIDE)] * 2)
    angle = rng.uniform(0, 2 * np.pi)
    slope = (across * np.cos(angle) + down * np.sin(angle)) / 2**0.5
    one, other = rng.uniform(0, 255, 2)
    return _photograph((one + other) / 2 + slope * (one - other) / 2, rng)


def draw_noise(rng: np.random.Generator) -> Image.Image:
    """Draw blots of any size, from clouds down to single pixels."""
    cells = round(np.exp(rng.uniform(np.log(3), np.log(DRAWN_SIDE))))
    tones = rng.normal(rng.uniform(60, 195), rng.uniform(5, 80), (cells, cells))
    blots = Image.fromarray(tones.clip(0, 255).astype(np.uint8))
    return blots.resize((DRAWN_SIDE, DRAWN_SIDE), Image.Resampling.BICUBIC)


DRAWN = {
    "lettering": draw_lettering,
    "blank": draw_blank,
    "gradients": draw_gradient,
    "noise": draw_noise,
}


def _photograph(tones: Grey, rng: np.random.Generator) -> Image.Image:
    grainy = tones + rng.normal(0, rng.uniform(0, GRAIN), tones.shape)
    return Image.fromarray(grainy.clip(0, 255).astype(np.uint8))

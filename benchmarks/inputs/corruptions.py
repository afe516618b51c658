"""Image corruptions, eleven of them, five strengths each.

After Hendrycks & Dietterich (2019, arXiv:1903.12261), with strengths for faces of 48×48 pixels.
They were fixed before any network was measured on them; changing one makes old figures worthless.
"""

import io
import zlib
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
from PIL import Image

Face = npt.NDArray[np.uint8]  # (48, 48), grey
Corrupt = Callable[[Face, float, np.random.Generator], npt.NDArray[np.floating] | Face]


def add_noise(face: Face, sigma: float, rng: np.random.Generator) -> npt.NDArray[np.floating]:
    """Add what a sensor adds: normal noise of this standard deviation, in grey levels."""
    return face + sigma * rng.standard_normal(face.shape)


def count_photons(face: Face, photons: float, rng: np.random.Generator) -> npt.NDArray[np.floating]:
    """Add shot noise (Poisson), where this many photons make white."""
    return rng.poisson(face / 255 * photons) / photons * 255


def break_pixels(face: Face, share: float, rng: np.random.Generator) -> Face:
    """Make this share of the pixels black or white."""
    broken, white = rng.random(face.shape) < share, rng.random(face.shape) < 0.5
    return np.where(broken, np.where(white, 255, 0), face).astype(np.uint8)


def blur(face: Face, sigma: float, rng: np.random.Generator) -> npt.NDArray[np.floating]:
    """Blur it, out of focus: a Gaussian of this standard deviation, in pixels."""
    reach = int(np.ceil(3 * sigma))
    weights = np.exp(-((np.arange(-reach, reach + 1) / sigma) ** 2) / 2)
    weights /= weights.sum()
    spread = np.pad(face.astype(float), reach, mode="edge")
    for axis in (0, 1):
        spread = np.apply_along_axis(np.convolve, axis, spread, weights, mode="valid")
    return spread


def shake(face: Face, length: float, rng: np.random.Generator) -> npt.NDArray[np.floating]:
    """Blur it by motion over this many pixels, in a random direction."""
    angle, count = rng.random() * np.pi, int(2 * length) + 1
    ways = np.linspace(-length / 2, length / 2, count)
    moved = [_move(face, way * np.cos(angle), way * np.sin(angle)) for way in ways]
    return np.mean(moved, axis=0)


def compress(face: Face, quality: float, rng: np.random.Generator) -> Face:
    """Save it as JPEG of this quality."""
    file = io.BytesIO()
    Image.fromarray(face).save(file, "JPEG", quality=int(quality))
    return np.asarray(Image.open(file))


def darken(face: Face, light: float, rng: np.random.Generator) -> npt.NDArray[np.floating]:
    """Leave this share of the light: darker, and 400 photons × that make white."""
    return count_photons(face, 400 * light, rng) * light


def fade(face: Face, contrast: float, rng: np.random.Generator) -> npt.NDArray[np.floating]:
    """Leave this share of the contrast, around the mean."""
    return face.mean() + contrast * (face - face.mean())


def turn(face: Face, degrees: float, rng: np.random.Generator) -> Face:
    """Turn it to the left or to the right; its edge is repeated around it."""
    wide = Image.fromarray(np.pad(face, 12, mode="edge"))
    side = 1 if rng.random() < 0.5 else -1
    turned = wide.rotate(side * degrees, Image.Resampling.BILINEAR)
    return np.asarray(turned)[12:-12, 12:-12]


def cover(face: Face, side: float, rng: np.random.Generator) -> Face:
    """Cover a square of this many pixels, at random, with one tone."""
    top, left = (rng.random(2) * (np.array(face.shape) - side)).astype(int)
    covered = face.copy()
    covered[top : top + int(side), left : left + int(side)] = rng.integers(256)
    return covered


def shrink(face: Face, side: float, rng: np.random.Generator) -> Face:
    """Shrink it to this many pixels, as from further away, and enlarge it again."""
    small = Image.fromarray(face).resize((int(side), int(side)), Image.Resampling.BOX)
    return np.asarray(small.resize(face.shape, Image.Resampling.BILINEAR))


CORRUPTIONS: Mapping[str, tuple[Corrupt, tuple[float, ...], str]] = {
    "noise": (add_noise, (8, 14, 22, 32, 44), "sd in grey levels"),
    "shot noise": (count_photons, (250, 120, 60, 30, 15), "photons of white"),
    "broken pixels": (break_pixels, (0.01, 0.03, 0.06, 0.1, 0.17), "share"),
    "blur": (blur, (0.6, 0.9, 1.2, 1.6, 2), "sd in pixels"),
    "shake": (shake, (2, 4, 6, 8, 10), "pixels"),
    "JPEG": (compress, (50, 30, 20, 12, 7), "quality"),
    "low light": (darken, (0.5, 0.35, 0.25, 0.15, 0.1), "share of the light"),
    "low contrast": (fade, (0.6, 0.45, 0.3, 0.2, 0.1), "share of the contrast"),
    "rotation": (turn, (4, 8, 12, 16, 20), "degrees either way"),
    "occlusion": (cover, (10, 14, 18, 22, 26), "side in pixels"),
    "small": (shrink, (32, 24, 20, 16, 12), "side in pixels"),
}


def corrupt(images: npt.NDArray[np.uint8], name: str, strength: int) -> npt.NDArray[np.uint8]:
    """Corrupt faces; the same for the same faces.

    Chance falls the same way at every strength, so that a stronger one is more of the same.

    Args:
        images: uint8 array (n, 48, 48, 1), grey.
        name: of the corruption.
        strength: from 1 to 5.

    Returns:
        uint8 array (n, 48, 48, 1).
    """
    change, parameters, _ = CORRUPTIONS[name]
    kind = zlib.crc32(name.encode())
    changed = [
        change(face, parameters[strength - 1], np.random.default_rng((kind, index)))
        for index, face in enumerate(images[..., 0])
    ]
    return np.stack(changed).round().clip(0, 255).astype(np.uint8)[..., None]


def _move(face: Face, right: float, down: float) -> npt.NDArray[np.floating]:
    wide = Image.fromarray(np.pad(face, 8, mode="edge"))
    size, method = wide.size, Image.Transform.AFFINE
    moved = wide.transform(size, method, (1, 0, right, 0, 1, down), Image.Resampling.BILINEAR)
    return np.asarray(moved)[8:-8, 8:-8].astype(float)

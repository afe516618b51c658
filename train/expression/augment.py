"""Training batches: faces moved, relit, blurred and partly covered, the same for the same seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from math import cos, exp, radians, sin

import numpy as np
import numpy.typing as npt
from PIL import Image


@dataclass(frozen=True)
class Augmentation:
    """How far training faces are moved and changed; each value is drawn evenly from ±.

    Attributes:
        degrees: rotation.
        shift: of the centre, as a share of the side.
        log_scale: natural logarithm of the scale.
        flip: whether half of the faces are mirrored.
        contrast: relative change of contrast about mid-grey.
        brightness: added to every pixel, of 255.
        erase: share of the faces of which a rectangle is covered (Zhong et al. 2017,
            arXiv:1708.04896): 2 to 25 % of the area, in one grey.
        coarse: share of the faces taken from further away, and enlarged again.
        grain: share of the faces taken with little light, by a sensor that counts photons.
        shear: of the head towards its profile: columns moved up or down, as a share of the width.
        jpeg: share of the faces compressed as JPEG, at a quality from 20 to 90.
    """

    degrees: float = 15
    shift: float = 5 / 48
    log_scale: float = 0.25
    flip: bool = True
    contrast: float = 0.3
    brightness: float = 25
    erase: float = 0.5
    coarse: float = 0.15
    grain: float = 0.25
    shear: float = 0.0
    jpeg: float = 0.0


def draw_batches(
    images: npt.NDArray[np.uint8],
    batch: int,
    seed: int,
    epoch: int,
    augmentation: Augmentation | None,
    counts: npt.NDArray[np.floating] | None = None,
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]]:
    """Yield every full batch of one epoch, shuffled; `seed` and `epoch` fix all of it.

    Args:
        images: uint8 array (n, height, width, channels).
        batch: faces of a batch.
        seed: of the whole training.
        epoch: counted from 0.
        augmentation: how faces are changed; None leaves them as they are.
        counts: array (n,): how often an epoch shows each face on average; None: once.

    Yields:
        index: int array (batch,), which faces these are.
        faces: uint8 array (batch, height, width, channels).
    """
    rng = np.random.default_rng((seed, epoch))
    order = rng.permutation(len(images))
    if counts is not None:
        order = rng.permutation(_repeat(order, counts[order], rng.random()))
    for step in range(len(order) // batch):
        index = order[step * batch : (step + 1) * batch]
        faces = images[index]
        if augmentation is not None:
            rng = np.random.default_rng((seed, epoch, step))
            faces = np.stack([change_face(face, augmentation, rng) for face in faces])
        yield index, faces


def _repeat(
    order: npt.NDArray[np.int64], counts: npt.NDArray[np.floating], start: float
) -> npt.NDArray[np.int64]:
    """Repeat each index as often as its count says on average (systematic sampling).

    Every epoch is equally long: the sum of the counts, rounded down.
    """
    ends = np.cumsum(counts, dtype=np.float64)
    places = np.arange(int(ends[-1])) + start * (ends[-1] - int(ends[-1]))
    return order[np.searchsorted(ends, places, side="right").clip(max=len(order) - 1)]


def change_face(
    face: npt.NDArray[np.uint8], by: Augmentation, rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """Change one face (height, width, channels), uint8, at random; what moves in is edge pixels."""
    height, width, channels = face.shape
    pad = height // 4
    padded = np.pad(face, ((pad, pad), (pad, pad), (0, 0)), mode="edge")
    angle, scale = (
        radians(rng.uniform(-by.degrees, by.degrees)),
        exp(rng.uniform(-1, 1) * by.log_scale),
    )
    right, down = rng.uniform(-by.shift, by.shift, 2) * (width, height)
    mirror = -1 if by.flip and rng.random() < 0.5 else 1
    a, b = cos(angle) / scale * mirror, sin(angle) / scale
    d, e = -sin(angle) / scale * mirror, cos(angle) / scale
    if by.shear:
        d += rng.uniform(-by.shear, by.shear)
    # output pixel (x, y) comes from input (a x + b y + c, d x + e y + f): turn about the centre
    c = width / 2 + pad + right - a * width / 2 - b * height / 2
    f = height / 2 + pad + down - d * width / 2 - e * height / 2
    picture = Image.fromarray(padded[..., 0] if channels == 1 else padded)
    moved = picture.transform(
        (width, height),
        Image.Transform.AFFINE,
        (a, b, c, d, e, f),
        Image.Resampling.BILINEAR,
    )
    if rng.random() < by.coarse:
        far = rng.uniform(1 / 3, 1)
        small = moved.resize((round(width * far), round(height * far)), Image.Resampling.BOX)
        moved = small.resize(moved.size, Image.Resampling.BILINEAR)
    lit = np.asarray(moved, dtype=np.float32).reshape(face.shape) - 127.5
    lit = lit * (1 + rng.uniform(-by.contrast, by.contrast))
    lit = (lit + 127.5 + rng.uniform(-by.brightness, by.brightness)).clip(0, 255)
    if rng.random() < by.grain:
        lit = _darken(lit, rng).clip(0, 255)
    changed = lit.astype(np.uint8)
    if by.jpeg and rng.random() < by.jpeg:
        changed = _compress(changed, int(rng.integers(20, 91)))
    if rng.random() < by.erase:
        area, aspect = rng.uniform(0.02, 0.25) * height * width, exp(rng.uniform(-1, 1) * 0.7)
        tall = min(height, max(1, round((area * aspect) ** 0.5)))
        wide = min(width, max(1, round((area / aspect) ** 0.5)))
        top, left = rng.integers(height - tall + 1), rng.integers(width - wide + 1)
        changed[top : top + tall, left : left + wide] = rng.integers(256)
    return changed


def _compress(face: npt.NDArray[np.uint8], quality: int) -> npt.NDArray[np.uint8]:
    """Return a face (height, width, channels) as JPEG of that quality leaves it."""
    file = BytesIO()
    Image.fromarray(face[..., 0] if face.shape[-1] == 1 else face).save(
        file, "JPEG", quality=quality
    )
    return np.array(Image.open(file)).reshape(face.shape)


def _darken(lit: npt.NDArray[np.float32], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Take a face (height, width, channels), 0–255, with little light: darker, and with noise.

    20 to 650 photons make white; their noise grows with the root of their number (Poisson, here by
    its normal limit), and the sensor adds noise of its own.
    """
    light, photons, own = exp(rng.uniform(-1.5, 0)), exp(rng.uniform(3, 6.5)), rng.uniform(0, 15)
    noise = np.sqrt(lit * (255 / photons) + own**2)
    return light * (lit + noise * rng.standard_normal(lit.shape, dtype=np.float32))

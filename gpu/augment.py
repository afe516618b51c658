"""Faces changed on the GPU, a batch at once, as train/expression/augment.py does one by one."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

DISTANT = (16, 18, 20, 24, 28, 32, 36)  # pixels of a face that was taken from further away
JPEG = (
    *(16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55),
    *(14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62),
    *(18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92),
    *(49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99),
)  # luminance table of the standard's annex K
BLOCK = 8  # pixels of JPEG's blocks


def change(faces: Tensor) -> Tensor:
    """Return uint8 faces (n, 1, height, width) changed at random: float32, 0 to 255."""
    moved = _move(faces.float())
    moved = _choose(moved, _step_back(moved), 0.3)
    lit = 127.5 + (moved - 127.5) * (1 + _draw(moved, -0.3, 0.3)) + _draw(moved, -25, 25)
    lit = lit.clamp(0, 255)
    lit = _choose(lit, _darken(lit), 0.2)
    lit = _choose(lit, _compress(lit), 0.3)
    return _choose(lit, _cover(lit), 0.4)


def _draw(faces: Tensor, low: float, high: float) -> Tensor:
    """Draw one number for each face: (n, 1, 1, 1)."""
    return torch.rand(len(faces), 1, 1, 1, device=faces.device) * (high - low) + low


def _choose(faces: Tensor, changed: Tensor, share: float) -> Tensor:
    return torch.where(_draw(faces, 0, 1) < share, changed, faces)


def _move(faces: Tensor) -> Tensor:
    """Turn by 15°, move by a tenth, scale by a quarter, shear and mirror; edge pixels move in."""
    count = len(faces)

    def draw(low: float, high: float) -> Tensor:
        return _draw(faces, low, high).view(count)

    angle, scale = draw(-math.pi / 12, math.pi / 12), torch.exp(draw(-0.25, 0.25))
    mirror = torch.where(draw(0, 1) < 0.5, -1.0, 1.0)
    turn = torch.zeros(count, 2, 3, device=faces.device)
    turn[:, 0, 0], turn[:, 0, 1] = angle.cos() / scale * mirror, angle.sin() / scale
    turn[:, 1, 0] = -angle.sin() / scale * mirror + draw(-0.1, 0.1)
    turn[:, 1, 1] = angle.cos() / scale
    turn[:, 0, 2], turn[:, 1, 2] = draw(-5 / 24, 5 / 24), draw(-5 / 24, 5 / 24)
    return sample(faces, turn)


def sample(faces: Tensor, turn: Tensor) -> Tensor:
    """Return faces as affine maps (n, 2, 3) show them; edge pixels move in."""
    grid = F.affine_grid(turn, list(faces.shape), align_corners=False)
    return F.grid_sample(faces, grid, padding_mode="border", align_corners=False)


def _step_back(faces: Tensor) -> Tensor:
    side = DISTANT[int(torch.randint(len(DISTANT), ()))]
    size = tuple(faces.shape[2:])
    small = F.interpolate(faces, (side, side), mode="bilinear", antialias=True)
    return F.interpolate(small, size, mode="bicubic")


def _darken(faces: Tensor) -> Tensor:
    """Take a face with little light: 20 to 650 photons make white, and the sensor adds noise."""
    light, photons = torch.exp(_draw(faces, -1.5, 0)), torch.exp(_draw(faces, 3, 6.5))
    noise = torch.sqrt(faces * (255 / photons) + _draw(faces, 0, 15) ** 2)
    return (light * (faces + noise * torch.randn_like(faces))).clamp(0, 255)


def _compress(faces: Tensor) -> Tensor:
    """Return faces as JPEG of quality 20 to 90 leaves them, its blocks laid at random."""
    count, _, height, width = faces.shape
    device = faces.device
    wave = torch.arange(BLOCK, device=device)
    cosine = torch.cos((2 * wave[None] + 1) * wave[:, None] * math.pi / (2 * BLOCK)) / 2
    cosine[0] /= math.sqrt(2)
    down, right = (int(shift) for shift in torch.randint(BLOCK, (2,)))
    rolled = torch.roll(faces, (down, right), (2, 3)) - 128
    quality = _draw(faces, 20, 90).view(count, 1, 1)
    factor = torch.where(quality < 50, 5000 / quality, 200 - 2 * quality)
    table = torch.tensor(JPEG, dtype=torch.float32, device=device).view(1, BLOCK, BLOCK)
    table = ((table * factor + 50) / 100).floor().clamp(1, 255).view(count, 1, 1, BLOCK, BLOCK)
    blocks = rolled.view(count, height // BLOCK, BLOCK, width // BLOCK, BLOCK)
    waves = cosine @ blocks.permute(0, 1, 3, 2, 4) @ cosine.T
    back = cosine.T @ ((waves / table).round() * table) @ cosine
    back = back.permute(0, 1, 3, 2, 4).reshape(faces.shape) + 128
    return torch.roll(back, (-down, -right), (2, 3)).clamp(0, 255)


def _cover(faces: Tensor) -> Tensor:
    """Cover a rectangle of 2 to 25 % of each face in one grey (Zhong et al. 2017)."""
    height, width = faces.shape[2:]
    area, aspect = _draw(faces, 0.02, 0.25) * height * width, torch.exp(_draw(faces, -0.7, 0.7))
    tall, wide = (area * aspect).sqrt().clamp(max=height), (area / aspect).sqrt().clamp(max=width)
    top = _draw(faces, 0, 1) * (height - tall)
    left = _draw(faces, 0, 1) * (width - wide)
    row = torch.arange(height, device=faces.device).view(1, 1, -1, 1) + 0.5
    column = torch.arange(width, device=faces.device).view(1, 1, 1, -1) + 0.5
    inside = (row > top) & (row < top + tall) & (column > left) & (column < left + wide)
    return torch.where(inside, _draw(faces, 0, 255), faces)

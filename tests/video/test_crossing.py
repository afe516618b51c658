"""Two faces that cross again and again, one hiding the other: how often their numbers change."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from math import cos, pi
from pathlib import Path

import pytest
from PIL import Image

from fer_onnx import Face, video
from fer_onnx.boxes import overlap

from .conftest import EARNEST, HAPPY, rows, scene

CROSSINGS, SECONDS = 4, 16.0  # of the film
MIDDLE, REACH = 160, 85  # where they cross, and how far from there they turn round
APART = 70  # pixels between their centres, from which it is plain who is who


def places(t: float) -> dict[str, float]:
    """Return where the middle of each portrait is at a time."""
    way = REACH * cos(pi * CROSSINGS * t / SECONDS)
    return {"happy": MIDDLE - way, "earnest": MIDDLE + way}


def crossing(t: float) -> Image.Image:
    where = places(t)
    return scene((HAPPY, where["happy"], 95), (EARNEST, where["earnest"], 95))


def number_by_nearest_box(moments: Sequence[video.Moment]) -> list[list[int]]:
    """Number faces as a tracker without speed does: by the box that shares most, from 0.3 on."""
    known: dict[int, tuple[tuple[int, int, int, int], float]] = {}
    numbered, count = [], 0
    for moment in moments:
        free = {number for number, (_, seen) in known.items() if moment.t - seen <= 1.0}
        numbers = []
        for face in moment.faces:
            shared = {number: overlap(known[number][0], face.box) for number in free}
            number = max(shared, key=shared.__getitem__, default=0)
            if shared.get(number, 0.0) <= 0.3:
                count += 1
                number = count
            free.discard(number)
            known[number] = face.box, moment.t
            numbers.append(number)
        numbered.append(numbers)
    return numbered


def count_breaks(moments: Sequence[video.Moment], numbers: Sequence[Sequence[int | None]]) -> int:
    """Count how often somebody has another number than when they were last apart."""
    seen: dict[str, list[int | None]] = {"happy": [], "earnest": []}
    for moment, row in zip(moments, numbers, strict=True):
        where = places(moment.t)
        if abs(where["happy"] - where["earnest"]) < APART:
            continue
        for face, number in zip(moment.faces, row, strict=True):
            seen[min(where, key=partial(distance, face, where))].append(number)
    assert all(len(each) > len(moments) / 4 for each in seen.values())
    return sum(a != b for each in seen.values() for a, b in pairwise(each))


def distance(face: Face, where: dict[str, float], name: str) -> float:
    return abs(face.box[0] + face.box[2] / 2 - where[name])


@pytest.mark.parametrize("every", [0.1, 0.2])
def test_numbers_change_less_often_in_four_crossings_than_by_the_nearest_box(
    films: Callable[..., Path], every: float
):
    film = films("crossing.mp4", crossing, rows(round(10 * SECONDS), 10))
    moments = list(video.read(film, every))
    ours = [[face.track for face in moment.faces] for moment in moments]
    assert count_breaks(moments, ours) <= 3
    assert count_breaks(moments, ours) < count_breaks(moments, number_by_nearest_box(moments))

"""The archive of photographs: people's boxes, captions, and which part each belongs to."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from train.data.captions import names_animals_alone
from train.data.faceset import place_by_name
from train.data.tables import open_archive

EXPECTED = "an archive of photographs"
HELD_OUT = {"people": 100, "animals": 250, "scenes": 250}  # pictures that training never sees
DEVELOPMENT = 1 / 8  # of the others: by these the epoch and the threshold are chosen

Part = Literal["training", "development", "held out"]
Kind = Literal["people", "scenes"]
Rectangle = tuple[float, float, float, float]  # x, y, width, height in pixels


@dataclass(frozen=True)
class Photograph:
    """What is known of a picture before any detector has seen it.

    Attributes:
        file: member of the archive.
        kind: "people", with boxes drawn by people, or "scenes", squashed to a square.
        boxes: faces that people marked; many small ones are left out.
        animals: whether its captions name animals and nobody.
        part: what it is for; what is held out is measured at the end, and chooses nothing.
    """

    file: str
    kind: Kind
    boxes: tuple[Rectangle, ...] = ()
    animals: bool = False
    part: Part = "training"


def list_photographs(path: Path) -> list[Photograph]:
    """List the pictures of the archive, sorted by kind and name.

    Args:
        path: a zip of `people/`, `people.csv` (`file, x, y, width, height`), `scenes/` and
            `scenes.csv` (`file, captions`).

    Raises:
        DataError: no such archive, or not one of photographs.
    """
    with open_archive(path, EXPECTED) as archive:
        boxes: dict[str, list[Rectangle]] = {}
        for row in archive.read_table("people.csv"):
            x, y, width, height = (float(row[name]) for name in ("x", "y", "width", "height"))
            if not (np.isfinite([x, y, width, height]).all() and width > 0 and height > 0):
                raise ValueError(f"{row['file']}: no box: {x:g}, {y:g}, {width:g}, {height:g}")
            boxes.setdefault(f"people/{row['file']}", []).append((x, y, width, height))
        captions = {
            f"scenes/{row['file']}": row["captions"] for row in archive.read_table("scenes.csv")
        }
    alone = {file for file, text in captions.items() if names_animals_alone(text)}
    kept = {
        *_draw(sorted(boxes), HELD_OUT["people"]),
        *_draw(sorted(alone), HELD_OUT["animals"]),
        *_draw(sorted(captions.keys() - alone), HELD_OUT["scenes"]),
    }
    people = [
        Photograph(file, "people", tuple(boxes[file]), part=_part_of(file, kept))
        for file in sorted(boxes)
    ]
    scenes = [
        Photograph(file, "scenes", animals=file in alone, part=_part_of(file, kept))
        for file in sorted(captions)
    ]
    return people + scenes


def select(photographs: Iterable[Photograph], part: Part) -> list[Photograph]:
    """Return the photographs of one part."""
    return [photo for photo in photographs if photo.part == part]


def _part_of(file: str, kept: set[str]) -> Part:
    if file in kept:
        return "held out"
    return "development" if place_by_name(file) < DEVELOPMENT else "training"


def _draw(files: list[str], count: int) -> list[str]:
    """Draw files to hold out, a quarter of them at most, the same at every run."""
    order = np.random.default_rng(0).permutation(len(files))
    return [files[i] for i in order[: min(count, len(files) // 4)]]

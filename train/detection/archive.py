"""The archive of photographs: people's boxes, captions, and which part is for validation."""

import csv
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from train.data.captions import names_animals_alone
from train.errors import DataError

HELD_BACK = {"people": 100, "animals": 250, "scenes": 250}  # pictures that training never sees

Kind = Literal["people", "scenes"]
Rectangle = tuple[float, float, float, float]  # x, y, width, height in pixels


@dataclass(frozen=True)
class Photograph:
    """Say what is known of a picture before any detector has seen it.

    Attributes:
        file: member of the archive.
        kind: "people", with boxes drawn by people, or "scenes", squashed to a square.
        boxes: faces that people marked; many small ones are left out.
        animals: whether its captions name animals and nobody.
        held_back: whether it is kept for validation.
    """

    file: str
    kind: Kind
    boxes: tuple[Rectangle, ...] = ()
    animals: bool = False
    held_back: bool = False


def list_photographs(path: Path) -> list[Photograph]:
    """List the pictures of the archive, sorted by kind and name.

    Args:
        path: a zip of `people/`, `people.csv` (`file, x, y, width, height`), `scenes/` and
            `scenes.csv` (`file, captions`).

    Raises:
        DataError: no such archive, or not one of photographs.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            boxes: dict[str, list[Rectangle]] = {}
            for row in _read_table(archive, "people.csv"):
                x, y, width, height = (float(row[name]) for name in ("x", "y", "width", "height"))
                boxes.setdefault(f"people/{row['file']}", []).append((x, y, width, height))
            captions = {
                f"scenes/{row['file']}": row["captions"]
                for row in _read_table(archive, "scenes.csv")
            }
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as exc:
        raise DataError(f"{path}: not an archive of photographs ({exc})") from exc
    alone = {file for file, text in captions.items() if names_animals_alone(text)}
    kept = {
        *_draw(sorted(boxes), HELD_BACK["people"]),
        *_draw(sorted(alone), HELD_BACK["animals"]),
        *_draw(sorted(captions.keys() - alone), HELD_BACK["scenes"]),
    }
    people = [
        Photograph(file, "people", tuple(boxes[file]), held_back=file in kept)
        for file in sorted(boxes)
    ]
    scenes = [
        Photograph(file, "scenes", animals=file in alone, held_back=file in kept)
        for file in sorted(captions)
    ]
    return people + scenes


def _read_table(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.TextIOWrapper(archive.open(name), "utf-8")))


def _draw(files: list[str], count: int) -> list[str]:
    """Draw files to hold back, a quarter of them at most, the same at every run."""
    order = np.random.default_rng(0).permutation(len(files))
    return [files[i] for i in order[: min(count, len(files) // 4)]]

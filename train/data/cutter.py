"""Faces cut out of the pictures of a data set, as `fer-onnx predict` would cut them."""

import csv
import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

from PIL import Image

from fer_onnx.atomic import write_whole
from fer_onnx.crop import cut, square_around
from fer_onnx.detector import load_detector
from fer_onnx.evaluation.answers import choose_face
from fer_onnx.legibility import is_legible
from fer_onnx.metadata import Crop
from fer_onnx.orientation import find_faces
from fer_onnx.reader import is_crop
from fer_onnx.turns import turn

Mode = Literal["auto", "whole"]
Outcome = Literal["crop", "found", "no face", "several faces", "blurred"]
TOLD: dict[Outcome, str] = {  # how many became what, as it is written
    "crop": "are faces already",
    "found": "faces found",
    "no face": "left out without a face",
    "several faces": "left out with several faces of like size",
    "blurred": "left out with a blurred face",
}


class Found(NamedTuple):
    """What became of a picture.

    Attributes:
        file: its name in the data set.
        outcome: "crop": one face already; "found": its face was cut out; left out are those with
            "no face", with "several faces" (as `fer-onnx evaluate` does), and with a "blurred" one.
        box: of the face in the picture turned upright, (x, y, width, height); None without one.
    """

    file: str
    outcome: Outcome
    box: tuple[int, int, int, int] | None = None


class FaceCutter:
    """What cuts the face out of every picture that is larger than the crop of a face.

    Args:
        crop: how the model asks for its faces to be cut.
        mode: "auto" searches pictures whose longer side is above 128 px, "whole" none.
        step: called after each picture.

    Attributes:
        found: what became of each picture so far.
    """

    def __init__(self, crop: Crop, mode: Mode, step: Callable[[], None] = lambda: None) -> None:
        self.found: list[Found] = []
        self._crop, self._mode, self._step = crop, mode, step

    def __call__(self, image: Image.Image, name: str) -> Image.Image | None:
        """Return the face of a picture; None if it is left out.

        Raises:
            DetectionError: the detector failed.
        """
        face = self._cut(image, name)
        self._step()
        return face

    def describe(self) -> str:
        """Return how many pictures became what."""
        counts = Counter(found.outcome for found in self.found)
        parts = [f"{counts[outcome]:,} {told}" for outcome, told in TOLD.items() if counts[outcome]]
        return f"{len(self.found):,} pictures: {', '.join(parts)}"

    def write(self, path: Path) -> None:
        """Write a table with a row for each picture: file, outcome, and its face's box.

        Raises:
            OSError: it cannot be written.
        """
        table = io.StringIO()
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(["file", "outcome", "x", "y", "width", "height"])
        for found in self.found:
            writer.writerow([found.file, found.outcome, *(found.box or [""] * 4)])
        with write_whole(path) as file:
            file.write(table.getvalue().encode())

    def _cut(self, image: Image.Image, name: str) -> Image.Image | None:
        if self._mode == "whole" or is_crop(image):
            self.found.append(Found(name, "crop"))
            return image
        quarters, faces = find_faces(image, load_detector())
        face = choose_face(faces)
        if face is None:
            self.found.append(Found(name, "several faces" if faces else "no face"))
            return None
        picture = cut(turn(image, quarters), square_around(face.box, self._crop), self._crop.border)
        legible = is_legible(picture)
        self.found.append(Found(name, "found" if legible else "blurred", face.box))
        return picture if legible else None

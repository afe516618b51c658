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
from fer_onnx.legibility import is_legible
from fer_onnx.metadata import Crop
from fer_onnx.orientation import find_faces
from fer_onnx.reader import is_crop
from fer_onnx.turns import turn

Mode = Literal["auto", "whole"]
Outcome = Literal["crop", "found", "unclear", "none"]
SECOND = 0.5  # area of the second largest face, of the largest, from which on it may be meant


class Found(NamedTuple):
    """What became of a picture.

    Attributes:
        file: its name in the data set.
        outcome: "crop": one face already; "found": its face was cut out; "unclear": left out, its
            face is blurred, or two are about as large; "none": left out, no face was found.
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
        self._step()
        if self._mode == "whole" or is_crop(image):
            self.found.append(Found(name, "crop"))
            return image
        quarters, faces = find_faces(image, load_detector())
        boxes = sorted((face.box for face in faces), key=lambda box: -box[2] * box[3])
        if not boxes:
            self.found.append(Found(name, "none"))
            return None
        largest = boxes[0]
        face = cut(turn(image, quarters), square_around(largest, self._crop), self._crop.border)
        areas = [width * height for _, _, width, height in boxes]
        unclear = len(areas) > 1 and areas[1] >= SECOND * areas[0]
        if unclear or not is_legible(face):
            self.found.append(Found(name, "unclear", largest))
            return None
        self.found.append(Found(name, "found", largest))
        return face

    def describe(self) -> str:
        """Return how many pictures became what."""
        counts = Counter(found.outcome for found in self.found)
        parts = [f"{counts['crop']:,} are faces already"] if counts["crop"] else []
        parts += [f"{counts['found']:,} faces found"] if counts["found"] else []
        parts += [f"{counts['none']:,} left out without a face"] if counts["none"] else []
        parts += [f"{counts['unclear']:,} left out as unclear"] if counts["unclear"] else []
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

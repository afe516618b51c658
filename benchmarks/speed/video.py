"""What a second of film costs, and whether memory grows with its length.

Processor time of one core for a second of 640×360 film at 25 pictures and 10 readings a second,
with one moving face and the bundled detector; with the annotated film too. Memory is the peak of a
process that reads a film of one minute and of ten, a short proxy for an hour.

Needs: PyAV (`pip install 'fer-onnx[video]'`); `fer` (`--fer`), for its line.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

from PIL import Image

from ..harness.machine import pin_core, read_versions
from ..harness.options import add_fer
from ..harness.report import Report
from ..harness.table import Table, judge_limit
from ..rivals import GET_FER

PORTRAIT = Path(__file__).parents[2] / "samples" / "hopper.jpg"
FER_PROGRAM = Path(__file__).parents[1] / "rivals" / "fer_video.py"
SIZE, RATE, EVERY = (640, 360), 25, 0.1
LIMITS = {"table": 0.15, "table and annotated film": 0.35}  # seconds for a second of film
PROGRAM = """
import resource, sys
from fer_onnx import video
count = sum(1 for _ in video.read(sys.argv[1], float(sys.argv[2])))
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    parser.add_argument("--seconds", type=int, default=20, help="of the film that is timed")
    parser.add_argument(
        "--minutes", type=int, nargs=2, default=(1, 10), help="of the two for memory"
    )
    add_fer(parser, sys.executable)


def measure(options: argparse.Namespace) -> Report:
    """Write films and read them."""
    core = pin_core()
    notes: list[str] = []
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film = write_film(folder / "film.mp4", options.seconds * RATE)
        figures["table"] = _time(film, []) / options.seconds
        annotate = ["--annotate", str(folder / "annotated.mp4")]
        figures["table and annotated film"] = _time(film, annotate) / options.seconds
        notes += [judge_limit(name, figures[name], limit, "s") for name, limit in LIMITS.items()]
        try:
            figures["fer, Video.analyze"] = _time_fer(options.fer, film) / options.seconds
        except (OSError, RuntimeError) as exc:
            notes.append(f"fer: skipped ({exc}); get it with  {GET_FER}")
        rows = [[name, f"{seconds:.3f}", ""] for name, seconds in figures.items()]
        for minutes in options.minutes:
            long = write_film(folder / "long.mp4", minutes * 60 * RATE)
            peak = _peak(long)
            figures[f"memory, {minutes} min"] = peak
            rows.append([f"a film of {minutes} min", "", f"{peak:.0f}"])
    return Report(
        f"video: {SIZE[0]}×{SIZE[1]}, {RATE} pictures and {1 / EVERY:.0f} readings a second, one "
        f"face; processor time, {core}",
        [Table(["what", "s for a second of film", "peak MB"], rows, notes)],
        read_versions("fer-onnx", "onnxruntime", "pillow", "av"),
        figures,
    )


def write_film(path: Path, count: int) -> Path:
    """Write a film of so many pictures, in which a portrait moves to and fro."""
    import av

    portrait = Image.open(PORTRAIT).convert("RGB").resize((205, 240))
    wall = Image.new("RGB", SIZE, (96, 104, 112))
    scenes = []
    for x in range(100):
        scene = wall.copy()
        scene.paste(portrait, (20 + 4 * min(x, 100 - x), 60))
        scenes.append(scene)
    with av.open(str(path), "w") as file:
        stream = file.add_stream("mpeg4", rate=RATE, options={"qscale": "4"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for number in range(count):
            frame = av.VideoFrame.from_image(scenes[number % len(scenes)])
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return path


def _time(film: Path, options: list[str]) -> float:
    """Return the processor seconds of the command, without its start."""
    from fer_onnx.cli import main

    table = str(film.with_suffix(".csv"))
    start = time.process_time()
    code = main(["video", str(film), "--every", str(EVERY), "--output", table, *options])
    assert code == 0
    return time.process_time() - start


def _time_fer(python: str, film: Path) -> float:
    every = str(round(EVERY * RATE))
    command = [python, str(FER_PROGRAM), str(film), every]
    done = subprocess.run(command, capture_output=True, text=True, cwd=film.parent)
    if done.returncode:
        raise RuntimeError((done.stderr.strip() or "failed").splitlines()[-1])
    return float(json.loads(done.stdout.splitlines()[-1])["seconds"])


def _peak(film: Path) -> float:
    """Return the megabytes that a process which reads a film takes at its peak."""
    command = [sys.executable, "-c", PROGRAM, str(film), "1.0"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout.split()[1]) / 1024

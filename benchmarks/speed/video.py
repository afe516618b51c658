"""What films and cameras cost, and whether memory or speed depend on a film's length.

Processor time of one core for a second of 640×360 film at 25 pictures and 10 readings a second,
with one moving face and the bundled detector; with the annotated film too. A camera of 640×480 is
a film of which every picture is read, as fast as that goes: 15 readings a second are the least.
Memory is the peak of a process that reads a film once a second, for one minute and for an hour.

Needs: PyAV (`pip install 'fer-onnx[video]'`); `fer` (`--fer`), for its line.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from PIL import Image

from ..harness.machine import pin_core, read_versions
from ..harness.options import add_fer
from ..harness.process import PEAK_UNIT
from ..harness.report import Report
from ..harness.table import Table, judge_limit
from ..rivals import GET_FER

PORTRAIT = Path(__file__).parents[2] / "samples" / "hopper.jpg"
FER_PROGRAM = Path(__file__).parents[1] / "rivals" / "fer_video.py"
SIZE, CAMERA, RATE, EVERY = (640, 360), (640, 480), 25, 0.1
SLOW = 5  # pictures in a second of the films for memory, which are read once a second
TABLE, ANNOTATED, FER = "table", "table and annotated film", "fer, Video.analyze"
READING = "a camera's reading"
LIMITS = {TABLE: 0.15, ANNOTATED: 0.35, READING: 1 / 15}  # seconds
PROGRAM = """
import resource, sys, time
from fer_onnx import video
moments = video.read(sys.argv[1], 1.0)
start = time.process_time()
count = sum(1 for _ in moments)
print(time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    parser.add_argument("--seconds", type=int, default=20, help="of the film that is timed")
    parser.add_argument(
        "--minutes", type=int, nargs=2, default=(1, 60), help="of the two for memory"
    )
    add_fer(parser, sys.executable)


def measure(options: argparse.Namespace) -> Report:
    """Write films and read them."""
    core = pin_core()
    notes: list[str] = []
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film = write_film(folder / "film.mp4", options.seconds * RATE)
        seconds[TABLE] = _time(film, EVERY) / options.seconds
        annotate = ["--annotate", str(folder / "annotated.mp4")]
        seconds[ANNOTATED] = _time(film, EVERY, annotate) / options.seconds
        try:
            seconds[FER] = _time_fer(options.fer, film) / options.seconds
        except (OSError, RuntimeError) as exc:
            notes.append(f"fer: skipped ({exc}); get it with  {GET_FER}")
        rows = [[name, f"{spent:.3f}", ""] for name, spent in seconds.items()]
        camera = write_film(folder / "camera.mp4", options.seconds * RATE, size=CAMERA)
        seconds[READING] = _time(camera, 0.0) / (options.seconds * RATE)
        rows.append([f"{READING}, {CAMERA[0]}×{CAMERA[1]}", f"{seconds[READING]:.3f}", ""])
        peaks = {}
        for minutes in options.minutes:
            spent, peak = _watch(_write_long(folder, minutes))
            seconds[f"{minutes} min"], peaks[f"{minutes} min"] = spent / (60 * minutes), peak
            each = f"{seconds[f'{minutes} min']:.4f}"
            rows.append([f"once a second, a film of {minutes} min", each, f"{peak:.0f}"])
    notes += [judge_limit(name, seconds[name], limit, "s") for name, limit in LIMITS.items()]
    return Report(
        f"video: one face, {SIZE[0]}×{SIZE[1]}, {RATE} pictures and {1 / EVERY:.0f} readings a "
        f"second where nothing else is said; processor time, {core}",
        [Table(["what", "s for a second of film, or a reading", "peak MB"], rows, notes)],
        read_versions("fer-onnx", "onnxruntime", "pillow", "av", "fer"),
        {"seconds": seconds, "limits": LIMITS, "peak MB": peaks},
    )


def write_film(path: Path, count: int, rate: int = RATE, size: tuple[int, int] = SIZE) -> Path:
    """Write a film of so many pictures, in which a portrait moves to and fro."""
    import av

    portrait = Image.open(PORTRAIT).convert("RGB").resize((205, 240))
    wall = Image.new("RGB", size, (96, 104, 112))
    scenes = []
    for x in range(100):
        scene = wall.copy()
        scene.paste(portrait, (20 + 4 * min(x, 100 - x), 60))
        scenes.append(scene)
    with av.open(str(path), "w") as file:
        stream = file.add_stream("mpeg4", rate=rate, options={"qscale": "4"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(count):
            frame = av.VideoFrame.from_image(scenes[number % len(scenes)])
            frame.pts, frame.time_base = number, Fraction(1, rate)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return path


def _write_long(folder: Path, minutes: int) -> Path:
    """Write a film of so many minutes: one minute again and again, encoded once."""
    import av

    minute, path = write_film(folder / "minute.mp4", 60 * SLOW, SLOW), folder / "long.mp4"
    with av.open(str(path), "w") as file:
        for shift in range(minutes):
            with av.open(str(minute)) as source:
                (pictures,) = source.streams.video
                if not shift:
                    stream = file.add_stream_from_template(pictures)
                for packet in source.demux(pictures):
                    if packet.dts is None:  # the end
                        continue
                    later = round(60 * shift / packet.time_base)
                    packet.pts, packet.dts = packet.pts + later, packet.dts + later
                    packet.stream = stream
                    file.mux(packet)
    return path


def _time(film: Path, every: float, options: Sequence[str] = ()) -> float:
    """Return the processor seconds of the command, without imports."""
    from fer_onnx.cli import main

    table = str(film.with_suffix(".csv"))
    command = ["video", str(film), "--every", str(every), "--output", table, *options]
    main([*command, "--to", "0.1"])  # imports
    start = time.process_time()
    assert main(command) == 0
    return time.process_time() - start


def _time_fer(python: str, film: Path) -> float:
    every = str(round(EVERY * RATE))
    python = str(Path(python).absolute()) if Path(python).exists() else python
    command = [python, str(FER_PROGRAM), str(film), every]
    done = subprocess.run(command, capture_output=True, text=True, cwd=film.parent)
    if done.returncode:
        raise RuntimeError((done.stderr.strip() or "failed").splitlines()[-1])
    return float(json.loads(done.stdout.splitlines()[-1])["seconds"])


def _watch(film: Path) -> tuple[float, float]:
    """Return the processor seconds of a process that reads a film, and its peak in megabytes."""
    command = [sys.executable, "-c", PROGRAM, str(film)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    spent, peak = done.stdout.split()
    return float(spent), int(peak) * PEAK_UNIT / 1e6

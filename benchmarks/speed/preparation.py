"""What a face crop costs before the network sees it: grey and resize, beside decoding the JPEG.

Crops from 48×48 to 640×480; 0.3 ms beyond decoding are the limit.
"""

import argparse
import time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from ..harness.machine import pin_core, read_versions
from ..harness.options import add_rounds
from ..harness.report import Report
from ..harness.table import Table, judge_limit
from ..harness.timing import take_turns

if TYPE_CHECKING:
    from fer_onnx.metadata import InputSpec

PORTRAIT = Path(__file__).parents[2] / "samples" / "astronaut.png"
FACE = (140, 30, 320, 210)  # of it
SIZES = ((48, 48), (96, 96), (160, 160), (240, 240), (320, 240), (640, 480))
MODES = {"RGB": "colour", "L": "grey"}
LIMIT = 0.3  # ms beyond decoding
CALLS = 20  # timed in a turn


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add_rounds(parser, 20, f"turns, of {CALLS} calls each")


def measure(options: argparse.Namespace) -> Report:
    """Time crops of every size, in colour and grey."""
    core = pin_core()
    from PIL import Image

    import fer_onnx

    spec = fer_onnx.load().info.input
    with Image.open(PORTRAIT) as portrait:
        face = portrait.convert("RGB").crop(FACE)
    figures = {}
    for size in SIZES:
        for mode, colour in MODES.items():
            stored = BytesIO()
            face.resize(size, Image.Resampling.BICUBIC).convert(mode).save(stored, "JPEG")
            name = f"{size[0]}×{size[1]} {colour}"
            decoding, whole = _time(stored.getvalue(), spec, options.rounds)
            figures[name] = {"decoding ms": decoding, "whole ms": whole}
    beyond = {name: found["whole ms"] - found["decoding ms"] for name, found in figures.items()}
    return Report(
        f"preparation: a JPEG crop → the array of the network; processor time, {core}; "
        f"median of {options.rounds} turns of {CALLS} calls",
        [
            Table(
                ["crop", "decoding alone, ms", "decode, grey, resize, ms", "beyond decoding, ms"],
                [
                    [name, *(f"{ms:.3f}" for ms in (*found.values(), beyond[name]))]
                    for name, found in figures.items()
                ],
                [judge_limit(name, ms, LIMIT, "ms") for name, ms in beyond.items()],
            )
        ],
        read_versions("fer-onnx", "pillow", "numpy"),
        figures,
    )


def _time(data: bytes, spec: "InputSpec", rounds: int) -> tuple[float, float]:
    """Return the milliseconds of Pillow's decoding alone, and of all that the runtime does."""
    from PIL import Image

    from fer_onnx.images import read_image
    from fer_onnx.preprocess import to_array

    tasks = {
        "decoding": lambda: Image.open(BytesIO(data), formats=("JPEG",)).load(),
        "whole": lambda: to_array(read_image(data), spec),
    }
    times = take_turns(tasks, rounds, CALLS, time.process_time)
    return times["decoding"] * 1e3, times["whole"] * 1e3

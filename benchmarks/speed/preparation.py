"""What a face crop costs before the network sees it: grey and resize, beside decoding the JPEG."""

import argparse
import sys
import time
from io import BytesIO
from pathlib import Path

from .clock import take_turns
from .machine import describe_machine, pin_core
from .report import judge_limit, print_table

PORTRAIT = Path(__file__).parents[1] / "samples" / "astronaut.png"
FACE = (140, 30, 320, 210)  # of it
SIZES = ((48, 48), (96, 96), (160, 160), (240, 240), (320, 240), (640, 480))
MODES = {"RGB": "colour", "L": "grey"}
LIMIT = 0.3  # ms beyond decoding
CALLS = 20  # timed in a turn


def build_parser() -> argparse.ArgumentParser:
    """Describe the options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.preparation", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help=f"turns, of {CALLS} calls each")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Measure and print the table."""
    args = build_parser().parse_args(argv)
    core = pin_core()
    from PIL import Image

    import fer_onnx

    spec = fer_onnx.load().info.input
    with Image.open(PORTRAIT) as portrait:
        face = portrait.convert("RGB").crop(FACE)
    rows, verdicts = [], []
    for size in SIZES:
        for mode, colour in MODES.items():
            stored = BytesIO()
            face.resize(size, Image.Resampling.BICUBIC).convert(mode).save(stored, "JPEG")
            name = f"{size[0]}×{size[1]} {colour}"
            decoding, whole = _time(stored.getvalue(), spec, args.rounds)
            rows.append([name, *(f"{t:.3f}" for t in (decoding, whole, whole - decoding))])
            verdicts.append(judge_limit(name, whole - decoding, LIMIT, "ms"))
    print_table(
        f"preparation: a JPEG crop → the array of the network; processor time, {core}; "
        f"median of {args.rounds} turns of {CALLS} calls",
        describe_machine("fer-onnx", "pillow", "numpy"),
        ["crop", "decoding alone, ms", "decode, grey, resize, ms", "beyond decoding, ms"],
        rows,
        verdicts,
    )
    return 0


def _time(data: bytes, spec: object, rounds: int) -> tuple[float, float]:
    """Give the milliseconds of Pillow's decoding alone, and of all that the runtime does."""
    from PIL import Image

    from fer_onnx.images import read_image
    from fer_onnx.preprocess import to_array

    tasks = {
        "decoding": lambda: Image.open(BytesIO(data), formats=("JPEG",)).load(),
        "whole": lambda: to_array(read_image(data), spec),
    }
    times = take_turns(tasks, rounds, CALLS, time.process_time)
    return times["decoding"] * 1e3, times["whole"] * 1e3


if __name__ == "__main__":
    sys.exit(main())

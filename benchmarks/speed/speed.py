"""How long one face takes: the default model, its sibling in the other precision, and peers."""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .clock import take_turns
from .machine import describe_machine, pin_core
from .pictures import write_face
from .report import judge_floor, judge_limit, print_table

if TYPE_CHECKING:
    from fer_onnx.classifier import Classifier

PACKAGES = ("fer-onnx", "onnxruntime", "fer", "ai-edge-litert")
CALLS = 10  # timed in a turn
FER, PRODUCT, PREDICT = "fer's network", "product of two float32 matrices", "predict, from a PNG"
LIMITS = {"int8": 1.5, "float32": 4.0}  # times fer's network
SHARE = 40  # % of the arithmetic of a matrix product that a float32 model reaches


def build_parser() -> argparse.ArgumentParser:
    """Describe the options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--model", default="emotions", help="a bundled model or an ONNX file")
    parser.add_argument("--rounds", type=int, default=30, help=f"turns, of {CALLS} calls each")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Measure and print the table; return 2 with one line on stderr where that cannot be."""
    args = build_parser().parse_args(argv)
    core = pin_core()
    from fer_onnx.errors import FerOnnxError

    try:
        measure(args, core)
    except (FerOnnxError, OSError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2
    return 0


def measure(args: argparse.Namespace, core: str) -> None:
    """Time everyone on the same face, and print it.

    Processor time: on a core that does nothing else it is what a clock on the wall says, and on
    a busy one it still compares.
    """
    import fer_onnx
    from fer_onnx.arithmetic import count_multiply_adds, open_product
    from fer_onnx.images import read_image
    from fer_onnx.modelfile import read_model
    from fer_onnx.preprocess import to_array

    from .peer import open_peers

    model = fer_onnx.load(args.model, threads=1)
    files = {args.model: model, **find_siblings(args.model, model)}
    product, sums = open_product()
    notes: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        picture = write_face(Path(folder) / "face.png")
        face = to_array(read_image(picture), model.info.input)
        tasks = {
            **{file: partial(each.run, face[None]) for file, each in files.items()},
            **{
                f"{peer.name}'s network": partial(peer.answer, peer.prepare(face))
                for peer in open_peers(notes)
            },
            f"{args.model}, {PREDICT}": partial(model.predict, picture),
            PRODUCT: product,
        }
        times = take_turns(tasks, args.rounds, CALLS, time.process_time)
    counts = {file: count_multiply_adds(read_model(file), face[None]) for file in files}
    rates = {name: 2e-9 * n / times[name] for name, n in {**counts, PRODUCT: sums}.items()}
    shares = {name: 100 * rate / rates[PRODUCT] for name, rate in rates.items()}
    print_table(
        f"speed: processor time of one face, one thread, {core}; median of {args.rounds} turns of "
        f"{CALLS} calls",
        describe_machine(*PACKAGES),
        ["what", "arithmetic", "ms", f"÷ {FER}", "GFLOP/s", "% of the product's"],
        [
            [
                name,
                files[name].info.precision if name in files else "",
                f"{seconds * 1e3:.3f}",
                f"{seconds / times[FER]:.2f}" if FER in times and name != PRODUCT else "",
                f"{rates[name]:.0f}" if name in rates else "",
                f"{shares[name]:.0f}" if name in rates else "",
            ]
            for name, seconds in times.items()
        ],
        [*_judge(files, times, shares), *notes],
    )


def find_siblings(source: str, model: "Classifier") -> "dict[str, Classifier]":
    """Open the bundled models, by name, that answer the same question, but for the model itself."""
    import fer_onnx
    from fer_onnx.modelfile import bundled_names

    question = (model.info.labels, model.info.label_set)
    others = {name: fer_onnx.load(name, threads=1) for name in bundled_names() if name != source}
    return {
        name: other
        for name, other in others.items()
        if (other.info.labels, other.info.label_set) == question
    }


def _judge(
    files: "dict[str, Classifier]", times: dict[str, float], shares: dict[str, float]
) -> Iterator[str]:
    for file, model in files.items():
        precision = model.info.precision
        if FER in times:
            yield judge_limit(f"{file} ÷ {FER}", times[file] / times[FER], LIMITS[precision])
        if precision == "float32":
            yield judge_floor(f"{file}, share of the product", shares[file], SHARE, "%")


if __name__ == "__main__":
    sys.exit(main())

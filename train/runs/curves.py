"""Loss and accuracy over the epochs, as a picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import matplotlib
from matplotlib.figure import Figure

from fer_onnx.atomic import write_whole

matplotlib.use("Agg")

History: TypeAlias = Sequence[Mapping[str, Any]]


def draw_curves(runs: Sequence[tuple[str, History]], path: Path) -> None:
    """Draw loss and accuracies over the epochs, of one training or more, each with a name."""
    figure = Figure(figsize=(8, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    heads = dict.fromkeys(key for _, history in runs for key in _heads(history[0]))
    styles = dict(zip(heads, ("-", "--", ":"), strict=False))
    for number, (name, history) in enumerate(runs):
        epochs = [row["epoch"] for row in history]
        left.plot(epochs, [row["loss"] for row in history], color=f"C{number}")
        for head in _heads(history[0]):
            right.plot(
                epochs,
                [row[head] * 100 for row in history],
                color=f"C{number}",
                linestyle=styles[head],
                label=f"{name} {head.removesuffix('_accuracy')}".strip(),
            )
    left.set(xlabel="epoch", ylabel="training loss")
    right.set(xlabel="epoch", ylabel="validation accuracy, %")
    right.legend(fontsize="small")
    save_figure(figure, path)


def _heads(row: Mapping[str, Any]) -> list[str]:
    found = ("average_precision", "recall")  # of a detector
    return [
        key for key in row if key in found or (key.endswith("_accuracy") and key != "mean_accuracy")
    ]


def save_figure(figure: Figure, path: Path, dpi: int = 120) -> None:
    """Write a figure as PNG, whole or not at all."""
    with write_whole(path) as file:
        figure.savefig(file, dpi=dpi, format="png")

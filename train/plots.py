"""Pictures of a training and of its answers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from .metrics import Scores

matplotlib.use("Agg")


def draw_curves(history: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw loss and accuracies over the epochs."""
    figure = Figure(figsize=(8, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = [row["epoch"] for row in history]
    left.plot(epochs, [row["loss"] for row in history])
    left.set(xlabel="epoch", ylabel="training loss")
    for name in [key for key in history[0] if key.endswith("_accuracy")]:
        right.plot(
            epochs, [row[name] * 100 for row in history], label=name.removesuffix("_accuracy")
        )
    right.set(xlabel="epoch", ylabel="validation accuracy, %")
    right.legend()
    _save(figure, path)


def draw_confusion(scores: Scores, title: str, path: Path) -> None:
    """Draw a confusion matrix: rows the right label, columns the answer, in percent of the row."""
    labels = list(scores.recall)
    counts = np.array(scores.confusion, dtype=float)
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(
        figsize=(1.6 + 0.8 * len(labels), 1.2 + 0.7 * len(labels)), layout="constrained"
    )
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    axes.set(title=title, xlabel="answer", ylabel="right label")
    axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right")
    axes.set_yticks(range(len(labels)), labels)
    for row, column in np.ndindex(shares.shape):
        colour = "white" if shares[row, column] > 60 else "black"
        axes.text(column, row, f"{shares[row, column]:.0f}", ha="center", va="center", color=colour)
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    draft = path.with_name(f".{path.name}")
    figure.savefig(draft, dpi=120, format="png")
    draft.replace(path)

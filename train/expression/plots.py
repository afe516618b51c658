"""Pictures of a training and of its answers."""

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from fer_onnx.evaluation.metrics import Scores
from train.runs.curves import save_figure

matplotlib.use("Agg")


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
    save_figure(figure, path)

"""The picture of accuracy against latency."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from train.runs.curves import save_figure

KINDS = {  # marker and colour (Okabe & Ito: told apart by colour-blind people, and in grey)
    "ours": ("o", "#0072B2"),
    "rival": ("s", "#D55E00"),
    "quoted": ("D", "#595959"),
}
INK, GRID = "#1f2328", "#d8dee4"
MARGIN = 2.5  # points of accuracy above and below


class Point(NamedTuple):
    """The place of a network: its name, kind (a key of `KINDS`), latency in ms, accuracy in %."""

    name: str
    kind: str
    milliseconds: float
    accuracy: float


def draw(
    points: Sequence[Point],
    people: tuple[float, float],
    captions: dict[str, str],
    title: str,
    path: Path,
) -> None:
    """Draw networks by latency and accuracy, and write a PNG.

    Args:
        points: the networks.
        people: how often people are right, in %, and ± how much.
        captions: of the kinds that occur, for the legend.
        title: what the accuracy is of.
        path: the picture, written whole or not at all.
    """
    with matplotlib.rc_context({"font.size": 11, "text.color": INK, "axes.labelcolor": INK}):
        figure = Figure(figsize=(9, 5), layout="constrained", facecolor="white")
        axes = figure.subplots()
        _draw_people(axes, *people)
        for kind, caption in captions.items():
            marker, colour = KINDS[kind]
            mine = [point for point in points if point.kind == kind]
            axes.scatter(
                [point.milliseconds for point in mine],
                [point.accuracy for point in mine],
                s=90,
                marker=marker,
                edgecolors=colour,
                facecolors="white" if kind == "quoted" else colour,
                linewidths=1.8,
                label=caption,
                zorder=3,
            )
        for point in points:
            _write_name(axes, point)
        _set_axes(axes, points, title)
        figure.legend(loc="outside lower center", ncols=len(captions), frameon=False)
        save_figure(figure, path, dpi=160)


def _draw_people(axes: Axes, right: float, spread: float) -> None:
    axes.axhspan(right - spread, right + spread, color="#eef1f4", zorder=0)
    axes.axhline(right, color="#8c959f", linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    axes.annotate(
        f"people, {right:.0f} ± {spread:.0f} %",
        (1, right),
        xycoords=("axes fraction", "data"),
        xytext=(-8, 4),
        textcoords="offset points",
        ha="right",
        color="#57606a",
    )


def _write_name(axes: Axes, point: Point) -> None:
    digits = 2 if point.milliseconds < 10 else 0
    axes.annotate(
        f"{point.name}\n{point.accuracy:.1f} %, {point.milliseconds:.{digits}f} ms",
        (point.milliseconds, point.accuracy),
        xytext=(11, 0),
        textcoords="offset points",
        va="center",
        linespacing=1.3,
        path_effects=[withStroke(linewidth=3, foreground="white")],  # over the lines
        zorder=4,
    )


def _set_axes(axes: Axes, points: Sequence[Point], title: str) -> None:
    times = [point.milliseconds for point in points]
    shares = [point.accuracy for point in points]
    axes.set(
        xscale="log",
        xlim=(min(times) / 2, max(times) * 20),  # room for the names, right of their points
        ylim=(min(shares) - MARGIN, max(shares) + MARGIN),
        xlabel="milliseconds for one face, one core (fewer is better)",
        ylabel="accuracy, % (more is better)",
    )
    axes.set_title(title, loc="left")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.grid(color=GRID, linewidth=0.8, zorder=1)
    axes.tick_params(which="both", colors=INK, length=0)
    axes.spines[:].set_visible(False)

"""Negative labels and uncertain answers of adults who do not smile, by age, sex and group.

The faces are UTKFace's, a third that training did not see; nobody has labelled their expressions.
A difference between groups is therefore no proof of an error: it is where to look for one.

Needs: utkface.zip beside FER2013; `fer`'s network, for the comparison.
"""

import argparse
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_onnx.evaluation.intervals import wilson_interval
from train.data.development import band_ages, read_plain
from train.data.faceset import FaceSet

from ..harness.machine import read_versions
from ..harness.options import add_data
from ..harness.report import Report
from ..harness.table import Table
from ..inputs.public_test import FER2013_INPUT, require_data
from ..rivals.networks import open_networks
from .strangers import Asked, find_alarms, open_model

MODEL = "emotions"
COLUMNS = ("sex", "group")  # of the table, beside the age


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    parser.add_argument("model", nargs="?", default=MODEL, help=f"name or file (default: {MODEL})")
    add_data(parser)


def measure(options: argparse.Namespace) -> Report:
    """Ask our model and the networks that are installed about every group."""
    folder = require_data(options.data)
    notes = ["95 % intervals after Wilson (1927)"]
    ours = open_model(options.model)
    asked = [ours] + [
        Asked(rival.name, rival.labels, rival.run, None, FER2013_INPUT, ours.crop)
        for rival in open_networks(notes)
    ]
    faces = read_plain(folder, ours.input)
    groups = list_groups(faces)
    figures = {each.name: measure_groups(each, faces, groups) for each in asked}
    rows = [
        [f"{kind}: {name}", str(int(chosen.sum())), *_write(figures, f"{kind}: {name}")]
        for (kind, name), chosen in groups.items()
    ]
    columns = ["in %", "faces", f"{ours.name}, negative", f"{ours.name}, uncertain"]
    columns += [f"{each.name}, negative" for each in asked[1:]]
    return Report(
        f"fairness: {len(faces):,} adults who do not smile, of UTKFace",
        [Table(columns, rows, notes)],
        read_versions("fer-onnx", "onnxruntime", "fer", "ai-edge-litert"),
        figures,
    )


def list_groups(faces: FaceSet) -> dict[tuple[str, str], npt.NDArray[np.bool_]]:
    """Return which faces are of each group: bool arrays (n,), by kind and name."""
    found = {("age", band): chosen for band, chosen in band_ages(faces).items()}
    for column in COLUMNS:
        values = faces.columns[column]
        found |= {(column, str(name)): values == name for name in np.unique(values)}
    return found


def measure_groups(
    asked: Asked, faces: FaceSet, groups: dict[tuple[str, str], npt.NDArray[np.bool_]]
) -> dict[str, dict[str, Any]]:
    """Return the share of negative labels with its interval, and of uncertain answers, by group."""
    given = asked.run(faces.images)
    negative = find_alarms(given, asked.labels)
    found = {}
    for (kind, name), chosen in groups.items():
        hits, total = int(negative[chosen].sum()), int(chosen.sum())
        low, high = wilson_interval(hits, total)
        row: dict[str, Any] = {
            "faces": total, "negative": hits / total, "low": low, "high": high,
        }  # fmt: skip
        if asked.threshold is not None:
            row["uncertain"] = float((given[chosen].max(axis=1) < asked.threshold).mean())
        found[f"{kind}: {name}"] = row
    return found


def _write(figures: dict[str, dict[str, dict[str, Any]]], group: str) -> list[str]:
    cells = []
    for rows in figures.values():
        row = rows[group]
        ends = f"{100 * row['low']:.1f}–{100 * row['high']:.1f}"
        cells.append(f"{100 * row['negative']:.1f} ({ends})")
        if "uncertain" in row:
            cells.append(f"{100 * row['uncertain']:.1f}")
    return cells

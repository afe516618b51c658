"""Accuracy on faces from other data sets, and how often neutral adults get a negative label.

The development sets: models are chosen and tuned on these and on PublicTest, never on a test part.

Needs: FER2013 with FER+ votes, and nhfi.zip, search3.zip, utkface.zip, lfw_smiles.zip beside it;
`fer`'s network, for the comparison.
"""

import argparse
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

import fer_onnx
from fer_onnx.detector import load_detector
from fer_onnx.evaluation.metrics import calibration_error, score_answers
from fer_onnx.metadata import Crop, InputSpec
from train.data.development import (
    NEGATIVE,
    Labelled,
    band_ages,
    read_plain,
    read_posed,
    read_searched,
    read_smiles,
)
from train.data.faceset import LABELS, FaceSet
from train.data.targets import true_labels

from ..documents.strangers import FOUND
from ..harness.machine import read_versions
from ..harness.options import add_data
from ..harness.report import Report
from ..harness.table import Table
from ..inputs.public_test import FER2013_INPUT, read_split, require_data
from ..rivals.networks import open_networks

MODELS = ("emotions", "emotions-ferplus", "emotions-fer2013")
Run = Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.floating]]


class Asked(NamedTuple):
    """What is asked.

    Attributes:
        name: of the model.
        labels: in the order of its answers.
        run: uint8 (n, height, width, channels) → probabilities (n, labels).
        threshold: answers below are uncertain; None if the model does not say.
        input: what it reads.
        crop: what it wants to see of a face.
    """

    name: str
    labels: tuple[str, ...]
    run: Run
    threshold: float | None
    input: InputSpec
    crop: Crop


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    parser.add_argument(
        "models", nargs="*", default=MODELS, help=f"names or ONNX files (default: {MODELS})"
    )
    add_data(parser)


def measure(options: argparse.Namespace) -> Report:
    """Ask everyone about every set: one column a model."""
    folder = require_data(options.data)
    notes: list[str] = []
    asked = [open_model(name) for name in options.models]
    asked += [
        Asked(rival.name, rival.labels, rival.run, None, FER2013_INPUT, asked[0].crop)
        for rival in open_networks(notes)
    ]
    figures = {each.name: measure_one(each, folder) for each in asked}
    names = list(next(iter(figures.values())))
    rows = [
        [name, *(_write(name, found.get(name)) for found in figures.values())] for name in names
    ]
    return Report(
        "strangers: development sets",
        [Table(["in %; ECE and AUC from 0 to 1", *figures], rows, notes)],
        read_versions("fer-onnx", "onnxruntime", "fer", "ai-edge-litert"),
        figures,
    )


def open_model(name: str) -> Asked:
    """Open one of our models."""
    model = fer_onnx.load(name)

    def run(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.floating]:
        return np.concatenate([model.run(images[i : i + 64]) for i in range(0, len(images), 64)])

    info = model.info
    return Asked(info.name, info.labels, run, info.uncertain_below, info.input, info.crop)


def measure_one(asked: Asked, folder: Path) -> dict[str, float]:
    """Return every figure of one model, by what it is."""
    posed, searched, plain, (faces, smiles) = _read_sets(folder, asked.input, asked.crop)
    home = _read_home(folder)
    figures: dict[str, float] = {}
    for head, name in (("ferplus", "FER+"), ("original", "original labels")):
        truth = true_labels(home, head, asked.labels)
        scores = score_answers(asked.run(home.images), truth, asked.labels)
        figures[f"PublicTest, {name}: accuracy"] = scores.accuracy
        figures[f"PublicTest, {name}: mean recall"] = scores.mean_recall
        figures[f"PublicTest, {name}: ECE"] = scores.ece
    figures |= measure_labelled("NHFI test", posed, asked)
    figures |= measure_labelled("search3", searched, asked)
    figures |= _measure_found(folder, asked)
    alarms = find_alarms(asked.run(plain.images), asked.labels)
    for band, chosen in band_ages(plain).items():
        figures[f"false alarms, {band}"] = float(alarms[chosen].mean())
    happy = asked.run(faces)[:, asked.labels.index("happy")]
    figures["smiles: AUC"] = area_under_curve(happy, smiles)
    return figures


def _measure_found(folder: Path, asked: Asked) -> dict[str, float]:
    """Measure search3 as whoever installs the wheel has it: with the detector in it."""
    found = _read_found(folder, asked.input, asked.crop)
    number = len(found.answers) + sum(found.missed.values())
    accuracy = measure_labelled(FOUND, found, asked)[f"{FOUND}: balanced accuracy"]
    return {f"{FOUND}: found": len(found.answers) / number, f"{FOUND}: balanced accuracy": accuracy}


def find_alarms(
    probabilities: npt.NDArray[np.floating], labels: tuple[str, ...]
) -> npt.NDArray[np.bool_]:
    """Find answers (n, labels) that are angry, disgust, fear or sad: bool array (n,)."""
    return np.isin(np.array(labels)[probabilities.argmax(axis=1)], NEGATIVE)


def area_under_curve(scores: npt.NDArray[np.floating], truth: npt.NDArray[np.bool_]) -> float:
    """Return the area under the ROC curve, ties counted half (Hanley & McNeil 1982)."""
    _, rank, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = (ends - (counts - 1) / 2)[rank]  # the mean rank of equals, counted from 1
    positives, negatives = int(truth.sum()), int((~truth).sum())
    least = positives * (positives + 1) / 2
    return float((ranks[truth].sum() - least) / (positives * negatives))


@cache
def _read_home(folder: Path) -> FaceSet:
    return read_split(folder, "PublicTest")


@cache
def _read_sets(
    folder: Path, spec: InputSpec, crop: Crop
) -> tuple[Labelled, Labelled, FaceSet, tuple[Any, Any]]:
    return (
        read_posed(folder, spec),
        read_searched(folder, spec, crop),
        read_plain(folder, spec),
        read_smiles(folder, spec),
    )


@cache
def _read_found(folder: Path, spec: InputSpec, crop: Crop) -> Labelled:
    return read_searched(folder, spec, crop, load_detector())


def measure_labelled(name: str, faces: Labelled, asked: Asked) -> dict[str, float]:
    """Measure all seven labels to choose from; faces that were not found are wrong."""
    order = [asked.labels.index(label) for label in LABELS]
    given = asked.run(faces.images)[:, order]
    top, right = given.max(axis=1), given.argmax(axis=1) == faces.answers
    recalls = []
    for index, label in enumerate(LABELS):
        of = faces.answers == index
        if total := int(of.sum()) + faces.missed.get(label, 0):
            recalls.append(int(right[of].sum()) / total)
    found = {
        f"{name}: balanced accuracy": float(np.mean(recalls)),
        f"{name}: ECE": calibration_error(top, right),
    }
    if asked.threshold is not None:
        certain = top >= asked.threshold
        found[f"{name}: certain"] = float(certain.mean())
        found[f"{name}: right of those"] = float(right[certain].mean())
    return found


def _write(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if name.endswith(("ECE", "AUC")) else f"{100 * value:.1f}"

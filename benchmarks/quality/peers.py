"""Accuracy of our models and of other networks, on the same faces.

Needs: FER2013 with its own splits; `fer`'s network.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

import fer_onnx
from fer_onnx.evaluation.metrics import Scores, score_answers
from fer_onnx.modelfile import bundled_models
from train.data.faceset import LABELS, FaceSet
from train.data.formats import read_dataset
from train.data.targets import heads_of, true_labels

from ..harness.machine import read_versions
from ..harness.options import add_data
from ..harness.report import Report
from ..harness.table import Table
from ..inputs.public_test import FER2013_INPUT, SPLIT, read_split
from ..rivals.networks import open_networks

QUESTIONS = (LABELS, ("happy", "sad"))
HEADS = {"original": "original labels", "ferplus": "FER+ majority"}


class Outputs(NamedTuple):
    """A network's outputs: its labels, and float32 (faces, labels), probabilities."""

    labels: tuple[str, ...]
    probabilities: npt.NDArray[np.float32]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add = parser.add_argument
    add("models", nargs="*", help="names or ONNX files (default: all that are bundled)")
    add_data(parser)
    add(
        "--split",
        default=SPLIT,
        choices=(SPLIT, "PrivateTest"),
        help=f"PrivateTest is looked at once a release (default: {SPLIT})",
    )


def measure(options: argparse.Namespace) -> Report:
    """Ask everyone about every face: one row a network, one column a question and label set."""
    faces = read_split(options.data, options.split)
    notes = ["accuracy / recall averaged over the labels, in %"]
    models = options.models or bundled_models()
    answers = dict(ask_models(models, faces, options.data, options.split))
    answers |= {
        rival.name: Outputs(rival.labels, rival.run(faces.images)) for rival in open_networks(notes)
    }
    questions = [(head, labels) for labels in QUESTIONS for head in heads_of(faces)]
    scored = {
        name: {_name(*question): score(given, faces, *question) for question in questions}
        for name, given in answers.items()
    }
    counts = [str((true_labels(faces, *question) >= 0).sum()) for question in questions]
    return Report(
        f"peers: FER2013 {options.split}",
        [
            Table(
                ["network", *(_name(*question) for question in questions)],
                [
                    ["faces", *counts],
                    *([name, *map(_tell, found.values())] for name, found in scored.items()),
                ],
                notes,
            )
        ],
        read_versions("fer-onnx", "onnxruntime", "fer", "ai-edge-litert"),
        {options.split: {name: _keep(found) for name, found in scored.items()}},
    )


def ask_models(
    models: Sequence[str], faces: FaceSet, data: Path, split: str
) -> Iterator[tuple[str, Outputs]]:
    """Ask models about the faces of a split, as each of them reads them."""
    for name in models:
        model = fer_onnx.load(name)
        same = model.info.input == FER2013_INPUT
        images = faces.images if same else read_dataset(data, model.info.input).split(split).images
        chunks = [model.run(images[start : start + 64]) for start in range(0, len(images), 64)]
        yield name, Outputs(model.labels, np.concatenate(chunks))


def score(
    given: Outputs, faces: FaceSet, head: str, labels: tuple[str, ...] = LABELS
) -> Scores | None:
    """Return how good answers are; None where the network lacks one of the labels."""
    if not set(labels) <= set(given.labels):
        return None
    chosen = given.probabilities[:, [given.labels.index(label) for label in labels]]
    return score_answers(chosen, true_labels(faces, head, labels), labels)


def _keep(found: dict[str, Scores | None]) -> dict[str, Any]:
    """Return what is kept of a network's scores, by question."""
    return {
        question: {"accuracy": scores.accuracy, "mean_recall": scores.mean_recall}
        for question, scores in found.items()
        if scores is not None
    }


def _tell(scores: Scores | None) -> str:
    if scores is None:
        return "–"
    return f"{scores.accuracy:.1%} / {scores.mean_recall:.1%}".replace("%", "")


def _name(head: str, labels: tuple[str, ...]) -> str:
    question = f"{len(labels)} labels" if labels == LABELS else " or ".join(labels)
    return f"{question}, {HEADS[head]}"

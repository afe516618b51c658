"""How good the bundled model files are: every accuracy figure of README.md and the model card.

Figures are kept by SHA-256 of the model file; PrivateTest's stay for files that did not change.

Needs: FER2013 with its own splits and the votes of FER+.
"""

import argparse
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

import fer_onnx
from export.calibration import Calibration, cross_fit, share_labels
from fer_onnx.classifier import Classifier
from fer_onnx.evaluation.metrics import Scores
from fer_onnx.metadata import ModelInfo
from fer_onnx.modelfile import MODELS, bundled_models
from train.data.duplicates import group_alike
from train.data.faceset import FaceSet, resize_faces
from train.data.formats import read_dataset
from train.data.targets import true_labels
from train.errors import DataError

from ..documents.figures import digest_model, read_figures
from ..harness.machine import read_versions
from ..harness.options import add_data
from ..harness.report import Report
from ..harness.table import Table, to_percent
from ..inputs.public_test import FER2013_INPUT, require_data

if TYPE_CHECKING:
    from train.expression.evaluate import Predictions

CHOSEN_ON, PRIVATE = "PublicTest", "PrivateTest"
HEADLINE = ("images", "accuracy", "mean_recall", "macro_f1", "ece")


class Part(NamedTuple):
    """A split: faces, and which also stand, identical or nearly, in Training: bool (n,)."""

    faces: FaceSet
    copied: npt.NDArray[np.bool_]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add_data(parser)
    parser.add_argument(
        "--private",
        action="store_true",
        help="measure PrivateTest too, on files it was never measured on: once a release",
    )


def measure(options: argparse.Namespace) -> Report:
    """Measure the bundled models."""
    data = require_data(options.data)
    found = measure_models(data, read_figures("accuracy"), options.private)
    rows = [
        [model["info"]["name"], name, f"{scores['images']:,}"]
        + [to_percent(scores[key]) for key in ("accuracy", "mean_recall", "macro_f1")]
        + [f"{scores['ece']:.3f}"]
        for model in found.values()
        for name, scores in ((name, split["shipped"]) for name, split in model["splits"].items())
    ]
    return Report(
        "accuracy: the bundled models on FER2013, each judged by the labels it learned, in %",
        [Table(["model", "split", "faces", "accuracy", "mean recall", "macro-F1", "ECE"], rows)],
        read_versions("fer-onnx", "onnxruntime", "pillow"),
        found,
    )


def measure_models(data: Path, known: Mapping[str, Any], private: bool) -> dict[str, Any]:
    """Measure the bundled models.

    Args:
        data: FER2013 with its own splits, and FER+ votes.
        known: figures from before; PrivateTest's are kept for files that did not change.
        private: whether PrivateTest is measured where it is not known.

    Returns:
        Figures by SHA-256 of the model file.

    Raises:
        DataError: other data than that.
    """
    faces = read_dataset(data, FER2013_INPUT)
    if faces.votes is None:
        raise DataError(f"{data}: no FER+ votes")
    train, groups = faces.split("Training"), group_alike(faces)
    copied = np.isin(groups, groups[faces.splits == "Training"])
    parts = {
        split: Part(faces.split(split), copied[faces.splits == split])
        for split in ([CHOSEN_ON, PRIVATE] if private else [CHOSEN_ON])
    }
    found = {}
    for name in bundled_models():
        digest = digest_model(name)
        seen = known.get(digest, {}).get("splits", {})
        found[digest] = measure_model(fer_onnx.load(name), train, parts, seen) | {
            "bytes": (MODELS / f"{name}.onnx").stat().st_size
        }
    return found


def measure_model(
    model: Classifier, train: FaceSet, parts: Mapping[str, Part], seen: Mapping[str, Any]
) -> dict[str, Any]:
    """Measure one model on each part; PrivateTest only if its figures were never seen."""
    splits = {
        name: measure_part(model, part, train if name == CHOSEN_ON else None)
        for name, part in parts.items()
        if not (name == PRIVATE and name in seen)
    }
    kept = {name: seen[name] for name in seen if name not in splits}
    return {"info": json.loads(model.info.to_json()), "splits": splits | kept}


def measure_part(model: Classifier, part: Part, train: FaceSet | None) -> dict[str, Any]:
    """Measure one model on one part: as shipped, as trained, and without copies.

    Args:
        model: the model.
        part: faces and which of them are copies.
        train: where `part` is what the model was calibrated on, the faces that tell how frequent
            labels are: calibration is then cross-fitted too, unless it was on other sets as well.
    """
    from train.expression.evaluate import ask_model

    info, faces = model.info, part.faces
    shipped = ask_model(model, replace(faces, images=resize_faces(faces.images, info.input)))
    answers, calibration = shipped.true_labels(faces), read_calibration(info)
    trained = shipped._replace(probabilities=calibration.undo(shipped.probabilities))
    scores = shipped.score(faces)
    found = {
        "shipped": scores.to_dict() | {"intervals": scores.intervals()},
        "certain": _measure_certain(shipped, answers, info.uncertain_below),
        "as_trained": _headline(trained.score(faces)),
        "without_copies": _headline(shipped.score(faces, ~part.copied)),
    }
    if train is not None and "calibrated_on" not in info.metrics:
        shares, cost = None, 1.0
        if info.prior_removed:
            shares = share_labels(true_labels(train, shipped.head, info.labels), len(info.labels))
            cost = info.metrics["prior_cost"] / 100
        fitted = cross_fit(trained.probabilities, answers, info.labels, shares, cost).scores
        rows = [_headline(half) for half in fitted]
        found["cross_fitted"] = {key: fmean(row[key] for row in rows) for key in HEADLINE[1:]}
    return found


def read_calibration(info: ModelInfo) -> Calibration:
    """Read what was done to a model's answers from what its file says."""
    return Calibration(
        strength=info.metrics.get("prior_strength", 0.0),
        prior=np.array([info.prior_removed.get(label, 0.0) for label in info.labels]),
        temperature=info.temperature,
        threshold=info.uncertain_below,
    )


def _measure_certain(
    given: "Predictions", answers: npt.NDArray[np.int64], threshold: float
) -> dict[str, float]:
    judged = answers >= 0
    certain = judged & (given.probabilities.max(axis=1) >= threshold)
    right = given.probabilities.argmax(axis=1) == answers
    accuracy = float(right[certain].mean()) if certain.any() else 0.0
    return {"share": float(certain.sum() / judged.sum()), "accuracy": accuracy}


def _headline(scores: Scores) -> dict[str, float]:
    return {key: getattr(scores, key) for key in HEADLINE}

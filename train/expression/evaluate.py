"""Measure a checkpoint or a model file on a named split and label set."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import numpy.typing as npt

import fer_onnx
from fer_onnx.atomic import write_whole
from fer_onnx.evaluation.charts import draw_confusion
from fer_onnx.evaluation.metrics import Scores, score_answers
from fer_onnx.metadata import InputSpec
from train.data.faceset import FaceSet, refuse_other_split
from train.data.formats import read_dataset
from train.data.targets import MIXED, head_of, heads_of, judge_of, true_labels
from train.errors import TrainError
from train.runs.checkpoint import read_checkpoint

CHUNK = 128  # faces asked about at once
EVERY = slice(None)


class Predictions(NamedTuple):
    """What a model says of faces: the head it answers for, its labels, probabilities."""

    head: str
    labels: tuple[str, ...]
    probabilities: npt.NDArray[np.floating]

    def true_labels(self, faces: FaceSet) -> npt.NDArray[np.int64]:
        """Return the true labels: int array (n,), index into the labels, -1 where none counts."""
        return true_labels(faces, judge_of(self.head, faces), self.labels)

    def score(self, faces: FaceSet, some: npt.NDArray[np.bool_] | slice = EVERY) -> Scores:
        """Compare with the right answers of the faces that were asked about, or of some of them.

        Raises:
            ValueError: none of them counts.
        """
        return score_answers(self.probabilities[some], self.true_labels(faces)[some], self.labels)


def ask(
    source: Path, data: Path, split: str, head: str | None = None
) -> tuple[FaceSet, list[Predictions]]:
    """Ask a model about one part of a data set.

    Args:
        source: a `.keras` checkpoint, or a model file or name of a bundled model.
        data: the data set, in any form that `read_dataset` takes.
        split: the part's own name, or its role: "train", "validation" or "test".
        head: one head; None for those whose labels the data set has. The head of a further data
            set is asked by its name alone, about that data set.

    Returns:
        The faces, and each head's answers.

    Raises:
        TrainError: no such data, split or head, a checkpoint that finds faces, or faces of another
            split of FER2013 than the model was trained on.
        ModelError: not a usable model.
    """
    if source.suffix != ".keras":
        model = fer_onnx.load(source)
        faces = _read_part(data, split, model.info.input, model.info.trained_on)
        answers = ask_model(model, faces)
        if head and head != answers.head:
            raise TrainError(f"{source}: no head {head!r}; it has {answers.head}")
        return faces, [answers]
    checkpoint, record = read_checkpoint(source)
    if record.kind == "detector":
        raise TrainError(f"{source}: finds faces; 'python -m benchmarks detectors' measures it")
    if head and head not in record.heads:
        raise TrainError(f"{source}: no head {head!r}; it has {', '.join(record.heads)}")
    faces = _read_part(data, split, record.input, record.trained_on)
    outputs = checkpoint.predict(faces.images, batch_size=128, verbose=0)
    heads = (head,) if head else [h for h in (*heads_of(faces), MIXED) if h in record.heads]
    return faces, [Predictions(h, record.heads[h], outputs[h]) for h in heads]


def ask_model(model: fer_onnx.Classifier, faces: FaceSet) -> Predictions:
    """Ask a model file about faces that are as it reads them."""
    chunks = [model.run(faces.images[i : i + CHUNK]) for i in range(0, len(faces), CHUNK)]
    return Predictions(head_of(model.info.label_set), model.labels, np.concatenate(chunks))


def evaluate_heads(
    model: keras.Model,
    inputs: npt.NDArray[np.generic],
    faces: FaceSet,
    heads: dict[str, tuple[str, ...]],
) -> dict[str, float]:
    """Measure each head on its own labels: `<head>_accuracy`, and their mean; and the mean loss.

    Args:
        model: what answers.
        inputs: what it reads of each face: (n, …).
        faces: these faces.
        heads: labels of each head.
    """
    answers = model.predict(inputs, batch_size=CHUNK, verbose=0)
    truth = {h: true_labels(faces, judge_of(h, faces), labels) for h, labels in heads.items()}
    row = {
        f"{head}_accuracy": score_answers(answers[head], truth[head], labels).accuracy
        for head, labels in heads.items()
    }
    mean = float(np.mean(list(row.values())))
    losses = [measure_loss(answers[head], truth[head]) for head in heads]
    return row | {"mean_accuracy": mean, "validation_loss": float(np.mean(losses))}


def measure_recall(model: keras.Model, faces: FaceSet, head: str, labels: tuple[str, ...]) -> float:
    """Return the mean recall of the head of a further data set on faces of that data set."""
    answers = model.predict(faces.images, batch_size=CHUNK, verbose=0)[head]
    return score_answers(answers, true_labels(faces, "original", labels), labels).mean_recall


def measure_loss(probabilities: npt.NDArray[np.floating], answers: npt.NDArray[np.int64]) -> float:
    """Return the mean negative log-likelihood of right answers, -1 for faces that do not count."""
    rows = np.flatnonzero(answers >= 0)
    return float(-np.log(np.maximum(probabilities[rows, answers[rows]], 1e-12)).mean())


def write_scores(scores: Mapping[str, Scores], split: str, out: Path) -> None:
    """Write `metrics.json` and a picture of each confusion matrix into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    figures = {"split": split} | {
        head: score.to_dict() | {"intervals": score.intervals()} for head, score in scores.items()
    }
    with write_whole(out / "metrics.json") as file:
        file.write(json.dumps(figures, indent=2).encode())
    for head, score in scores.items():
        title = f"{head}, {split}: {score.accuracy:.1%} of {score.images:,}"
        with write_whole(out / f"confusion-{head}.png") as file:
            draw_confusion(score, title).save(file, "PNG")


def _read_part(data: Path, split: str, spec: InputSpec, trained_on: str) -> FaceSet:
    faces = _read_split(data, split, spec)
    refuse_other_split(trained_on, faces)
    return faces


@lru_cache(maxsize=1)  # `compare` asks one model after another
def _read_split(data: Path, split: str, spec: InputSpec) -> FaceSet:
    return read_dataset(data, spec).split(split)

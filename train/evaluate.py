"""Measure a checkpoint or a model file on a named split and label set."""

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

import fer_onnx
from fer_onnx.metadata import InputSpec

from .checkpoint import read_checkpoint, write_text
from .data import DataError, FaceSet
from .forms import read_faces
from .metrics import Scores, score_answers
from .plots import draw_confusion
from .targets import judge

OFFICIAL = {"Training", "PublicTest", "PrivateTest"}  # FER2013's own split; Kaggle's is another


class Answers(NamedTuple):
    """Hold what a model says of faces: the head it answers for, its labels, probabilities."""

    head: str
    labels: tuple[str, ...]
    probabilities: npt.NDArray[np.floating]


def evaluate(source: Path, data: Path, split: str, head: str | None) -> dict[str, Scores]:
    """Measure a model on one part of a data set, each head on its own label set.

    Args:
        source: a `.keras` checkpoint, or a model file or name of a bundled model.
        data: the data set, in any form that `read_faces` takes.
        split: the part's own name, or its role: "train", "validation" or "test".
        head: one head of a checkpoint; None for all.

    Returns:
        The figures by head.

    Raises:
        DataError: no such data, split or head, or faces that the model was trained on.
        ModelError: not a usable model.
    """
    if source.suffix == ".keras":
        checkpoint, record = read_checkpoint(source)
        if head and head not in record.heads:
            raise DataError(f"{source}: no head {head!r}; it has {', '.join(record.heads)}")
        faces = _read_part(
            data, split, record.input, f"{record.data} {_names(record.splits['train'])}"
        )
        outputs = checkpoint.predict(faces.images, batch_size=128, verbose=0)
        answers = [
            Answers(h, record.heads[h], outputs[h]) for h in record.heads if head in (None, h)
        ]
    else:
        model = fer_onnx.load(source)
        faces = _read_part(data, split, model.info.input, model.info.trained_on)
        chunks = [model.run(faces.images[i : i + 128]) for i in range(0, len(faces), 128)]
        kind = "ferplus" if model.info.label_set == "FER+" else "original"
        answers = [Answers(kind, model.labels, np.concatenate(chunks))]
    return {
        answer.head: score_answers(
            answer.probabilities, judge(faces, answer.head, answer.labels), answer.labels
        )
        for answer in answers
    }


def describe_scores(scores: Scores) -> Iterator[str]:
    """Write figures as lines of text: totals, then recall and answers label by label."""
    yield (
        f"accuracy {scores.accuracy:.2%}  mean recall {scores.mean_recall:.2%}  "
        f"macro-F1 {scores.macro_f1:.2%}  ECE {scores.ece:.3f}  ({scores.images:,} faces)"
    )
    labels = list(scores.recall)
    yield f"{'right label':>12} {'recall':>7}   " + " ".join(f"{label:>8}" for label in labels)
    for label, row in zip(labels, scores.confusion, strict=True):
        yield f"{label:>12} {scores.recall[label]:7.1%}   " + " ".join(f"{n:8}" for n in row)


def write_scores(scores: dict[str, Scores], split: str, out: Path) -> None:
    """Write `metrics.json` and a picture of each confusion matrix into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    figures = {"split": split} | {head: score.to_dict() for head, score in scores.items()}
    write_text(out / "metrics.json", json.dumps(figures, indent=2))
    for head, score in scores.items():
        title = f"{head}, {split}: {score.accuracy:.1%} of {score.images:,}"
        draw_confusion(score, title, out / f"confusion-{head}.png")


def _read_part(data: Path, split: str, spec: InputSpec, trained_on: str) -> FaceSet:
    faces = _read_split(data, split, spec)
    data_name, *trained = trained_on.replace(",", "").split() or [""]
    parts = {part.split("/")[0] for part in faces.splits.tolist()}
    if data_name == faces.name == "FER2013" and (parts <= OFFICIAL) != (set(trained) <= OFFICIAL):
        raise DataError(
            f"trained on {trained_on}: not to be measured on {_names(parts)} of another split of "
            "FER2013, the two overlap by 80 %"
        )
    return faces


@lru_cache(maxsize=1)  # `compare` asks one model after another
def _read_split(data: Path, split: str, spec: InputSpec) -> FaceSet:
    return read_faces(data, spec).split(split)


def _names(parts: Iterable[str]) -> str:
    return ", ".join(sorted(parts))

"""Labelled pictures and a model → its evaluation."""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import get_args

from ..classifier import DEFAULT
from ..errors import FerOnnxError
from ..modelfile import name_source
from ..runs.pipeline import Answerer, FaceMode, Settings
from ..runs.records import Record
from .answers import Answer, Reason, make_answer
from .examples import Example, read_examples
from .result import Evaluation

REASONS: dict[Reason, str] = {  # for a picture to be left out, as they are written
    "other label": "with another label",
    "no face": "without a face",
    "several faces": "with several faces of like size",
    "failed": "that could not be read",
}
NAMED = 5  # labels in a message


def evaluate(
    source: str | os.PathLike[str],
    model: str | os.PathLike[str] | None = None,
    *,
    faces: FaceMode = "auto",
    labels: Sequence[str] | None = None,
    detector: str | None = None,
) -> Evaluation:
    """Measure how good a model's answers are on labelled pictures.

    A picture with several faces counts if one has at least twice the area of any other. Pictures
    without such a face, that cannot be read, or whose label the model does not have, are left out;
    `answers` of the result says which and why.

    Args:
        source: a folder with one sub-folder per label; or a CSV table with the columns `file`, a
            path from the table's folder, and `label`.
        model: name of a bundled model or path of a model file; the default if None.
        faces: "detect" finds faces, "whole" treats each picture as one face, "auto" detects in
            pictures whose longer side is above 128 pixels.
        labels: choose among these only; all of the model's if None.
        detector: name of the face detector, as in `fer_onnx.load_detector`.

    Raises:
        ModelError: a model that cannot be used, or without one of the labels.
        DetectionError: no such detector.
        FerOnnxError: no such folder or table, or no picture in it that counts.
        ValueError: an argument of another type or value.
    """
    if faces not in get_args(FaceMode):
        raise ValueError(f"faces={faces!r:.60}: expected one of {', '.join(get_args(FaceMode))}")
    if isinstance(labels, str) or (labels is not None and len(set(labels)) < 2):
        raise ValueError(f"labels={labels!r:.60}: expected two or more labels")
    chosen = tuple(labels) if labels else None
    name = None if model is None else name_source(model)
    answerer = Answerer(Settings(name, faces, detector, labels=chosen))
    examples = read_examples(source, answerer.labels).examples
    pictures = (example.picture for example in examples if example.label)
    return make_evaluation(answerer, examples, map(answerer.answer, pictures))


def make_evaluation(
    answerer: Answerer, examples: Sequence[Example], records: Iterable[Record]
) -> Evaluation:
    """Return the evaluation that records make.

    Args:
        answerer: what made them.
        examples: what was evaluated.
        records: one for each example whose label the model has, in order.

    Raises:
        FerOnnxError: none of them counts.
    """
    left = iter(records)
    answers = tuple(make_answer(each, next(left) if each.label else None) for each in examples)
    if not any(answer.prediction for answer in answers):
        raise FerOnnxError(f"no picture can be evaluated: {describe_left_out(answers)}")
    name = answerer.settings.model or DEFAULT
    return Evaluation(name, answerer.model.info, answerer.labels, answers)


def describe_left_out(answers: Sequence[Answer]) -> str:
    """Describe how many pictures do not count, and why; empty if all do."""
    counts = Counter(answer.left_out for answer in answers)
    foreign = sorted({each.label or "none" for each in answers if each.left_out == "other label"})
    labels = ", ".join(foreign[:NAMED]) + ", …" * (len(foreign) > NAMED)
    parts = []
    for reason, what in REASONS.items():
        named = f" ({labels})" if reason == "other label" else ""
        if counts[reason]:
            parts.append(f"{counts[reason]:,} {what}{named}")
    return ", ".join(parts)

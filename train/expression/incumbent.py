"""The start as a candidate: what a training has to beat by more than chance."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import keras
import numpy as np
import numpy.typing as npt

from train.data.faceset import FaceSet
from train.data.targets import true_labels
from train.runs.checkpoint import read_checkpoint, read_record, write_checkpoint
from train.runs.folder import RunFolder
from train.runs.record import Record

from .evaluate import CHUNK
from .finetune.verdict import Verdict, judge
from .start import Checkpoint, Start

Labels = Mapping[str, tuple[str, ...]]


class Incumbent(NamedTuple):
    """A checkpoint that a training starts from, as epoch 0.

    Attributes:
        weights: of its network.
        answers: by head, float arrays (n, labels), to the validation faces.
    """

    weights: list[npt.NDArray[Any]]
    answers: dict[str, npt.NDArray[np.floating]]


def find_incumbent(
    start: Start, heads: Labels, released: keras.Model, validation: FaceSet, own: Labels
) -> Incumbent | None:
    """Measure a start before anything is learned; None if it does not know all of the labels.

    Args:
        start: of the preset.
        heads: labels of every head of the network.
        released: the network, with the weights that it starts from.
        validation: faces to choose the epoch by.
        own: the heads that these measure.
    """
    if not isinstance(start, Checkpoint):
        return None
    known = read_record(start.path).heads
    if not all(set(labels) <= set(known.get(head, ())) for head, labels in heads.items()):
        return None
    answers = released.predict(validation.images, batch_size=CHUNK, verbose=0)
    return Incumbent(released.get_weights(), {head: answers[head] for head in own})


def defend(
    incumbent: Incumbent,
    folder: RunFolder,
    released: keras.Model,
    validation: FaceSet,
    record: Record,
    own: Labels,
    regardless: bool,
    say: Callable[[str], None],
) -> None:
    """Compare the best epoch with the start; if it does not win, `best.keras` becomes the start.

    It wins if a head beats the start's by more than chance.

    Args:
        incumbent: the start.
        folder: of the run, whose `best.keras` is the best epoch.
        released: a network of the same kind; its weights change.
        validation: faces to choose the epoch by.
        record: of the finished training.
        own: the heads that these measure.
        regardless: whether the best epoch stays anyway.
        say: receives the verdict, one line.
    """
    best, _ = read_checkpoint(folder.best)
    answers = best.predict(validation.images, batch_size=CHUNK, verbose=0)
    verdicts = {}
    for head, labels in own.items():
        truth = true_labels(validation, head, labels)
        some = truth >= 0
        verdicts[head] = judge(answers[head][some], incumbent.answers[head][some], truth[some])
    better = any(verdict.better for verdict in verdicts.values())
    kept = not better and not regardless
    if kept:
        released.set_weights(incumbent.weights)
        figures = {f"{head}_accuracy": verdict.start for head, verdict in verdicts.items()}
        figures["mean_accuracy"] = float(np.mean(list(figures.values())))
        write_checkpoint(released, replace(record, metrics=figures), folder.best)
    figures_text = "; ".join(_describe(*pair) for pair in verdicts.items())
    holds = "what you started from" if kept else "the best epoch"
    advice = "; keep the model you have" if kept else ""
    better_than = "better than" if better else "no better than"
    say(f"{better_than} what you started from: {figures_text}{advice}; {folder.best} is {holds}")


def _describe(head: str, verdict: Verdict) -> str:
    return (
        f"{head} {100 * verdict.trained:.1f} against {100 * verdict.start:.1f} %, "
        f"± {100 * verdict.accuracy.half:.1f} points on {verdict.faces:,} faces"
    )

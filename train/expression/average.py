"""Average the weights of trainings that began alike: one network, as fast as each of them.

After Wortsman et al. (2022, arXiv:2203.05482, "uniform soup"): trainings from one start end in one
valley, whose middle answers better than its edges.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from train.data.faceset import FaceSet, refuse_other_split
from train.data.formats import read_dataset
from train.data.targets import heads_of
from train.errors import TrainError
from train.runs.checkpoint import check_name, name_weights, read_checkpoint, write_checkpoint
from train.runs.progress import print_now
from train.runs.record import Record

from .evaluate import evaluate_heads

Weights = list[np.ndarray]


def average_checkpoints(
    sources: Sequence[Path],
    data: Path,
    split: str,
    out: Path,
    say: Callable[[str], None] = print_now,
) -> None:
    """Write the average of checkpoints, and say how good each is and all are together.

    Args:
        sources: the checkpoints, trained from the same one.
        data: the data set.
        split: its part on which is measured.
        out: the new checkpoint; its record has the figures of the average and names its sources.
        say: receives one line for each checkpoint, and one for the average.

    Raises:
        TrainError: not checkpoints of one network, or faces of another split of FER2013.
    """
    check_name(out)
    models = [read_checkpoint(source) for source in sources]
    model, record = models[0]
    for source, (other, known) in zip(sources, models, strict=True):
        same = (known.heads, known.input, _shapes(other))
        if same != (record.heads, record.input, _shapes(model)):
            raise TrainError(f"{source}: not the network of {sources[0]}")
    faces = read_dataset(data, record.input).split(split)
    refuse_other_split(record.trained_on, faces)
    heads = {head: record.heads[head] for head in heads_of(faces) if head in record.heads}
    heads = heads or dict(record.heads)  # of a further data set, named by its own labels

    def true_labels(network: keras.Model, name: str) -> dict[str, float]:
        row = evaluate_heads(network, faces.images, faces, heads)
        row = {name: figure for name, figure in row.items() if name.endswith("_accuracy")}
        figures = "  ".join(f"{head} {row[f'{head}_accuracy']:.1%}" for head in heads)
        say(f"{figures}  {name}")
        return row

    for source, (network, _) in zip(sources, models, strict=True):
        true_labels(network, str(source))
    model.set_weights(average([network.get_weights() for network, _ in models]))
    row = true_labels(model, str(out))
    write_checkpoint(model, _describe(record, sources, row, faces), out)


def average(weights: Sequence[Weights]) -> Weights:
    """Average arrays of the same shapes, one by one."""
    return [np.mean(arrays, axis=0) for arrays in zip(*weights, strict=True)]


def _shapes(model: keras.Model) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in model.weights]


def _describe(
    record: Record, sources: Sequence[Path], row: dict[str, float], faces: FaceSet
) -> Record:
    return replace(
        record,
        kind="average",
        splits=record.splits | {"validation": faces.sizes()},
        epochs=0,
        frozen=0,
        batch=0,
        history=[],
        metrics=row,
        sources=tuple(map(name_weights, sources)),
        weights="",
        teachers={},
        teacher_weight=0.0,
    )

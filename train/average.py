"""Average the weights of trainings that began alike: one network, as fast as each of them.

Greedy soup after Wortsman et al. (2022, arXiv:2203.05482): the best first, and each of the others
where the average is better with it. Trainings from one start end in one valley, whose middle
answers better than its edges.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from .checkpoint import Record, read_checkpoint, write_checkpoint
from .data import DataError, FaceSet, refuse_other_split
from .evaluate import judge_heads
from .fit import name_weights, print_now
from .forms import read_faces

Weights = list[np.ndarray]


def average_checkpoints(
    sources: Sequence[Path],
    data: Path,
    split: str,
    out: Path,
    say: Callable[[str], None] = print_now,
) -> None:
    """Write the average of those checkpoints that are better together.

    Args:
        sources: the checkpoints, trained from the same one.
        data: the data set.
        split: its part by which is chosen, by the mean accuracy of the heads.
        out: the new checkpoint. Its record has one row, the figures of the average, and names its
            sources as its weights.
        say: receives one line a trial.

    Raises:
        DataError: not checkpoints of one network, or faces of another split of FER2013.
    """
    if out.suffix != ".keras":
        raise DataError(f"{out}: the name of a checkpoint ends in .keras")
    models = {source: read_checkpoint(source) for source in sources}
    model, record = models[sources[0]]
    for source, (other, known) in models.items():
        if (known.heads, known.input, _shapes(other)) != (
            record.heads,
            record.input,
            _shapes(model),
        ):
            raise DataError(f"{source}: not the network of {sources[0]}")
    faces = read_faces(data, record.input).split(split)
    refuse_other_split(record.trained_on, faces)
    weights = {source: other.get_weights() for source, (other, _) in models.items()}

    def judge(chosen: Sequence[Path]) -> dict[str, float]:
        model.set_weights(average([weights[source] for source in chosen]))
        row = judge_heads(model, faces.images, faces, record.heads)
        figures = "  ".join(f"{head} {row[f'{head}_accuracy']:.2%}" for head in record.heads)
        say(f"{figures}  mean {row['mean_accuracy']:.2%}  {' + '.join(map(str, chosen))}")
        return row

    alone = {source: judge([source]) for source in sources}
    first, *others = sorted(sources, key=lambda source: -alone[source]["mean_accuracy"])
    chosen, best = [first], alone[first]
    for source in others:
        row = judge([*chosen, source])
        if row["mean_accuracy"] > best["mean_accuracy"]:
            chosen, best = [*chosen, source], row
    model.set_weights(average([weights[source] for source in chosen]))
    out.parent.mkdir(parents=True, exist_ok=True)
    write_checkpoint(model, _describe(record, chosen, best, faces), out)
    say(f"{out}: {' + '.join(map(str, chosen))}")


def average(weights: Sequence[Weights]) -> Weights:
    """Average arrays of the same shapes, one by one."""
    return [np.mean(arrays, axis=0) for arrays in zip(*weights, strict=True)]


def _shapes(model: keras.Model) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in model.weights]


def _describe(
    record: Record, chosen: Sequence[Path], row: dict[str, float], faces: FaceSet
) -> Record:
    parts = {name: int((faces.splits == name).sum()) for name in sorted(set(faces.splits.tolist()))}
    return replace(
        record,
        preset="average",
        splits=record.splits | {"validation": parts},
        epochs=1,
        batch=0,
        history=[{"epoch": 1, "side": record.input.height, **row, "seconds": 0.0}],
        weights=", ".join(map(name_weights, chosen)),
        teachers={},
        teacher_weight=0.0,
    )

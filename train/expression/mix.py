"""Mix the heads of a checkpoint into one more head: their logits, added by weight.

That is the geometric mean of the heads' answers. Heads are dense layers that read the same
features, so that their mixture is a dense layer too: as small and as fast as one of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from train.data.targets import MIXED
from train.errors import TrainError
from train.runs.checkpoint import check_name, name_weights, read_checkpoint, write_checkpoint
from train.runs.progress import print_now

Arrays = Sequence[npt.NDArray[np.floating]]


def mix_checkpoint(
    source: Path, weights: Mapping[str, float], out: Path, say: Callable[[str], None] = print_now
) -> None:
    """Write a checkpoint with a head `mixed` beside those that it has.

    Args:
        source: the checkpoint.
        weights: of the logits of each head that is mixed.
        out: the new checkpoint.
        say: receives one line.

    Raises:
        TrainError: no such head, or heads of different labels.
    """
    check_name(out)
    model, record = read_checkpoint(source)
    if unknown := [head for head in weights if head not in record.heads]:
        raise TrainError(f"{source}: no head {unknown[0]!r}; it has {', '.join(record.heads)}")
    labels = record.heads[next(iter(weights))]
    if any(record.heads[head] != labels for head in weights):
        raise TrainError(f"{source}: only heads with the same labels can be mixed")
    heads = {head: model.get_layer(head).get_weights() for head in weights}
    mixed = add_head(model, MIXED, *mix_weights(heads, weights))
    record = replace(
        record,
        kind="mix",
        heads={**{h: n for h, n in record.heads.items() if h != MIXED}, MIXED: labels},
        sources=(name_weights(source),),
        mixture=dict(weights),
        history=[],
        epochs=0,
    )
    write_checkpoint(mixed, record, out)
    say(f"{out}: {MIXED} = " + " + ".join(f"{weight:g} {h}" for h, weight in weights.items()))


def mix_weights(heads: Mapping[str, Arrays], weights: Mapping[str, float]) -> Arrays:
    """Return kernel (features, labels) and bias (labels,) of the mixture of heads like these."""
    return [
        np.sum([weight * heads[head][i] for head, weight in weights.items()], axis=0)
        for i in range(2)
    ]


def add_head(
    model: keras.Model,
    name: str,
    kernel: npt.NDArray[np.floating],
    bias: npt.NDArray[np.floating],
) -> keras.Model:
    """Return a network with one more head on the features that its heads read."""
    kept = {head: output for head, output in model.output.items() if head != name}
    features = model.get_layer(next(iter(kept))).input
    layer = keras.layers.Dense(len(bias), activation="softmax", name=name, dtype="float32")
    wider = keras.Model(model.inputs, {**kept, name: layer(features)}, name=model.name)
    layer.set_weights([kernel, bias])
    return wider

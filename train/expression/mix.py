"""Mix the heads of a checkpoint into one more head: their logits, added by weight.

The geometric mean of the heads' answers, in which part of each head's label prior may be taken out
(logit adjustment, Menon et al. 2021, arXiv:2007.07314). Heads are dense layers that read the same
features, so that their mixture is a dense layer too: as small and as fast as one of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

import keras
import numpy as np
import numpy.typing as npt

from fer_onnx.metadata import InputSpec
from train.data.formats import read_dataset
from train.data.sources import Source, read_sources
from train.data.targets import HEADS, MIXED, make_target
from train.errors import TrainError
from train.runs.checkpoint import check_name, name_weights, read_checkpoint, write_checkpoint
from train.runs.progress import print_now

Shares = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Ingredient:
    """One head's part in a mixture.

    Attributes:
        head: its name.
        weight: of its logits.
        strength: share of the logarithm of its label prior that is taken off its logits first.
    """

    head: str
    weight: float
    strength: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read HEAD=WEIGHT or HEAD=WEIGHT:STRENGTH.

        Raises:
            ValueError: something else, or numbers out of range.
        """
        head, _, numbers = text.partition("=")
        weight, _, strength = numbers.partition(":")
        try:
            found = cls(head, float(weight), float(strength or 0))
        except ValueError:
            found = cls("", 0)
        if not (found.head and 0 < found.weight <= 10 and 0 <= found.strength <= 1):
            raise ValueError(f"expected HEAD=WEIGHT or HEAD=WEIGHT:STRENGTH, received {text!r}")
        return found


def mix_checkpoint(
    source: Path,
    ingredients: Sequence[Ingredient],
    data: Path | None,
    sources: Sequence[Source],
    out: Path,
    say: Callable[[str], None] = print_now,
) -> None:
    """Write a checkpoint with a head `mixed` beside those that it has.

    Args:
        source: the checkpoint.
        ingredients: the heads that are mixed.
        data: the first data set, for the label priors; needed where one is taken out.
        sources: the further data sets, each for the head of its name.
        out: the new checkpoint.
        say: receives one line.

    Raises:
        TrainError: no such head, heads of different labels, or a prior without its data set.
    """
    check_name(out)
    model, record = read_checkpoint(source)
    heads = [each.head for each in ingredients]
    if unknown := [head for head in heads if head not in record.heads]:
        raise TrainError(f"{source}: no head {unknown[0]!r}; it has {', '.join(record.heads)}")
    labels = record.heads[heads[0]]
    if len(set(heads)) < len(heads) or any(record.heads[head] != labels for head in heads):
        raise TrainError(f"{source}: mixed are different heads with the same labels")
    adjusted = [each.head for each in ingredients if each.strength]
    priors = read_priors(adjusted, labels, data, sources, record.input)
    kernel, bias = mix_weights(
        {head: model.get_layer(head).get_weights() for head in heads}, ingredients, priors
    )
    mixed = add_head(model, MIXED, kernel, bias)
    mixture = {each.head: {k: v for k, v in asdict(each).items() if k != "head"}
               for each in ingredients}  # fmt: skip
    record = replace(
        record,
        kind="mix",
        heads={**{h: n for h, n in record.heads.items() if h != MIXED}, MIXED: labels},
        sources=(name_weights(source),),
        mixture=mixture,
        history=[],
        epochs=0,
    )
    write_checkpoint(mixed, record, out)
    say(f"{out}: {MIXED} = " + " + ".join(f"{each.weight:g} {each.head}" for each in ingredients))


def mix_weights(
    heads: Mapping[str, Sequence[npt.NDArray[np.floating]]],
    ingredients: Sequence[Ingredient],
    priors: Mapping[str, Shares],
) -> tuple[npt.NDArray[np.floating], npt.NDArray[np.floating]]:
    """Return kernel (features, labels) and bias (labels,) of the mixture.

    Args:
        heads: kernel and bias of each head.
        ingredients: the heads that are mixed.
        priors: share of each label in what a head learned, (labels,), where one is taken out.
    """
    kernel = sum(each.weight * heads[each.head][0] for each in ingredients)
    bias = sum(
        each.weight
        * (
            heads[each.head][1]
            - (each.strength * np.log(priors[each.head]) if each.strength else 0)
        )
        for each in ingredients
    )
    return np.asarray(kernel, dtype=np.float32), np.asarray(bias, dtype=np.float32)


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


def read_priors(
    heads: Sequence[str],
    labels: tuple[str, ...],
    data: Path | None,
    sources: Sequence[Source],
    spec: InputSpec,
) -> dict[str, Shares]:
    """Return the share of each label in what each head learned, (labels,).

    Raises:
        TrainError: the data set of a head is not given.
    """
    own = {source.name: source for source in sources}
    priors = {}
    for head in heads:
        if head in HEADS and data is not None:
            faces = read_dataset(data, spec).split("train")
        elif head in own:
            faces = read_sources([own[head]], spec)[0].train
        else:
            option = "--data PATH" if head in HEADS else f"--also {head}=PATH"
            raise TrainError(f"taking out the prior of {head} requires {option}")
        soft = make_target(faces, head if head in HEADS else HEADS[0], labels).soft
        shares = soft.sum(axis=0, dtype=np.float64)
        priors[head] = np.maximum(shares, 1) / np.maximum(shares, 1).sum()
    return priors

"""Accuracy of mixtures of a checkpoint's heads, on the development sets.

The geometric mean of heads on one backbone is one linear head, so a mixture costs nothing in the
model file. Every mixture of eighths, with none, a part or all of each head's prior taken out
(Menon et al. 2021, arXiv:2007.07314), is measured on the sets of `strangers`; those with the fewest
false alarms come first, and among them those that are right most often.

Needs: what `strangers` needs; Keras; a checkpoint trained with `--also`.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import numpy.typing as npt

from export.description import CROP
from train.data.development import NHFI
from train.data.faceset import LABELS
from train.data.sources import Source
from train.data.targets import MIXED
from train.expression.mix import read_priors
from train.runs.checkpoint import read_checkpoint

from ..harness.machine import read_versions
from ..harness.options import add_data
from ..harness.report import Report
from ..harness.table import Table
from ..inputs.public_test import require_data
from .strangers import Asked, measure_one

EIGHTHS = 8
STRENGTHS = (0.0, 0.3, 0.6, 1.0)  # of the logarithm of the prior, taken off the logits
LIMITS = {"20–39": 0.02, "40–59": 0.03, "60 and more": 0.08}  # false alarms aimed at
SHOWN = 12  # mixtures
Array = npt.NDArray[np.floating]


class Mixture(NamedTuple):
    """Weights of heads, and how much of its prior is taken out of each."""

    weights: dict[str, float]
    strengths: dict[str, float]

    def __str__(self) -> str:
        """Return what the table calls it: parts of heads, and the priors taken out."""
        return " + ".join(
            f"{weight:g} {head}" + f" - {self.strengths[head]:g} prior" * bool(self.strengths[head])
            for head, weight in self.weights.items()
        )


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    parser.add_argument("checkpoint", type=Path, help="a .keras file with several heads")
    add_data(parser)


def measure(options: argparse.Namespace) -> Report:
    """Measure every head and every mixture; print the best."""
    folder = require_data(options.data)
    model, record = read_checkpoint(options.checkpoint)
    heads = [h for h, labels in record.heads.items() if labels == LABELS and h != MIXED]
    ask = _remember(model)
    sources = [Source("nhfi", folder / NHFI, "test")]
    priors = read_priors(heads, LABELS, folder, sources, record.input)
    found = {}
    for mixture in list_mixtures(heads):
        asked = Asked(str(mixture), LABELS, _mix(ask, mixture, priors), None, record.input, CROP)
        found[str(mixture)] = measure_one(asked, folder)
    alone = [name for name in found if " + " not in name]
    best = sorted(found, key=lambda name: rank(found[name]))[:SHOWN]
    columns = [name for name in next(iter(found.values())) if not name.endswith("ECE")]
    rows = [
        [mixture, *(f"{100 * found[mixture][name]:.1f}" for name in columns)]
        for mixture in [*alone, *best]
    ]
    return Report(
        f"mixtures: {options.checkpoint.name}, {len(found)} mixtures",
        [Table(["in %", *columns], rows, ["heads alone first, then the best mixtures"])],
        read_versions("keras", "tensorflow-cpu"),
        {mixture: found[mixture] for mixture in best},
    )


def list_mixtures(heads: list[str]) -> Iterator[Mixture]:
    """Yield every mixture of eighths; heads without a part in it are left out."""
    for parts in product(range(EIGHTHS + 1), repeat=len(heads)):
        if sum(parts) != EIGHTHS:
            continue
        weights = {h: n / EIGHTHS for h, n in zip(heads, parts, strict=True) if n}
        for strengths in product(STRENGTHS, repeat=len(weights)):
            yield Mixture(weights, dict(zip(weights, strengths, strict=True)))


def rank(figures: Mapping[str, float]) -> tuple[float, float]:
    """Return what mixtures are sorted by: false alarms above the aim, then errors on strangers."""
    excess = sum(
        max(0.0, figures[f"false alarms, {band}"] - limit) for band, limit in LIMITS.items()
    )
    right = figures["NHFI test: balanced accuracy"] + figures["search3: balanced accuracy"]
    return round(excess, 3), -right - 0.5 * figures["PublicTest, FER+: mean recall"]


def _remember(model: keras.Model) -> Callable[[npt.NDArray[np.uint8]], dict[str, Array]]:
    """Return a function that asks a model about faces once, however often it is called."""
    known: dict[int, dict[str, Array]] = {}

    def ask(images: npt.NDArray[np.uint8]) -> dict[str, Array]:
        if id(images) not in known:
            known[id(images)] = model.predict(images, batch_size=256, verbose=0)
        return known[id(images)]

    return ask


def _mix(
    ask: Callable[[npt.NDArray[np.uint8]], dict[str, Array]],
    mixture: Mixture,
    priors: Mapping[str, Array],
) -> Callable[[npt.NDArray[np.uint8]], Array]:
    def run(images: npt.NDArray[np.uint8]) -> Array:
        given = ask(images)
        logits = sum(
            weight * (np.log(given[head] + 1e-9) - mixture.strengths[head] * np.log(priors[head]))
            for head, weight in mixture.weights.items()
        )
        scores = np.exp(logits - np.max(logits, axis=1, keepdims=True))
        return np.asarray(scores / scores.sum(axis=1, keepdims=True))

    return run

"""Accuracy of mixtures of a checkpoint's heads, on the development sets.

The geometric mean of heads on one backbone is one linear head, so a mixture costs nothing in the
model file. For every mixture of eighths, a prior is chosen as the export does, on all faces, and on
one half for the other, both ways, four times: the last columns are what is to be expected of faces
that were not chosen on.

Needs: what `strangers` needs; Keras; a checkpoint trained with `--also`.
"""

import argparse
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from export.development import Development, Sample, ask_development
from export.prior import choose_prior, cross_fit_prior, measure_prior
from train.data.faceset import LABELS
from train.data.targets import HEADS, MIXED, true_labels
from train.runs.checkpoint import read_checkpoint

from ..harness.machine import read_versions
from ..harness.options import add_data
from ..harness.report import Report
from ..harness.table import Table
from ..inputs.public_test import read_split, require_data

EIGHTHS = 8
CROWD = HEADS[1]
SHOWN = 16  # mixtures
Array = npt.NDArray[np.floating]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    parser.add_argument("checkpoint", type=Path, help="a .keras file with several heads")
    add_data(parser)


def measure(options: argparse.Namespace) -> Report:
    """Measure every mixture; print those that read strangers best."""
    asked = ask_heads(options.checkpoint, require_data(options.data))
    figures: dict[str, dict[str, Any]] = {}
    for weights in list_mixtures(list(asked)):
        sets = mix_answers(asked, weights)
        prior = choose_prior(sets)
        answers = (sets.home.counted.probabilities * np.exp(-prior)).argmax(axis=1)
        figures[" + ".join(f"{weight:g} {head}" for head, weight in weights.items())] = {
            "accuracy": float((answers == sets.home.counted.answers).mean()),
            "chosen on all": measure_prior(sets, prior),
            "cross-fitted": cross_fit_prior(sets),
        }
    best = sorted(figures, key=lambda name: -_sum(figures[name]["cross-fitted"]))[:SHOWN]
    columns = list(figures[best[0]]["chosen on all"])
    rows = [
        [name, f"{100 * figures[name]['accuracy']:.1f}"]
        + [_write(figures[name], column) for column in columns]
        for name in best
    ]
    named = ["FER+: accuracy", "FER+: mean recall", "NHFI", "search3", *columns[3:]]
    return Report(
        f"mixtures: {options.checkpoint.name}, {len(figures)} mixtures, those that read strangers "
        "best",
        [Table(["in %: prior chosen on all / cross-fitted", *named], rows)],
        read_versions("keras", "tensorflow-cpu"),
        {name: figures[name] for name in best},
    )


def ask_heads(path: Path, folder: Path) -> dict[str, Development]:
    """Return what every head that was trained answers on the development sets."""
    model, record = read_checkpoint(path)
    heads = [h for h, labels in record.heads.items() if labels == LABELS and h != MIXED]
    faces = read_split(folder, "PublicTest")
    given = model.predict(faces.images, batch_size=256, verbose=0)
    truth = true_labels(faces, CROWD, LABELS)
    return {
        head: ask_development(model, record, head, LABELS, Sample(given[head], truth), folder)
        for head in heads
    }


def list_mixtures(heads: list[str]) -> Iterator[dict[str, float]]:
    """Yield the weights of every mixture of eighths; heads without a part are left out."""
    for parts in product(range(EIGHTHS + 1), repeat=len(heads)):
        if sum(parts) == EIGHTHS:
            yield {h: n / EIGHTHS for h, n in zip(heads, parts, strict=True) if n}


def mix_answers(asked: Mapping[str, Development], weights: Mapping[str, float]) -> Development:
    """Return what a mixture of heads answers."""
    sets = [asked[head] for head in weights]
    values = list(weights.values())

    def mix(given: list[Array]) -> Array:
        means = np.prod([p**w for w, p in zip(values, given, strict=True)], axis=0)
        return np.asarray(means / means.sum(axis=1, keepdims=True))

    def join(samples: list[Sample]) -> Sample:
        return Sample(mix([s.probabilities for s in samples]), samples[0].answers)

    return Development(
        join([each.home for each in sets]),
        [join([each.strangers[i] for each in sets]) for i in range(len(sets[0].strangers))],
        {band: mix([each.plain[band] for each in sets]) for band in sets[0].plain},
    )


def _sum(figures: Mapping[str, float]) -> float:
    return sum(value for name, value in figures.items() if name.startswith("strangers"))


def _write(found: Mapping[str, Any], name: str) -> str:
    return f"{100 * found['chosen on all'][name]:.1f} / {100 * found['cross-fitted'][name]:.1f}"

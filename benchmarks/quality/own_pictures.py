"""What a few pictures of one's own are worth: `python -m train finetune` on draws of two data sets.

Each draw is fitted as the command would, and measured on pictures of the same source that were not
drawn: posed faces with the seven labels (NHFI), and smile or not (LFW), which no head knows.

Needs: nhfi.zip, lfw_smiles.zip and FER2013 in one folder; Keras; a checkpoint that learned from
neither.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from train.data.faceset import LABELS, FaceSet, draw
from train.data.folds import Groups, group_faces
from train.data.formats import read_parts
from train.expression.finetune.cross_validation import Features
from train.expression.finetune.fitting import compute_features, fit_own
from train.expression.finetune.head import Head
from train.expression.finetune.starts import Origin, open_origin

from ..harness.machine import read_versions
from ..harness.options import add_data
from ..harness.report import Report
from ..harness.table import Table, to_percent
from ..inputs.public_test import require_data

SIZES = (60, 300, 1500)
INIT = Path("checkpoints/compact-5.keras")
SMILES = ("plain", "smile")
MOST = 3000  # pictures of a set that are looked at
HOME = "PublicTest, original labels"


class Source(NamedTuple):
    """Faces that draws are made from, and what the network makes of them."""

    features: Features
    truth: npt.NDArray[np.int64]
    groups: Groups
    origin: Origin


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    parser.add_argument(
        "--init", type=Path, default=INIT, help=f"the checkpoint to start from (default: {INIT})"
    )
    parser.add_argument("--draws", type=int, default=3, help="draws of each size (default: 3)")
    add_data(parser)


def measure(options: argparse.Namespace) -> Report:
    """Fit and measure every draw: one row a size and set."""
    folder = require_data(options.data)
    posed = open_source(read_posed(folder, options.init), LABELS, options.init)
    home = open_source(read_home(folder, options.init), LABELS, options.init)
    smiles = open_source(read_smiles(folder, options.init), SMILES, options.init)
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for name, source, elsewhere in (("NHFI", posed, home), ("smile or not", smiles, None)):
        figures[name] = {
            str(size): average(
                [measure_draw(source, size, seed, elsewhere) for seed in range(options.draws)]
            )
            for size in SIZES
        }
    columns = ["in %; mean over draws", *next(iter(figures["NHFI"].values()))]
    rows = [
        [f"{name}, {size}", *(to_percent(found[c]) if c in found else "–" for c in columns[1:])]
        for name, sizes in figures.items()
        for size, found in sizes.items()
    ]
    return Report(
        f"own pictures: {options.init.name}, {options.draws} draws of each size",
        [Table(columns, rows)],
        read_versions("keras", "tensorflow-cpu", "numpy"),
        {"draws": options.draws, "init": options.init.name, "sets": figures},
    )


def read_posed(folder: Path, init: Path) -> FaceSet:
    """Read the training part of NHFI, the seven labels."""
    spec = open_origin(init).record.input
    return read_parts(folder / "nhfi.zip", spec).split("train").choose(LABELS)


def read_home(folder: Path, init: Path) -> FaceSet:
    """Read PublicTest, to see what is forgotten."""
    return read_parts(folder, open_origin(init).record.input).split("PublicTest").choose(LABELS)


def read_smiles(folder: Path, init: Path) -> FaceSet:
    """Read faces that smile and faces that do not, as labels of their own."""
    faces = read_parts(folder / "lfw_smiles.zip", open_origin(init).record.input)
    faces = draw(faces, MOST, 0)
    return FaceSet(
        **{
            **vars(faces),
            "original": (faces.columns["smile"] == "1").astype(np.int64),
            "labels": SMILES,
        }
    )


def open_source(faces: FaceSet, labels: tuple[str, ...], init: Path) -> Source:
    """Pass faces through the network once, for all draws."""
    origin = open_origin(init, labels)
    features = compute_features(origin.backbone, faces.images)
    return Source(features, faces.original, group_faces(faces), origin)


def measure_draw(
    source: Source, size: int, seed: int, elsewhere: Source | None
) -> dict[str, float]:
    """Fit one draw, each label with its share, and measure on the rest.

    Returns:
        Accuracies, and whether the fitted head was written, 1 or 0.
    """
    drawn = draw_shares(source.truth, size, seed)
    numbers, pictures, people = source.groups
    groups = Groups(numbers[drawn], pictures[drawn], people)
    fitted = fit_own(source.features.take(drawn), source.truth[drawn], source.origin, groups, seed)
    rest = ~np.isin(numbers, numbers[drawn])  # no copy of what was learned

    def rate(head: Head, where: Source, some: npt.NDArray[np.bool_]) -> float:
        given = head.logits(where.features.plain[some]).argmax(axis=1)
        return float((given == where.truth[some]).mean())

    trained = rate(fitted.trained, source, rest)
    if fitted.start:
        before = rate(fitted.start.head, source, rest)
    else:
        before = float((source.truth[rest] == np.bincount(source.truth[drawn]).argmax()).mean())
    found = {"start": before, "fitted": trained}
    found["written"] = trained if fitted.better else before
    found["fitted is written"] = float(fitted.better)
    found["held out"] = fitted.verdict.trained
    if elsewhere and fitted.start:
        every = np.ones(len(elsewhere.truth), dtype=bool)
        found[f"{HOME}: start"] = rate(fitted.start.head, elsewhere, every)
        found[f"{HOME}: fitted"] = rate(fitted.trained, elsewhere, every)
    return found


def draw_shares(truth: npt.NDArray[np.int64], size: int, seed: int) -> npt.NDArray[np.bool_]:
    """Draw so many faces at random, each label with its share: bool array (n,)."""
    order = np.random.default_rng(seed).permutation(len(truth))
    rank = np.zeros(len(truth))  # place of each face among those of its label, as a share
    for label in np.unique(truth):
        of = order[truth[order] == label]
        rank[of] = (np.arange(len(of)) + 0.5) / len(of)
    drawn = np.zeros(len(truth), dtype=bool)
    drawn[np.argsort(rank, kind="stable")[:size]] = True
    return drawn


def average(draws: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the mean of every figure."""
    return {name: float(np.mean([draw[name] for draw in draws])) for name in draws[0]}

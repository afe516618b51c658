"""How often crops without a face get a confident label, and how often sharp and blurred faces do.

5 % of what is no face may get one.

Needs: scikit-image's pictures (`pip install --no-deps scikit-image`); FER2013 with its own splits,
for the faces.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress
from statistics import fmean
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

import fer_onnx
from fer_onnx.classifier import Classifier
from fer_onnx.prediction import Prediction
from fer_onnx.reader import read_whole
from train.data.faceset import VOTES, FaceSet

from ..harness.machine import read_versions
from ..harness.options import add_data, add_model, add_seed
from ..harness.report import Report
from ..harness.table import Table, judge_limit
from ..inputs.nonface_windows import (
    DRAWN,
    GET_PICTURES,
    PHOTOGRAPHED,
    cut_windows,
    draw_windows,
    find_pictures,
)
from ..inputs.public_test import SPLIT, read_public_test

LIMIT = 5  # % of what is no face may get a confident label
SHRUNK = (24, 16, 10)  # pixels
BLURS = (0.5, 1, 2)  # standard deviation in pixels, of faces of 48×48


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add_model(parser)
    add_data(parser)
    parser.add_argument(
        "--windows", type=int, default=1000, help="pictures of each kind (default: 1000)"
    )
    add_seed(parser, "what they show")


def measure(options: argparse.Namespace) -> Report:
    """Ask the model about everything, as `fer-onnx predict --faces whole` does."""
    model = fer_onnx.load(options.model)
    kinds, notes = list_kinds(options.windows, options.seed)
    given = {kind: _read(model, windows) for kind, windows in kinds.items()}
    shares = {kind: _share(predictions) for kind, predictions in given.items()}
    rows = [_describe(kind, predictions) for kind, predictions in given.items()]
    figures: dict[str, Any] = {
        "version": model.info.version,
        "certain": fmean(shares.values()),
        "kinds": shares,
    }
    tables = []
    if options.data:
        faces, answers = read_public_test(options.data, model)
        rows += _describe_voted(model, faces)
        counts = answers >= 0
        table, figures["faces"] = compare_faces(
            model, list(_open(faces.take(counts))), answers[counts]
        )
        tables.append(table)
    nonfaces = Table(
        ["no face", "pictures", "certain, %", "of those", "illegible, %"],
        rows,
        [*_judge_shares(shares), *notes],
    )
    return Report(
        f"nonfaces: {model.info.name}, certain from a score of {model.info.uncertain_below:g}",
        [nonfaces, *tables],
        read_versions("fer-onnx", "onnxruntime", "pillow", "scikit-image"),
        {model.info.name: figures},
    )


def list_kinds(count: int, seed: int) -> tuple[dict[str, Iterable[Image.Image]], list[str]]:
    """List pictures without a face, by kind, and notes on what is missing."""
    kinds: dict[str, Iterable[Image.Image]] = {
        kind: draw_windows(draw, count, seed) for kind, draw in DRAWN.items()
    }
    try:
        folder = find_pictures()
    except FileNotFoundError as exc:
        return kinds, [f"{', '.join(PHOTOGRAPHED)}: skipped ({exc}); get it with  {GET_PICTURES}"]
    for kind, names in PHOTOGRAPHED.items():
        kinds[kind] = cut_windows([folder / name for name in names], count, seed)
    return kinds, []


def compare_faces(
    model: Classifier, faces: Sequence[Image.Image], answers: npt.NDArray[np.int64]
) -> tuple[Table, dict[str, float]]:
    """Count how many faces get a confident label, sharp, shrunk and blurred.

    Returns:
        A table, and the share of faces that do, by what was done to them.
    """
    changed = {"48×48, as they are": faces}
    for side in SHRUNK:  # each pixel the mean of what falls on it, as in a camera further away
        shrunk = [face.resize((side, side), Image.Resampling.BOX) for face in faces]
        changed[f"shrunk to {side}×{side}"] = shrunk
    for sigma in BLURS:
        blurred = [face.filter(ImageFilter.GaussianBlur(sigma)) for face in faces]
        changed[f"blurred, sigma {sigma:g} pixels"] = blurred
    rows, shares = [], {}
    for name, pictures in changed.items():
        predictions = _read(model, pictures)
        right = [model.labels[a] == p.label for a, p in zip(answers, predictions, strict=True)]
        certain = [not p.uncertain for p in predictions]
        high = [p.score >= model.info.uncertain_below for p in predictions]
        illegible = [not p.legible for p in predictions]
        shares[name] = fmean(certain)
        rows.append(
            [
                name,
                *(_percent(certain), _percent(compress(right, certain)), _percent(illegible)),
                *(_percent(high), _percent(compress(right, high)), _most_often(predictions)),
            ]
        )
    columns = [
        f"{len(faces)} faces of {SPLIT}",
        *("certain, %", "right of those, %", "illegible, %"),
        *("score high, %", "right of those, %", "most often"),
    ]
    return Table(columns, rows), shares


def _read(model: Classifier, pictures: Iterable[Image.Image]) -> list[Prediction]:
    return [read_whole(picture, model=model)[0].prediction for picture in pictures]


def _open(faces: FaceSet) -> Iterator[Image.Image]:
    return map(Image.fromarray, faces.images[..., 0])


def _describe_voted(model: Classifier, faces: FaceSet) -> Iterator[list[str]]:
    """Describe the pictures of the data set that most people call no face, if there are votes."""
    if faces.votes is not None:
        voted = faces.votes[:, VOTES.index("not a face")] * 2 > faces.votes.sum(axis=1)
        yield _describe(f"{SPLIT}, by vote no face", _read(model, _open(faces.take(voted))))


def _describe(kind: str, predictions: Sequence[Prediction]) -> list[str]:
    certain = [p for p in predictions if not p.uncertain]
    share = _percent(not p.uncertain for p in predictions)
    illegible = _percent(not p.legible for p in predictions)
    return [kind, str(len(predictions)), share, _most_often(certain), illegible]


def _most_often(predictions: Sequence[Prediction]) -> str:
    labels = Counter(p.label for p in predictions).most_common(1)
    return f"{labels[0][0]} {100 * labels[0][1] / len(predictions):.0f} %" if labels else "–"


def _percent(values: Iterable[bool]) -> str:
    values = list(values)
    return f"{100 * fmean(values):.1f}" if values else "–"


def _share(predictions: Sequence[Prediction]) -> float:
    return fmean(not p.uncertain for p in predictions)


def _judge_shares(shares: Mapping[str, float]) -> list[str]:
    """Describe whether few enough get a confident label: of all kinds, and of the worst."""
    worst = max(shares, key=shares.__getitem__)
    mean = fmean(shares.values())
    return [
        judge_limit("certain, all kinds but the vote", 100 * mean, LIMIT, "%"),
        judge_limit(f"certain, {worst}", 100 * shares[worst], LIMIT, "%"),
    ]

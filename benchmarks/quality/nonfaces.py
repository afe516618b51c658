"""How often what is no face gets a confident label, and how often faces, sharp or not, do."""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress
from pathlib import Path
from statistics import fmean

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

import fer_onnx
from fer_onnx.classifier import Classifier
from fer_onnx.errors import FerOnnxError
from fer_onnx.prediction import Prediction
from fer_onnx.reader import read_whole
from train.data.faceset import VOTES, FaceSet
from train.errors import DataError

from .judged import SPLIT, read_judged
from .machine import describe_machine
from .report import judge_limit, print_rows, print_table
from .windows import DRAWN, GET_PICTURES, PHOTOGRAPHED, cut_windows, draw_windows, find_pictures

LIMIT = 5  # % of what is no face may get a confident label
SHRUNK = (24, 16, 10)  # pixels
BLURS = (0.5, 1, 2)  # standard deviation in pixels, of faces of 48×48


def build_parser() -> argparse.ArgumentParser:
    """Describe the options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nonfaces", description=__doc__)
    add = parser.add_argument
    add("model", nargs="?", default="emotions", help="a bundled model or an ONNX file")
    add(
        "--data",
        type=Path,
        default=os.environ.get("FER_DATA"),
        help="FER2013, for the figures on faces (default: $FER_DATA)",
    )
    add("--windows", type=int, default=1000, help="pictures of each kind (default: 1000)")
    add("--seed", type=int, default=0, help="of what they show")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Measure and print the tables; return 2 with one line on stderr where that cannot be."""
    args = build_parser().parse_args(argv)
    try:
        measure(args)
    except (DataError, FerOnnxError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2
    return 0


def measure(args: argparse.Namespace) -> None:
    """Ask about everything as `fer-onnx predict --faces whole` does, and print the answers."""
    model = fer_onnx.load(args.model)
    faces, answers = read_judged(args.data, model) if args.data else (None, None)
    kinds = {kind: draw_windows(draw, args.windows, args.seed) for kind, draw in DRAWN.items()}
    missing = []
    try:
        folder = find_pictures()
        for kind, names in PHOTOGRAPHED.items():
            kinds[kind] = cut_windows([folder / name for name in names], args.windows, args.seed)
    except FileNotFoundError as exc:
        missing = [f"{', '.join(PHOTOGRAPHED)}: skipped ({exc}); get it with  {GET_PICTURES}"]
    given = {kind: _read(model, windows) for kind, windows in kinds.items()}
    rows = [_describe(kind, predictions) for kind, predictions in given.items()]
    if faces is not None:
        voted = faces.votes[:, VOTES.index("not a face")] * 2 > faces.votes.sum(axis=1)
        rows.append(_describe(f"{SPLIT}, by vote no face", _read(model, _open(faces.take(voted)))))
    print_table(
        f"nonfaces: {model.info.name}, certain from a score of {model.info.uncertain_below:g}",
        describe_machine("fer-onnx", "onnxruntime", "pillow", "scikit-image"),
        ["no face", "pictures", "certain, %", "of those", "illegible, %"],
        rows,
        [*_judge_shares(given), *missing],
    )
    if faces is not None:
        counts = answers >= 0
        print()
        print_faces(model, list(_open(faces.take(counts))), answers[counts])


def print_faces(
    model: Classifier, faces: Sequence[Image.Image], answers: npt.NDArray[np.int64]
) -> None:
    """Print how many faces get a confident label, sharp, shrunk and blurred."""
    changed = {"48×48, as they are": faces}
    for side in SHRUNK:  # each pixel the mean of what falls on it, as in a camera further away
        shrunk = [face.resize((side, side), Image.Resampling.BOX) for face in faces]
        changed[f"shrunk to {side}×{side}"] = shrunk
    for sigma in BLURS:
        blurred = [face.filter(ImageFilter.GaussianBlur(sigma)) for face in faces]
        changed[f"blurred, sigma {sigma:g} pixels"] = blurred
    rows = []
    for name, pictures in changed.items():
        predictions = _read(model, pictures)
        right = [model.labels[a] == p.label for a, p in zip(answers, predictions, strict=True)]
        certain = [not p.uncertain for p in predictions]
        high = [p.score >= model.info.uncertain_below for p in predictions]
        illegible = [not p.legible for p in predictions]
        rows.append(
            [
                name,
                *(_percent(certain), _percent(compress(right, certain)), _percent(illegible)),
                *(_percent(high), _percent(compress(right, high)), _most_often(predictions)),
            ]
        )
    print_rows(
        [
            f"{len(faces)} faces of {SPLIT}",
            *("certain, %", "right of those, %", "illegible, %"),
            *("score high, %", "right of those, %", "most often"),
        ],
        rows,
    )


def _read(model: Classifier, pictures: Iterable[Image.Image]) -> list[Prediction]:
    return [read_whole(picture, model=model)[0].prediction for picture in pictures]


def _open(faces: FaceSet) -> Iterator[Image.Image]:
    return map(Image.fromarray, faces.images[..., 0])


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


def _judge_shares(given: Mapping[str, Sequence[Prediction]]) -> list[str]:
    """Say whether few enough get a confident label: of all kinds together, and of the worst."""
    shares = {
        kind: 100 * fmean(not p.uncertain for p in predictions)
        for kind, predictions in given.items()
    }
    worst = max(shares, key=shares.__getitem__)
    return [
        judge_limit("certain, all kinds but the vote", fmean(shares.values()), LIMIT, "%"),
        judge_limit(f"certain, {worst}", shares[worst], LIMIT, "%"),
    ]


if __name__ == "__main__":
    sys.exit(main())

"""Which crop turns a detector's box into what a model was trained on: size, centre, border."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np

import fer_onnx
from fer_onnx.crop import clip, square_around
from fer_onnx.detector import DETECTORS, Detector, load_detector
from fer_onnx.errors import FerOnnxError
from fer_onnx.metadata import Crop
from train.errors import DataError

from .judged import SPLIT, read_judged
from .machine import describe_machine
from .report import judge_limit, print_rows, print_table
from .sample import Sample, count_lost, join, say_worse
from .scenes import SIDES, SIZE, Finding, find_known, measure_jitter

SCALES = (0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.2)
SHIFTS = (-0.05, 0.0, 0.05)  # down; to a side, faces being as often mirrored, nothing is gained
GAPS = {  # between the face and an edge of the picture, as a share of the face's side
    "up to 5 % of the face from the edge": (0.0, 0.05),
    "5 to 30 % of the face beyond it": (-0.3, -0.05),
}
LIMIT = 2  # points of accuracy that finding and cutting out may cost
EVEN = 3**0.5  # numbers drawn evenly from ±a have the standard deviation a ÷ √3


def build_parser() -> argparse.ArgumentParser:
    """Describe the options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crop", description=__doc__)
    add = parser.add_argument
    add("model", nargs="?", default="emotions", help="a bundled model or an ONNX file")
    add(
        "--data", type=Path, default=os.environ.get("FER_DATA"), help="FER2013 (default: $FER_DATA)"
    )
    add("--detector", default=DETECTORS[0], choices=DETECTORS, help="what finds the faces")
    add("--faces", type=int, default=1500, help="how many are tried (default: 1500)")
    add("--seed", type=int, default=0, help="of which faces, how large and where")
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
    """Find faces whose place is known, read them by every crop, and print what came of it."""
    model, detector = fer_onnx.load(args.model), load_detector(args.detector)
    faces, answers = read_judged(args.data, model)
    order = np.random.default_rng(args.seed).permutation(np.flatnonzero(answers >= 0))
    sample = Sample(model, faces.images[..., 0], answers, order[: args.faces], args.seed)
    findings = find_known(sample.build_scenes(), detector)
    if not findings:
        raise DataError(f"{args.detector} found none of {len(sample.tried)} faces")
    print_table(
        f"crop: {args.detector} on {len(sample.tried)} faces of {SPLIT}, enlarged to "
        f"{SIDES[0]}–{SIDES[1]} pixels, in pictures of {SIZE}×{SIZE}",
        describe_machine("fer-onnx", "onnxruntime", "pillow", args.detector),
        ["face ÷ longer side of its box", "median", "sd", "even ± of that sd", "5 %", "95 %"],
        list(_describe_jitter(findings)),
        [
            f"found: {_percent(len(findings) / len(sample.tried))} % of the faces",
            f"median side ÷ box: {np.exp(np.median(measure_jitter(findings)[:, 0])):.3f}",
            "",
        ],
    )
    best = print_crops(sample, findings)
    print()
    print_borders(sample, detector, best)


def print_crops(sample: Sample, findings: Sequence[Finding]) -> Crop:
    """Print how the faces found are read by every crop, best first; give the best.

    The best is the one of the lowest log loss: accuracies of neighbours differ by chance.
    """
    own, name = sample.model.info.crop, sample.model.info.name
    crops = [Crop(scale, 0.0, shift, own.border) for scale, shift in product(SCALES, SHIFTS)]
    read = {crop: sample.read_crops(findings, crop) for crop in [*crops, own]}
    ranked = sorted(read, key=lambda crop: float(read[crop].loss.mean()))
    originals, best = sample.read_originals(findings), ranked[0]
    ways = {
        "as the data set has them": originals,
        "enlarged, cut out where they stand": sample.read_places(findings),
        **{_name(crop): read[crop] for crop in ranked},
    }
    lost, error = count_lost(originals, read[own])
    print_rows(
        ["faces found", "log loss", "right, %", "points lost", "± se"],
        [
            [
                way,
                f"{r.loss.mean():.3f}",
                _percent(r.right.mean()),
                *(f"{n:.1f}" for n in count_lost(originals, r)),
            ]
            for way, r in ways.items()
        ],
        [
            f"chosen by the numbers: {_name(best)}; in {name}: {_name(own)}"
            + ("" if own == best else f", {say_worse(read[best], read[own])}"),
            judge_limit(f"lost by the crop in {name} (± {error:.1f})", lost, LIMIT, "points"),
        ],
    )
    return best


def print_borders(sample: Sample, detector: Detector, crop: Crop) -> None:
    """Print how faces at the picture's edge are read whose crop leaves it, by border."""
    rows, by_edge, by_black = [], [], []
    for name, gaps in GAPS.items():
        findings = find_known(sample.build_scenes(gaps), detector)
        found = len(findings) / len(sample.tried)
        findings = [finding for finding in findings if _leaves_picture(finding, crop)]
        if not findings:
            rows.append([name, _percent(found), "0", *"–––––"])
            continue
        originals = sample.read_originals(findings)
        edge = sample.read_crops(findings, replace(crop, border="edge"))
        black = sample.read_crops(findings, replace(crop, border="black"))
        shares = [_percent(reading.right.mean()) for reading in (originals, edge, black)]
        losses = [f"{reading.loss.mean():.3f}" for reading in (edge, black)]
        rows.append([name, _percent(found), str(len(findings)), *shares, *losses])
        by_edge.append(edge)
        by_black.append(black)
    notes = []
    if by_edge:
        edge, black, info = join(by_edge), join(by_black), sample.model.info
        if edge.loss.mean() <= black.loss.mean():
            verdict = f"border edge; with black {say_worse(edge, black)}"
        else:
            verdict = f"border black; with edge {say_worse(black, edge)}"
        notes = [f"chosen by the numbers: {verdict}; in {info.name}: {info.crop.border}"]
    print_rows(
        [
            *("face stands", "found, %", "crop leaves picture", "as it was: right, %"),
            *("edge: right, %", "black: right, %", "edge: log loss", "black: log loss"),
        ],
        rows,
        notes,
    )


def _describe_jitter(findings: Sequence[Finding]) -> Iterator[list[str]]:
    jitter = measure_jitter(findings)
    low, medians, high = np.quantile(jitter, (0.05, 0.5, 0.95), axis=0)
    names = ("logarithm of its side", "its centre, to the right", "its centre, down")
    for name, *figures in zip(names, medians, jitter.std(axis=0), low, high, strict=True):
        median, sd, *ends = figures
        yield [name, *(f"{figure:.3f}" for figure in (median, sd, sd * EVEN, *ends))]


def _leaves_picture(finding: Finding, crop: Crop) -> bool:
    square = square_around(finding.box, crop)
    return clip(square, finding.scene.image.size) != square


def _name(crop: Crop) -> str:
    aside = f", shift_x {crop.shift_x:g}" if crop.shift_x else ""
    return f"scale {crop.scale:g}, shift_y {crop.shift_y:g}{aside}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


if __name__ == "__main__":
    sys.exit(main())

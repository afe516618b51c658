"""Which crop turns a detector's box into what a model was trained on: size, centre, border.

Faces of PublicTest are put into larger pictures, where their place is known. Finding and cutting
out may cost 2 points of accuracy against the data set's own crop.

Needs: FER2013 with its own splits; the detector, if it is not the one in the wheel.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

import fer_onnx
from fer_onnx.crop import clip, square_around
from fer_onnx.detector import Detector, load_detector
from fer_onnx.metadata import Crop
from train.errors import DataError

from ..harness.machine import read_versions
from ..harness.options import add_data, add_detector, add_model, add_seed
from ..harness.report import Report
from ..harness.table import Table, judge_limit, to_percent
from ..inputs.placed_faces import PlacedFaces, count_lost, describe_loss, join
from ..inputs.public_test import SPLIT, read_public_test
from ..inputs.scenes import SIDES, SIZE, Finding, find_known, measure_jitter

SCALES = (0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.2)
SHIFTS = (-0.05, 0.0, 0.05)  # down; to a side, faces being as often mirrored, nothing is gained
GAPS = {  # between the face and an edge of the picture, as a share of the face's side
    "up to 5 % of the face from the edge": (0.0, 0.05),
    "5 to 30 % of the face beyond it": (-0.3, -0.05),
}
LIMIT = 2  # points of accuracy that finding and cutting out may cost
EVEN = 3**0.5  # numbers drawn evenly from ±a have the standard deviation a ÷ √3


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add_model(parser)
    add_data(parser)
    add_detector(parser)
    parser.add_argument("--faces", type=int, default=1500, help="that are tried (default: 1500)")
    add_seed(parser, "which faces, how large and where")


def measure(options: argparse.Namespace) -> Report:
    """Find faces whose place is known, and read them by every crop."""
    model, detector = fer_onnx.load(options.model), load_detector(options.detector)
    faces, answers = read_public_test(options.data, model)
    order = np.random.default_rng(options.seed).permutation(np.flatnonzero(answers >= 0))
    placed = PlacedFaces(model, faces.images[..., 0], answers, order[: options.faces], options.seed)
    findings = find_known(placed.build_scenes(), detector)
    if not findings:
        raise DataError(f"{options.detector} found none of {len(placed.tried)} faces")
    jitter = Table(
        ["face ÷ longer side of its box", "median", "sd", "even ± of that sd", "5 %", "95 %"],
        list(_describe_jitter(findings)),
        [
            f"found: {to_percent(len(findings) / len(placed.tried))} % of the faces",
            f"median side ÷ box: {np.exp(np.median(measure_jitter(findings)[:, 0])):.3f}",
        ],
    )
    best, crops, figures = compare_crops(placed, findings)
    return Report(
        f"crop: {options.detector} on {len(placed.tried)} faces of {SPLIT}, enlarged to "
        f"{SIDES[0]}–{SIDES[1]} pixels, in pictures of {SIZE}×{SIZE}",
        [jitter, crops, compare_borders(placed, detector, best)],
        read_versions("fer-onnx", "onnxruntime", "pillow", options.detector),
        {
            options.detector: {
                "model": model.info.name,
                "version": model.info.version,
                "faces": len(placed.tried),
                "found": len(findings) / len(placed.tried),
                **figures,
            }
        },
    )


def compare_crops(
    placed: PlacedFaces, findings: Sequence[Finding]
) -> tuple[Crop, Table, dict[str, float]]:
    """Read the faces found by every crop.

    Returns:
        The best crop, that of the lowest log loss, since accuracies of neighbours differ by
        chance; a table, best first; and the points of accuracy that the model file's own crop
        loses, with their standard error.
    """
    own, name = placed.model.info.crop, placed.model.info.name
    crops = [Crop(scale, 0.0, shift, own.border) for scale, shift in product(SCALES, SHIFTS)]
    read = {crop: placed.read_crops(findings, crop) for crop in [*crops, own]}
    ranked = sorted(read, key=lambda crop: float(read[crop].loss.mean()))
    originals, best = placed.read_originals(findings), ranked[0]
    ways = {
        "as the data set has them": originals,
        "enlarged, cut out where they stand": placed.read_places(findings),
        **{_name(crop): read[crop] for crop in ranked},
    }
    lost, error = count_lost(originals, read[own])
    table = Table(
        ["faces found", "log loss", "right, %", "points lost", "± se"],
        [
            [
                way,
                f"{r.loss.mean():.3f}",
                to_percent(float(r.right.mean())),
                *(f"{n:.1f}" for n in count_lost(originals, r)),
            ]
            for way, r in ways.items()
        ],
        [
            f"chosen by the numbers: {_name(best)}; in {name}: {_name(own)}"
            + ("" if own == best else f", {describe_loss(read[best], read[own])}"),
            judge_limit(f"lost by the crop in {name} (± {error:.1f})", lost, LIMIT, "points"),
        ],
    )
    return best, table, {"lost": lost, "lost_error": error}


def compare_borders(placed: PlacedFaces, detector: Detector, crop: Crop) -> Table:
    """Read faces at the picture's edge whose crop leaves it, by border."""
    rows, by_edge, by_black = [], [], []
    for name, gaps in GAPS.items():
        findings = find_known(placed.build_scenes(gaps), detector)
        found = len(findings) / len(placed.tried)
        findings = [finding for finding in findings if _leaves_picture(finding, crop)]
        if not findings:
            rows.append([name, to_percent(found), "0", *"–––––"])
            continue
        originals = placed.read_originals(findings)
        edge = placed.read_crops(findings, replace(crop, border="edge"))
        black = placed.read_crops(findings, replace(crop, border="black"))
        shares = [to_percent(float(reading.right.mean())) for reading in (originals, edge, black)]
        losses = [f"{reading.loss.mean():.3f}" for reading in (edge, black)]
        rows.append([name, to_percent(found), str(len(findings)), *shares, *losses])
        by_edge.append(edge)
        by_black.append(black)
    notes = []
    if by_edge:
        edge, black, info = join(by_edge), join(by_black), placed.model.info
        if edge.loss.mean() <= black.loss.mean():
            verdict = f"border edge; with black {describe_loss(edge, black)}"
        else:
            verdict = f"border black; with edge {describe_loss(black, edge)}"
        notes = [f"chosen by the numbers: {verdict}; in {info.name}: {info.crop.border}"]
    return Table(
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

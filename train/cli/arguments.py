"""What `python -m train` takes on the command line."""

import argparse
import os
from pathlib import Path

from train.data.sources import Source

DESCRIPTION = "Train and judge networks."


def build_parser() -> argparse.ArgumentParser:
    """Make the parser of every command."""
    parser = argparse.ArgumentParser(prog="python -m train", description=DESCRIPTION)
    commands = parser.add_subparsers(dest="command", required=True)

    fit = commands.add_parser("fit", help="train a preset and leave a run folder")
    fit.add_argument("preset", help="name of the recipe; 'presets' lists them")
    _add_data(fit)
    fit.add_argument("--out", type=Path, required=True, metavar="RUN", help="the run folder")
    fit.add_argument("--labels", help="what to tell apart, such as happy,sad (default: all)")
    fit.add_argument("--head", choices=("original", "ferplus"), help="learn these labels alone")
    fit.add_argument(
        "--epochs",
        type=_number,
        help="stretch or shorten the schedule of the whole network to this many",
    )
    fit.add_argument(
        "--frozen",
        type=_number,
        metavar="EPOCHS",
        help="before these, epochs in which the heads alone learn",
    )
    fit.add_argument("--seed", type=int, help="of initialisation, order and augmentation")
    fit.add_argument("--limit", type=_count, help="learn from N faces drawn at random")
    fit.add_argument("--per-label", type=_count, metavar="N", help="learn from N faces a label")
    fit.add_argument("--side", type=_count, help="pixels of the side of what the network reads")
    start = fit.add_mutually_exclusive_group()
    start.add_argument(
        "--init", type=Path, metavar="CHECKPOINT", help="train on from the weights of a checkpoint"
    )
    start.add_argument(
        "--weights", metavar="NAME|FILE", help="of transfer-…: imagenet, none, or a file"
    )
    fit.add_argument(
        "--teacher",
        type=Path,
        action="append",
        default=[],
        metavar="CHECKPOINT",
        help="learn from its answers as well; may be given again",
    )
    fit.add_argument("--teacher-weight", type=_share, metavar="SHARE", help="of those answers")
    fit.add_argument(
        "--also",
        type=_source,
        action="append",
        default=[],
        metavar="NAME=PATH[:SPLIT]",
        help="learn from this data set as well (repeatable): in a head called NAME, measured on "
        "SPLIT, or, if it has no labels, from what the teachers are certain of",
    )
    fit.add_argument("--batch", type=_count, help="faces a step")
    fit.add_argument("--precision", default="float32", choices=("float32", "mixed_bfloat16"))
    fit.add_argument(
        "--validation",
        default="validation",
        metavar="SPLIT",
        help="by which the epoch is chosen; PublicTest/1 is one half of PublicTest",
    )
    fit.add_argument("--keep-leaks", action="store_true", help="keep faces that are in other parts")
    fit.add_argument(
        "--nonfaces",
        type=Path,
        metavar="ZIP",
        help="captioned scenes to learn from what is no face",
    )
    fit.add_argument(
        "--photos", type=Path, metavar="ZIP", help="of the preset faces: what the detector learns"
    )
    add_sightings(fit)
    fit.add_argument("--resume", action="store_true", help="go on after the last whole epoch")

    commands.add_parser("presets", help="list the recipes")

    evaluate = commands.add_parser("evaluate", help="measure a checkpoint or a model file")
    evaluate.add_argument("model", type=Path, help="a .keras checkpoint or an .onnx model file")
    _add_data(evaluate)
    evaluate.add_argument("--split", default="validation", help="such as PublicTest")
    evaluate.add_argument("--head", help="which labels of a checkpoint: original or ferplus")
    evaluate.add_argument(
        "--group-column",
        nargs=2,
        metavar=("CSV", "COLUMN"),
        help="also measure each group of faces: a table whose first column names the face as the "
        "data set does, and whose column COLUMN says which group it belongs to",
    )
    evaluate.add_argument("--out", type=Path, help="folder for metrics.json and confusion.png")

    compare = commands.add_parser("compare", help="put trainings side by side")
    compare.add_argument(
        "runs", type=Path, nargs="+", metavar="RUN|CHECKPOINT", help="a run folder, or a checkpoint"
    )
    compare.add_argument(
        "--out", type=Path, metavar="PICTURE", help="draw the curves there, as PNG"
    )
    compare.add_argument("--split", help="measure the best checkpoints on this part as well")
    _add_data(compare)

    widen = commands.add_parser("widen", help="make a wider checkpoint that answers the same")
    widen.add_argument("checkpoint", type=Path, help="of the preset compact")
    widen.add_argument("out", type=Path, help="the wider checkpoint, for fit --init")
    widen.add_argument(
        "--widths",
        type=_counts,
        required=True,
        help="channels of the stem and of each stage, such as 32,64,128,256",
    )

    average = commands.add_parser("average", help="average checkpoints that were trained alike")
    average.add_argument(
        "checkpoints", type=Path, nargs="+", metavar="CHECKPOINT", help="trained from the same one"
    )
    average.add_argument("--out", type=Path, required=True, help="the checkpoint of their average")
    average.add_argument("--split", default="validation", help="on which all are measured")
    _add_data(average)

    audit = commands.add_parser(
        "audit", help="find copies, contradicting labels, blanks and non-faces in a data set"
    )
    _add_data(audit)
    audit.add_argument("--format", default="text", choices=("text", "json"))
    return parser


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        default=os.environ.get("FER_DATA"),
        help="FER2013 in any form, or a folder of label folders (default: $FER_DATA)",
    )


def add_sightings(parser: argparse.ArgumentParser) -> None:
    """Let a command take the file of what the packaged detectors saw."""
    parser.add_argument(
        "--sightings",
        type=Path,
        default=Path("runs/sightings.jsonl"),
        metavar="FILE",
        help="what the packaged detectors see in the photographs, asked for once and kept there "
        "(default: runs/sightings.jsonl)",
    )


def _source(text: str) -> Source:
    try:
        return Source.parse(text)
    except ValueError as exc:
        raise argparse.ArgumentTypeError(str(exc)) from exc


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1: {text!r}")
    return share


def _count(text: str, least: int = 1) -> int:
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"expected a whole number of {least} or more: {text!r}")
    return int(text)


def _counts(text: str) -> tuple[int, ...]:
    return tuple(_count(part) for part in text.split(","))


def _number(text: str) -> int:
    return _count(text, least=0)

"""The arguments of `fer-onnx evaluate`."""

import argparse

from .commands import run_evaluate
from .values import read_count, read_labels


def add_evaluate(evaluate: argparse.ArgumentParser, model: str) -> None:
    """Add the arguments of the command.

    Args:
        evaluate: its parser.
        model: help for --model.
    """
    evaluate.set_defaults(run=run_evaluate)
    add = evaluate.add_argument
    add(
        "source",
        metavar="FOLDER|CSV",
        help="a folder with one sub-folder of pictures per label, or a CSV table with the columns "
        "file and label",
    )
    add(
        "--model",
        action="append",
        metavar="NAME|FILE",
        help=f"{model}; given twice, the two are compared",
    )
    add(
        "--faces",
        choices=("auto", "detect", "whole"),
        default="auto",
        help="as in predict: auto (default) finds faces if the longer side is above 128 px",
    )
    add(
        "--labels",
        type=read_labels,
        metavar="A,B",
        help="consider only these labels (default: those that the models have in common)",
    )
    add(
        "--min-face",
        type=read_count,
        metavar="PX",
        help="height in pixels of the smallest face, as in predict",
    )
    add("--detector", metavar="NAME", help="face detector, as in predict (default: faces)")
    _add_run(evaluate)


def _add_run(evaluate: argparse.ArgumentParser) -> None:
    add = evaluate.add_argument
    add(
        "--format",
        choices=("text", "json"),
        default="text",
        help="text (default), or one JSON object",
    )
    add(
        "--out",
        metavar="DIR",
        help="also write report.png, metrics.json and answers.csv, which has a row per picture",
    )
    add(
        "--threads",
        type=read_count,
        metavar="N",
        help="threads for one face (default: $FER_ONNX_THREADS, or 1)",
    )
    add(
        "--workers",
        type=read_count,
        default=1,
        metavar="N",
        help="number of worker processes (default: 1)",
    )

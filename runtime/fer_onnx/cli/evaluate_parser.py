"""The arguments of `fer-onnx evaluate`."""

import argparse

from .arguments import add_answer_format, add_threads, add_workers
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
    add_answer_format(evaluate)
    add(
        "--out",
        metavar="DIR",
        help="also write report.png, metrics.json, answers.csv, which has a row per picture, and "
        "records.jsonl, from which an interrupted run is resumed",
    )
    add("--resume", action="store_true", help="resume an interrupted run from DIR")
    add_threads(evaluate)
    add_workers(evaluate)

"""The arguments that several commands of `fer-onnx` take, worded once."""

import argparse

from .values import read_count, read_labels, read_score


def add_answers(parser: argparse.ArgumentParser, model: str) -> None:
    """Let a command take a model, and what of its answers counts; `model` is help for --model."""
    add = parser.add_argument
    add("--model", metavar="NAME|FILE", help=model)
    add(
        "--labels",
        type=read_labels,
        metavar="A,B",
        help="consider only these labels, e.g. happy,sad; their scores are rescaled to sum to 1",
    )
    add(
        "--min-score",
        type=read_score,
        metavar="P",
        help="mark predictions with a lower score as uncertain (default: the model's threshold)",
    )


def add_threads(parser: argparse.ArgumentParser) -> None:
    """Let a command take a number of threads."""
    parser.add_argument(
        "--threads",
        type=read_count,
        metavar="N",
        help="threads for one face (default: $FER_ONNX_THREADS, or 1)",
    )


def add_workers(parser: argparse.ArgumentParser) -> None:
    """Let a command take a number of worker processes."""
    parser.add_argument(
        "--workers",
        type=read_count,
        default=1,
        metavar="N",
        help="number of worker processes (default: 1)",
    )


def add_answer_format(parser: argparse.ArgumentParser) -> None:
    """Let a command answer in text or in JSON."""
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="text (default), or one JSON object",
    )

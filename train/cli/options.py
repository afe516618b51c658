"""Options that several commands take, and how their values are read."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from train.errors import TrainError

if TYPE_CHECKING:
    from train.data.sources import Source


def add_data(parser: argparse.ArgumentParser) -> None:
    """Let a command take a data set of faces."""
    parser.add_argument(
        "--data",
        type=Path,
        default=os.environ.get("FER_DATA"),
        help="FER2013 in any form, a folder with one sub-folder per label, or a CSV table with the "
        "columns file and label (default: $FER_DATA)",
    )


def require_data(args: argparse.Namespace) -> Path:
    """Return the data set.

    Raises:
        TrainError: none was given.
    """
    if args.data is None:
        raise TrainError("no data: give --data PATH or set FER_DATA")
    return Path(args.data)


def add_training(parser: argparse.ArgumentParser, unit: str) -> None:
    """Let a command take what every training takes; `unit` is what a batch counts."""
    parser.add_argument("--out", type=Path, required=True, metavar="RUN", help="the run folder")
    parser.add_argument(
        "--batch", type=count, help=f"batch size, in {unit} (default: that of the recipe)"
    )
    parser.add_argument(
        "--seed",
        type=int,
        help="random seed of initialisation, order and augmentation (default: that of the recipe)",
    )
    parser.add_argument(
        "--precision",
        default="float32",
        choices=("float32", "mixed_bfloat16"),
        help="numeric precision of the training (default: float32); mixed_bfloat16 is faster on "
        "processors that support it",
    )
    parser.add_argument(
        "--resume", action="store_true", help="resume RUN after its last complete epoch"
    )


def add_also(parser: argparse.ArgumentParser, purpose: str) -> None:
    """Let a command take further data sets; `purpose` is what they are for."""
    parser.add_argument(
        "--also",
        type=parse_source,
        action="append",
        default=[],
        metavar="NAME=PATH[:SPLIT]",
        help=purpose,
    )


def parse_source(text: str) -> "Source":
    """Read NAME=PATH[:SPLIT]; argparse reports what is wrong with it."""
    from train.data.sources import Source

    try:
        return Source.parse(text)
    except ValueError as exc:
        raise argparse.ArgumentTypeError(str(exc)) from exc


def add_detections(parser: argparse.ArgumentParser) -> None:
    """Let a command take the file of the teacher detections."""
    parser.add_argument(
        "--detections",
        type=Path,
        default=Path("runs/detections.jsonl"),
        metavar="FILE",
        help="cache of the teacher detectors' output (default: runs/detections.jsonl)",
    )
    parser.add_argument("--sightings", type=Path, action=_Renamed, help=argparse.SUPPRESS)


def share(text: str) -> float:
    """Read a number from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1: {text!r}")
    return value


def count(text: str, least: int = 1) -> int:
    """Read a whole number of 1 or more."""
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"expected a whole number of {least} or more: {text!r}")
    return int(text)


def counts(text: str) -> tuple[int, ...]:
    """Read whole numbers of 1 or more, as in 32,64."""
    return tuple(count(part) for part in text.split(","))


def number(text: str) -> int:
    """Read a whole number of 0 or more."""
    return count(text, least=0)


class _Renamed(argparse.Action):
    """The name that `--detections` had in version 0.4.0."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        print("warning: --sightings is now --detections", file=sys.stderr)
        namespace.detections = values

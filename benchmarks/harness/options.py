"""Options that benchmarks share."""

import argparse
import os
from pathlib import Path

DEFAULT, DETECTOR = "emotions", "faces"


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add the model that is measured, the default if none is given."""
    parser.add_argument(
        "model",
        nargs="?",
        default=DEFAULT,
        metavar="MODEL",
        help=f"a bundled model or an ONNX file (default: {DEFAULT})",
    )


def add_detector(parser: argparse.ArgumentParser) -> None:
    """Add the detector that finds the faces, the one in the wheel if none is given."""
    parser.add_argument(
        "--detector",
        default=DETECTOR,
        metavar="NAME",
        help=f"what finds the faces (default: {DETECTOR})",
    )


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add the place of FER2013."""
    parser.add_argument(
        "--data",
        type=Path,
        default=os.environ.get("FER_DATA"),
        help="FER2013 with its own splits (default: $FER_DATA)",
    )


def add_rounds(parser: argparse.ArgumentParser, rounds: int, what: str) -> None:
    """Add how often it is measured; `what` says what a round is."""
    parser.add_argument(
        "--rounds", type=int, default=rounds, metavar="N", help=f"{what} (default: {rounds})"
    )


def add_fer(parser: argparse.ArgumentParser, python: str) -> None:
    """Add the interpreter that has the package `fer`, this one by default."""
    parser.add_argument(
        "--fer", metavar="PYTHON", default=python, help="an interpreter that has fer"
    )


def add_seed(parser: argparse.ArgumentParser, what: str) -> None:
    """Add a seed; `what` says what it draws."""
    parser.add_argument("--seed", type=int, default=0, metavar="N", help=f"draws {what}")

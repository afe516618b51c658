"""`python -m train average`."""

import argparse
from pathlib import Path

from .options import add_data, require_data

HELP = "average the weights of checkpoints that started from the same one"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "checkpoints", type=Path, nargs="+", metavar="CHECKPOINT", help="trained from the same one"
    )
    parser.add_argument("--out", type=Path, required=True, help="the averaged checkpoint")
    parser.add_argument("--split", default="validation", help="on which all are measured")
    add_data(parser)


def run(args: argparse.Namespace) -> None:
    from train.expression.average import average_checkpoints

    average_checkpoints(args.checkpoints, require_data(args), args.split, args.out)

"""`python -m train widen`."""

import argparse
from pathlib import Path

from .options import counts

HELP = "widen a checkpoint without changing its output (Net2Net)"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("checkpoint", type=Path, help="of the preset compact")
    parser.add_argument("out", type=Path, help="the wider checkpoint, for fit --init")
    parser.add_argument(
        "--widths",
        type=counts,
        required=True,
        help="channels of the stem and of each stage, such as 32,64,128,256",
    )


def run(args: argparse.Namespace) -> None:
    from train.expression.widen import widen_checkpoint

    widen_checkpoint(args.checkpoint, args.widths, args.out)

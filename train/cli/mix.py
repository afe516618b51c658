"""`python -m train mix`."""

import argparse
from pathlib import Path

from train.errors import TrainError

HELP = "mix the heads of a checkpoint into one more head, which costs no time"
MOST = 10.0  # of a weight


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("checkpoint", type=Path, help="a checkpoint with several heads")
    parser.add_argument(
        "heads",
        nargs="+",
        type=parse_weight,
        metavar="HEAD=WEIGHT",
        help="a head, and the weight of its logits",
    )
    parser.add_argument("--out", type=Path, required=True, help="the new checkpoint")


def parse_weight(text: str) -> tuple[str, float]:
    """Read HEAD=WEIGHT; argparse reports what is wrong with it."""
    head, _, number = text.partition("=")
    try:
        weight = float(number)
    except ValueError:
        weight = 0.0
    if not (head and 0 < weight <= MOST):
        raise argparse.ArgumentTypeError(f"expected HEAD=WEIGHT, received {text!r}")
    return head, weight


def run(args: argparse.Namespace) -> None:
    from train.expression.mix import mix_checkpoint

    if len(dict(args.heads)) < len(args.heads):
        raise TrainError("a head is mixed once; its weight says how much")
    mix_checkpoint(args.checkpoint, dict(args.heads), args.out)

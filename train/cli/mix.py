"""`python -m train mix`."""

import argparse
from pathlib import Path

from train.errors import TrainError

from .options import add_also, add_data

HELP = "mix the heads of a checkpoint into one more head, which costs no time"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("checkpoint", type=Path, help="a checkpoint with several heads")
    parser.add_argument(
        "heads",
        nargs="+",
        metavar="HEAD=WEIGHT[:STRENGTH]",
        help="weight of a head's logits, and the share of its label prior to take out, 0 to 1 "
        "(default: 0)",
    )
    parser.add_argument("--out", type=Path, required=True, help="the new checkpoint")
    add_data(parser)
    add_also(parser, "the data set of a head, for its label prior (repeatable)")


def run(args: argparse.Namespace) -> None:
    from train.expression.mix import Ingredient, mix_checkpoint

    try:
        ingredients = [Ingredient.parse(text) for text in args.heads]
    except ValueError as exc:
        raise TrainError(str(exc)) from exc
    data = Path(args.data) if args.data else None
    mix_checkpoint(args.checkpoint, ingredients, data, args.also, args.out)

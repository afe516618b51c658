"""`python -m train compare`."""

import argparse
from pathlib import Path

from train.errors import TrainError

from .options import add_data, require_data

HELP = "put trainings side by side"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "runs", type=Path, nargs="+", metavar="RUN|CHECKPOINT", help="a run folder, or a checkpoint"
    )
    parser.add_argument("--out", type=Path, metavar="PNG", help="draw the curves there")
    parser.add_argument("--split", help="also measure the best checkpoints on this split")
    add_data(parser)


def run(args: argparse.Namespace) -> None:
    from train.expression.compare import describe_runs, read_runs
    from train.runs.curves import draw_curves

    data = require_data(args) if args.split else None
    runs = read_runs(args.runs, data, args.split)
    print("\n".join(describe_runs(runs, args.split)))
    if args.out:
        curves = [(run.name, run.record.history) for run in runs if run.record.history]
        if not curves:
            raise TrainError(f"{args.out}: no curves to draw; averages have no epochs")
        draw_curves(curves, args.out)

"""`python -m train detector`."""

import argparse
from dataclasses import replace
from pathlib import Path

from .options import add_detections, add_training, count

HELP = "train the face detector; writes a run folder"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--photos",
        type=Path,
        required=True,
        metavar="ZIP",
        help="zip of photographs to train on",
    )
    parser.add_argument(
        "--faces",
        type=Path,
        metavar="DIR",
        help="folder of fer2013.zip, nhfi.zip, utkface.zip and lfw_smiles.zip, for close-ups",
    )
    add_training(parser, "crops")
    parser.add_argument("--epochs", type=count, help="number of epochs")
    parser.add_argument(
        "--init", type=Path, metavar="CHECKPOINT", help="start from a detector's weights"
    )
    parser.add_argument("--steps", type=count, help="steps of an epoch")
    add_detections(parser)


def run(args: argparse.Namespace) -> None:
    from train.detection.fit import Plan, fit_detector

    wanted = {"epochs": args.epochs, "batch": args.batch, "seed": args.seed}
    wanted |= {"init": args.init, "faces": args.faces, "steps": args.steps}
    plan = replace(
        Plan(precision=args.precision),
        **{name: value for name, value in wanted.items() if value is not None},
    )
    fit_detector(args.photos, args.detections, args.out, plan, args.resume)

"""`python -m train finetune`."""

import argparse
from pathlib import Path

from train.errors import DataError

from .options import add_data, require_data

HELP = "fit a checkpoint to a few pictures of your own; keeps it if nothing better comes out"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--init",
        type=Path,
        required=True,
        metavar="CHECKPOINT",
        help="what to start from, e.g. checkpoints/strangers.keras, from which emotions was made",
    )
    add_data(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="RUN", help="the run folder")
    parser.add_argument("--labels", help="labels to learn, e.g. happy,sad (default: all)")
    parser.add_argument(
        "--faces",
        choices=("auto", "whole"),
        default="auto",
        help="auto (default): find the face in pictures whose longer side is above 128 px; whole: "
        "treat each picture as one face",
    )
    parser.add_argument(
        "--group-column",
        metavar="COLUMN",
        help="column of the table that names the person: all faces of one are held out together "
        "(default: by names like happy/anna/1.jpg or happy/anna_1.jpg)",
    )
    parser.add_argument(
        "--regardless",
        action="store_true",
        help="write the fitted model even if it is not shown to be better",
    )


def run(args: argparse.Namespace) -> None:
    from train.data.cutter import FaceCutter
    from train.data.folds import group_faces
    from train.data.formats import read_parts
    from train.data.pictures import count_pictures
    from train.expression.finetune.fitting import compute_features, fit_own
    from train.expression.finetune.run import (
        check_folder,
        conclude,
        describe_data,
        describe_fit,
        write_run,
    )
    from train.expression.finetune.starts import open_origin
    from train.runs.progress import Bar, print_now

    check_folder(args.out)
    origin = open_origin(args.init)
    data = require_data(args)
    bar = Bar("pictures", count_pictures(data))
    cutter = FaceCutter(origin.crop, args.faces, bar.step)
    faces = read_parts(data, origin.record.input, cutter).split("train")
    bar.end()
    args.out.mkdir(parents=True, exist_ok=True)
    cutter.write(args.out / "faces.csv")
    labels = tuple(args.labels.split(",")) if args.labels else faces.labels
    if unknown := set(labels) - set(faces.labels):
        raise DataError(
            f"{args.data}: no label {', '.join(sorted(unknown))}; it has {', '.join(faces.labels)}"
        )
    faces = faces.choose(labels)
    groups = group_faces(faces, args.group_column)
    for line in describe_data(faces, labels, cutter, groups, args.out):
        print_now(line)
    origin = open_origin(args.init, labels)
    features = compute_features(origin.backbone, faces.images)
    fitted = fit_own(features, faces.original, origin, groups)
    record = write_run(fitted, faces, labels, origin, args.init, args.out, args.regardless)
    for line in describe_fit(fitted, labels, record):
        print_now(line)
    print_now(conclude(fitted, labels, record, args.out))

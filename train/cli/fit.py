"""`python -m train fit`."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from train.errors import DataError

from .options import add_also, add_data, add_training, count, number, require_data, share

if TYPE_CHECKING:
    from train.data.faceset import FaceSet
    from train.expression.preset import Preset

HELP = "train an expression network from a preset; writes a run folder"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("preset", help="name of a preset; 'python -m train presets' lists them")
    add_data(parser)
    add_training(parser, "faces")
    parser.add_argument(
        "--epochs",
        type=number,
        help="number of epochs for the whole network; the schedule is scaled to it",
    )
    parser.add_argument(
        "--frozen",
        type=number,
        metavar="N",
        help="first train only the heads for N epochs, with the backbone frozen",
    )
    start = parser.add_mutually_exclusive_group()
    start.add_argument(
        "--init", type=Path, metavar="CHECKPOINT", help="start from a checkpoint's weights"
    )
    parser.add_argument(
        "--regardless",
        action="store_true",
        help="keep the best epoch even if it does not beat --init by more than chance",
    )
    start.add_argument(
        "--weights",
        metavar="NAME|FILE",
        help="initial weights for transfer-* presets: imagenet, none or FILE",
    )
    _add_faces(parser)
    _add_sources(parser)
    _add_teachers(parser)


def _add_faces(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--labels", help="labels to learn, e.g. happy,sad (default: all)")
    parser.add_argument("--head", choices=("original", "ferplus"), help="train only this head")
    parser.add_argument("--side", type=count, help="input size in pixels (default: the preset's)")
    parser.add_argument("--limit", type=count, metavar="N", help="train on N randomly chosen faces")
    parser.add_argument("--per-label", type=count, metavar="N", help="train on N faces per label")
    parser.add_argument(
        "--validation",
        default="validation",
        metavar="SPLIT",
        help="split that selects the best epoch; PublicTest/1 is the first half of PublicTest",
    )
    parser.add_argument(
        "--keep-leaks",
        action="store_true",
        help="keep training faces that are also in another split",
    )
    parser.add_argument(
        "--nonfaces",
        type=Path,
        metavar="ZIP",
        help="zip of photographs with captions (scenes.csv); parts of those without people are "
        "used as non-face negatives",
    )


def _add_sources(parser: argparse.ArgumentParser) -> None:
    add_also(
        parser,
        "an additional data set to train on (repeatable), with a head of its own called NAME, "
        "evaluated on SPLIT; of a data set without labels, the teachers' confident predictions are "
        "learned (requires --teacher)",
    )


def _add_teachers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--teacher",
        type=Path,
        action="append",
        default=[],
        metavar="CHECKPOINT",
        help="distil from this checkpoint (repeatable)",
    )
    parser.add_argument(
        "--teacher-weight",
        type=share,
        metavar="SHARE",
        help="weight of the teachers' predictions in the targets, 0 to 1 (default: the preset's)",
    )


def run(args: argparse.Namespace) -> None:
    from train.data.formats import read_dataset
    from train.data.sources import read_sources
    from train.expression.fit import fit

    preset = _choose_preset(args)
    faces = read_dataset(require_data(args), preset.input)
    labels = tuple(args.labels.split(",")) if args.labels else faces.labels
    if unknown := set(labels) - set(faces.labels):
        raise DataError(
            f"{args.data}: no label {', '.join(sorted(unknown))}; it has {', '.join(faces.labels)}"
        )
    train, validation = _choose_faces(args, preset, faces, labels)
    parts = read_sources(args.also, preset.input)
    out, resume, precision = args.out, args.resume, args.precision
    regardless = args.regardless
    fit(preset, args.preset, train, validation, out, labels, parts, resume, precision, regardless)


def _choose_faces(
    args: argparse.Namespace, preset: "Preset", faces: "FaceSet", labels: tuple[str, ...]
) -> tuple["FaceSet", "FaceSet"]:
    """Return the faces to learn from, and those that select the epoch."""
    from train.data.faceset import draw, draw_per_label, drop_leaks, refuse_other_split
    from train.data.nonfaces import add_nonfaces
    from train.runs.checkpoint import read_record

    train, validation = faces.split("train"), faces.split(args.validation)
    for known in filter(None, [args.init, *args.teacher]):
        refuse_other_split(read_record(known).trained_on, validation)
    if not args.keep_leaks:
        others = faces.take(~(faces.splits == train.splits[0]))
        kept = drop_leaks(train, others)
        print(
            f"{len(train) - len(kept)} training faces are in other splits too: dropped",
            file=sys.stderr,
        )
        train = kept
    if args.limit:
        train = draw(train, args.limit, preset.seed)
    if args.per_label:
        train = draw_per_label(train, labels, args.per_label, preset.seed)
    if args.nonfaces:
        train = add_nonfaces(train, args.nonfaces, preset.input)
    return train, validation


def _choose_preset(args: argparse.Namespace) -> "Preset":
    from train.expression.preset import rescale_stages, resize_preset
    from train.expression.presets import load_preset
    from train.expression.transfer import choose_weights, start_from

    preset = load_preset(args.preset)
    if args.weights:
        preset = choose_weights(preset, args.weights)
    if args.init:
        preset = start_from(preset, args.init)
    if args.side:
        preset = resize_preset(preset, args.side)
    if args.epochs is not None:
        preset = replace(preset, stages=rescale_stages(preset.stages, args.epochs))
    changes = {
        "heads": (args.head,) if args.head else None,
        "seed": args.seed,
        "batch": args.batch,
        "frozen": args.frozen,
        "teacher_weight": args.teacher_weight,
    }
    given = {name: value for name, value in changes.items() if value is not None}
    preset = replace(preset, teachers=tuple(args.teacher), **given)
    if not preset.epochs:
        raise ValueError("no epochs: --epochs and --frozen are both 0")
    if args.teacher_weight is not None and not args.teacher:
        raise ValueError("--teacher-weight requires --teacher")
    return preset

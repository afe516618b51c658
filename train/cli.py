"""Train and judge networks: `python -m train {fit,presets,evaluate,compare,audit}`."""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fer_onnx.errors import FerOnnxError

if TYPE_CHECKING:
    from .presets import Preset


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m train", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    fit = commands.add_parser("fit", help="train a preset and leave a run folder")
    fit.add_argument("preset", help="name of the recipe; 'presets' lists them")
    _add_data(fit)
    fit.add_argument("--out", type=Path, required=True, metavar="RUN", help="the run folder")
    fit.add_argument("--labels", help="what to tell apart, such as happy,sad (default: all)")
    fit.add_argument("--head", choices=("original", "ferplus"), help="learn these labels alone")
    fit.add_argument(
        "--epochs",
        type=_number,
        help="stretch or shorten the schedule of the whole network to this many",
    )
    fit.add_argument(
        "--frozen",
        type=_number,
        metavar="EPOCHS",
        help="before these, epochs in which the heads alone learn",
    )
    fit.add_argument("--seed", type=int, help="of initialisation, order and augmentation")
    fit.add_argument("--limit", type=_count, help="learn from N faces drawn at random")
    fit.add_argument("--per-label", type=_count, metavar="N", help="learn from N faces a label")
    fit.add_argument("--side", type=_count, help="pixels of the side of what the network reads")
    start = fit.add_mutually_exclusive_group()
    start.add_argument(
        "--init", type=Path, metavar="CHECKPOINT", help="train on from the weights of a checkpoint"
    )
    start.add_argument(
        "--weights", metavar="NAME|FILE", help="of transfer-…: imagenet, none, or a file"
    )
    fit.add_argument(
        "--teacher",
        type=Path,
        action="append",
        default=[],
        metavar="CHECKPOINT",
        help="learn from its answers as well; may be given again",
    )
    fit.add_argument("--teacher-weight", type=_share, metavar="SHARE", help="of those answers")
    fit.add_argument("--batch", type=_count, help="faces a step")
    fit.add_argument("--precision", default="float32", choices=("float32", "mixed_bfloat16"))
    fit.add_argument(
        "--validation",
        default="validation",
        metavar="SPLIT",
        help="by which the epoch is chosen; PublicTest/1 is one half of PublicTest",
    )
    fit.add_argument("--keep-leaks", action="store_true", help="keep faces that are in other parts")
    fit.add_argument(
        "--nonfaces",
        type=Path,
        metavar="ZIP",
        help="captioned scenes to learn from what is no face",
    )
    fit.add_argument("--resume", action="store_true", help="go on after the last whole epoch")

    commands.add_parser("presets", help="list the recipes")

    evaluate = commands.add_parser("evaluate", help="measure a checkpoint or a model file")
    evaluate.add_argument("model", type=Path, help="a .keras checkpoint or an .onnx model file")
    _add_data(evaluate)
    evaluate.add_argument("--split", default="validation", help="such as PublicTest")
    evaluate.add_argument("--head", help="which labels of a checkpoint: original or ferplus")
    evaluate.add_argument(
        "--group-column",
        nargs=2,
        metavar=("CSV", "COLUMN"),
        help="also measure each group of faces: a table whose first column names the face as the "
        "data set does, and whose column COLUMN says which group it belongs to",
    )
    evaluate.add_argument("--out", type=Path, help="folder for metrics.json and confusion.png")

    compare = commands.add_parser("compare", help="put trainings side by side")
    compare.add_argument(
        "runs", type=Path, nargs="+", metavar="RUN|CHECKPOINT", help="a run folder, or a checkpoint"
    )
    compare.add_argument(
        "--out", type=Path, metavar="PICTURE", help="draw the curves there, as PNG"
    )
    compare.add_argument("--split", help="measure the best checkpoints on this part as well")
    _add_data(compare)

    audit = commands.add_parser(
        "audit", help="find copies, contradicting labels, blanks and non-faces in a data set"
    )
    _add_data(audit)
    audit.add_argument("--format", default="text", choices=("text", "json"))
    return parser


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        default=os.environ.get("FER_DATA"),
        help="FER2013 in any form, or a folder of label folders (default: $FER_DATA)",
    )


def main(argv: list[str] | None = None) -> int:
    """Run one command; return its exit code: 0, or 2 with one line on stderr."""
    args = build_parser().parse_args(argv)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from .data import DataError

    try:
        if args.command == "presets":
            return list_presets()
        if args.command == "compare" and not args.split:
            return run_compare(args)
        if args.data is None:
            raise DataError("no data: give --data PATH or set FER_DATA")
        return COMMANDS[args.command](args)
    except (DataError, FerOnnxError, OSError, ValueError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; --resume goes on from the last whole epoch", file=sys.stderr)
        return 130


def list_presets() -> int:
    from importlib import import_module

    from .presets import preset_names

    for name in preset_names():
        summary = (
            import_module(f"train.presets.{name.replace('-', '_')}").__doc__ or ""
        ).splitlines()[0]
        print(f"{name:28} {summary}")
    return 0


def run_fit(args: argparse.Namespace) -> int:
    from .data import DataError, draw, draw_per_label, drop_leaks
    from .fit import fit
    from .forms import read_faces

    preset = _choose_preset(args)
    faces = read_faces(args.data, preset.input, preset.seed)
    labels = tuple(args.labels.split(",")) if args.labels else faces.labels
    if unknown := set(labels) - set(faces.labels):
        raise DataError(
            f"{args.data}: no label {', '.join(sorted(unknown))}; it has {', '.join(faces.labels)}"
        )
    train, validation = faces.split("train"), faces.split(args.validation)
    if not args.keep_leaks:
        others = faces.take(~(faces.splits == train.splits[0]))
        kept = drop_leaks(train, others)
        print(
            f"{len(train) - len(kept)} training faces also stand in other parts: dropped",
            file=sys.stderr,
        )
        train = kept
    if args.limit:
        train = draw(train, args.limit, preset.seed)
    if args.per_label:
        train = draw_per_label(train, labels, args.per_label, preset.seed)
    if args.nonfaces:
        from .nonfaces import add_nonfaces

        train = add_nonfaces(train, args.nonfaces, preset.input)
    fit(preset, args.preset, train, validation, args.out, labels, args.resume, args.precision)
    return 0


def _choose_preset(args: argparse.Namespace) -> "Preset":
    from .presets import load_preset, rescale_stages, resize_preset
    from .transfer import choose_weights, start_from

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
        raise ValueError("--teacher-weight is the share of a --teacher, and there is none")
    return preset


def run_evaluate(args: argparse.Namespace) -> int:
    from .evaluate import ask, describe_scores, write_scores
    from .groups import describe_groups, read_groups

    faces, answers = ask(args.model, args.data, args.split, args.head)
    groups = read_groups(*args.group_column, faces) if args.group_column else None
    scores = {answer.head: answer.score(faces) for answer in answers}
    for answer in answers:
        print(f"{args.model}  {answer.head} labels, {args.split}")
        print("\n".join(describe_scores(scores[answer.head])))
        if groups is not None:
            print("\n".join(describe_groups(args.group_column[1], groups, answer, faces)))
    if args.out:
        write_scores(scores, args.split, args.out)
    return 0


def run_compare(args: argparse.Namespace) -> int:
    from .compare import describe_runs, read_runs
    from .plots import draw_curves

    runs = read_runs(args.runs, args.data, args.split)
    print("\n".join(describe_runs(runs, args.split)))
    if args.out:
        draw_curves([(run.name, run.record.history) for run in runs], args.out)
    return 0


def run_audit(args: argparse.Namespace) -> int:
    import json

    from .audit import audit, describe_audit

    found = audit(args.data)
    print(
        json.dumps(found, indent=1) if args.format == "json" else "\n".join(describe_audit(found))
    )
    return 0


COMMANDS = {"fit": run_fit, "evaluate": run_evaluate, "compare": run_compare, "audit": run_audit}


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1: {text!r}")
    return share


def _count(text: str, least: int = 1) -> int:
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"expected a whole number of {least} or more: {text!r}")
    return int(text)


def _number(text: str) -> int:
    return _count(text, least=0)

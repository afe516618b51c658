"""Train and judge networks: `python -m train COMMAND`."""

import argparse
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from fer_onnx.errors import FerOnnxError
from fer_onnx.modelfile import FINDER

from .arguments import build_parser

if TYPE_CHECKING:
    from train.expression.preset import Preset

# of `fit`, for networks that read faces
READERS = ("labels", "head", "frozen", "limit", "per_label", "side", "weights", "teacher")


def main(argv: list[str] | None = None) -> int:
    """Run one command; return its exit code: 0, or 2 with one line on stderr."""
    args = build_parser().parse_args(argv)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from train.errors import DataError

    try:
        if args.command == "presets":
            return list_presets()
        if args.command == "compare" and not args.split:
            return run_compare(args)
        if args.command == "widen":
            return run_widen(args)
        if args.command == "fit" and args.preset == FINDER:
            return run_fit_faces(args)
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
    from train.expression.presets import describe_preset, preset_names

    for name in preset_names():
        print(f"{name:28} {describe_preset(name)}")
    print(f"{FINDER:28} The detector: what `fit {FINDER} --photos ZIP` trains.")
    return 0


def run_fit_faces(args: argparse.Namespace) -> int:
    from train.detection.fit import Plan, fit_faces

    if given := [name for name in READERS if getattr(args, name)]:
        option = given[0].replace("_", "-")
        raise ValueError(f"--{option} is for networks that read faces; {FINDER} finds them")
    if args.photos is None:
        raise ValueError(f"{FINDER} learns from photographs: give --photos ZIP")
    wanted = {"epochs": args.epochs, "batch": args.batch, "seed": args.seed, "init": args.init}
    plan = replace(
        Plan(precision=args.precision),
        **{name: value for name, value in wanted.items() if value is not None},
    )
    fit_faces(args.photos, args.sightings, args.out, plan, args.resume)
    return 0


def run_fit(args: argparse.Namespace) -> int:
    from train.data.faceset import draw, draw_per_label, drop_leaks, refuse_other_split
    from train.data.formats import read_dataset
    from train.data.sources import read_sources
    from train.errors import DataError
    from train.expression.fit import fit
    from train.runs.checkpoint import read_record

    preset = _choose_preset(args)
    faces = read_dataset(args.data, preset.input)
    labels = tuple(args.labels.split(",")) if args.labels else faces.labels
    if unknown := set(labels) - set(faces.labels):
        raise DataError(
            f"{args.data}: no label {', '.join(sorted(unknown))}; it has {', '.join(faces.labels)}"
        )
    train, validation = faces.split("train"), faces.split(args.validation)
    for known in filter(None, [args.init, *args.teacher]):
        refuse_other_split(read_record(known).trained_on, validation)
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
        from train.data.nonfaces import add_nonfaces

        train = add_nonfaces(train, args.nonfaces, preset.input)
    parts = read_sources(args.also, preset.input)
    out, resume, precision = args.out, args.resume, args.precision
    fit(preset, args.preset, train, validation, out, labels, parts, resume, precision)
    return 0


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
        raise ValueError("--teacher-weight is the share of a --teacher, and there is none")
    return preset


def run_evaluate(args: argparse.Namespace) -> int:
    from train.expression.evaluate import ask, describe_scores, write_scores
    from train.expression.subgroups import describe_groups, read_groups

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
    from train.expression.compare import describe_runs, read_runs
    from train.runs.curves import draw_curves

    runs = read_runs(args.runs, args.data, args.split)
    print("\n".join(describe_runs(runs, args.split)))
    if args.out:
        draw_curves([(run.name, run.record.history) for run in runs], args.out)
    return 0


def run_widen(args: argparse.Namespace) -> int:
    from train.expression.widen import widen_checkpoint

    widen_checkpoint(args.checkpoint, args.widths, args.out)
    return 0


def run_average(args: argparse.Namespace) -> int:
    from train.expression.average import average_checkpoints

    average_checkpoints(args.checkpoints, args.data, args.split, args.out)
    return 0


def run_audit(args: argparse.Namespace) -> int:
    import json

    from train.data.audit import audit, describe_audit

    found = audit(args.data)
    print(
        json.dumps(found, indent=1) if args.format == "json" else "\n".join(describe_audit(found))
    )
    return 0


COMMANDS = {
    "fit": run_fit,
    "evaluate": run_evaluate,
    "compare": run_compare,
    "average": run_average,
    "audit": run_audit,
}

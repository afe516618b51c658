"""`python -m train evaluate`."""

import argparse
from pathlib import Path

from .options import add_data, require_data

HELP = "evaluate a checkpoint or a model file"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, help="a .keras checkpoint or an .onnx model file")
    add_data(parser)
    parser.add_argument(
        "--split",
        default="validation",
        help="split to evaluate on, e.g. PublicTest (default: validation)",
    )
    parser.add_argument(
        "--head", help="one head of a checkpoint: original or ferplus (default: all)"
    )
    parser.add_argument(
        "--group-column",
        nargs=2,
        metavar=("CSV", "COLUMN"),
        help="also evaluate each subgroup of faces; the first column of CSV names a face as the "
        "data set does, COLUMN holds its group",
    )
    parser.add_argument("--out", type=Path, help="folder for metrics.json and confusion.png")


def run(args: argparse.Namespace) -> None:
    from fer_onnx.evaluation.text import describe_scores
    from train.expression.evaluate import ask, write_scores
    from train.expression.subgroups import describe_groups, read_groups

    faces, answers = ask(args.model, require_data(args), args.split, args.head)
    table, column = args.group_column or ("", "")
    groups = read_groups(table, column, faces) if table else None
    scores = {answer.head: answer.score(faces) for answer in answers}
    for answer in answers:
        print(f"{args.model}  {answer.head} labels, {args.split}")
        print("\n".join(describe_scores(scores[answer.head])))
        if groups is not None:
            print("\n".join(describe_groups(column, groups, answer, faces)))
    if args.out:
        write_scores(scores, args.split, args.out)

"""`python -m train evaluate`."""

import argparse
from pathlib import Path

from .options import add_data, require_data

HELP = "measure a checkpoint or a model file"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, help="a .keras checkpoint or an .onnx model file")
    add_data(parser)
    parser.add_argument("--split", default="validation", help="such as PublicTest")
    parser.add_argument("--head", help="labels of a checkpoint's head: original or ferplus")
    parser.add_argument(
        "--group-column",
        nargs=2,
        metavar=("CSV", "COLUMN"),
        help="also measure each group of faces: a table whose first column names the face as the "
        "data set does, and whose column COLUMN says which group it belongs to",
    )
    parser.add_argument("--out", type=Path, help="folder for metrics.json and confusion.png")


def run(args: argparse.Namespace) -> None:
    from train.expression.evaluate import ask, describe_scores, write_scores
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

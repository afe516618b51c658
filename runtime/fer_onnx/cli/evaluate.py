"""The command `fer-onnx evaluate`: labelled pictures in, figures out."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..atomic import write_whole
from ..classifier import DEFAULT
from ..errors import ModelError, printable
from ..evaluation.charts import draw_report
from ..evaluation.evaluate import make_evaluation
from ..evaluation.examples import read_examples
from ..evaluation.result import Evaluation
from ..evaluation.text import describe_comparison, describe_evaluation
from ..prediction import DECIMALS
from ..runs.pipeline import Answerer, Settings
from ..spreadsheet import to_csv
from .evaluate_run import answer_all
from .parser import UsageError
from .predict import check_reading

MOST = 2  # models
COLUMNS = ("image", "label", "model", "answer", "score", "certain", "right", "left_out", "error")


def evaluate(args: argparse.Namespace) -> int:
    """Measure one model or compare two; return 1 if some pictures could not be read, else 0.

    Raises:
        UsageError: wrong arguments.
        FerOnnxError: a model or detector that cannot be used, no such folder or table, no picture
            in it that counts, or an unfinished run that cannot be resumed.
        OSError: results that cannot be written.
    """
    check_reading(args)
    models = args.model or [DEFAULT]
    if len(models) > MOST:
        raise UsageError(f"--model: at most {MOST} can be compared")
    out = Path(args.out) if args.out else None
    if args.resume and out is None:
        raise UsageError("--resume requires --out DIR")
    answerers = _open(args, models)
    found = read_examples(args.source, answerers[0].labels, skip=out)
    if out:
        out.mkdir(parents=True, exist_ok=True)
    pictures = [example.picture for example in found.examples if example.label]
    records = answer_all(args, answerers, pictures, found.passed_over)
    evaluations = [
        make_evaluation(answerer, found.examples, answered)
        for answerer, answered in zip(answerers, records, strict=True)
    ]
    if args.format == "json":
        print(json.dumps(_to_dict(args.source, evaluations), indent=2))
    else:
        print("\n".join(map(printable, _describe(args.source, evaluations))))
    if out:
        _write(out, args.source, evaluations)
    failed = any("failed" in evaluation.left_out for evaluation in evaluations)
    return 1 if failed else 0


def _open(args: argparse.Namespace, models: Sequence[str]) -> list[Answerer]:
    """Open the models, all to choose among the same labels."""
    settings = [
        Settings(
            model=model,
            faces=args.faces,
            detector=args.detector,
            labels=args.labels,
            min_face=args.min_face,
            threads=args.threads,
        )
        for model in models
    ]
    answerers = [Answerer(each) for each in settings]
    first, *others = (answerer.labels for answerer in answerers)
    if all(set(labels) == set(first) for labels in others):
        return answerers
    common = tuple(label for label in first if all(label in labels for labels in others))
    if len(common) < 2:
        raise ModelError(f"{' and '.join(models)}: fewer than two labels in common")
    print(f"labels in common: {', '.join(common)}", file=sys.stderr)
    return [Answerer(replace(each, labels=common)) for each in settings]


def _describe(source: str, evaluations: Sequence[Evaluation]) -> list[str]:
    lines: list[str] = []
    for evaluation in evaluations:
        lines += [*describe_evaluation(evaluation, source), ""]
    if len(evaluations) == MOST:
        first, second = evaluations
        found = first.compare(second)
        lines += [*describe_comparison(found, first.model, second.model), ""]
    return lines[:-1]


def _to_dict(source: str, evaluations: Sequence[Evaluation]) -> dict[str, Any]:
    compared = None
    if len(evaluations) == MOST:
        compared = evaluations[0].compare(evaluations[1]).to_dict()
    figures = {
        "source": source,
        "models": [evaluation.to_dict() for evaluation in evaluations],
        "comparison": compared,
    }
    rounded: dict[str, Any] = json.loads(
        json.dumps(figures), parse_float=lambda text: round(float(text), DECIMALS)
    )
    return rounded


def _write(out: Path, source: str, evaluations: Sequence[Evaluation]) -> None:
    """Write the files of `--out`, each whole or not at all."""
    with write_whole(out / "metrics.json") as file:
        file.write(json.dumps(_to_dict(source, evaluations), indent=2).encode() + b"\n")
    rows = [row for evaluation in evaluations for row in _list_answers(evaluation)]
    with write_whole(out / "answers.csv") as file:
        file.write(to_csv([COLUMNS, *rows]).encode("utf-8", "backslashreplace"))
    with write_whole(out / "report.png") as file:
        draw_report(evaluations).save(file, "PNG")


def _list_answers(evaluation: Evaluation) -> list[list[Any]]:
    rows = []
    for answer in evaluation.answers:
        row: list[Any] = [answer.image, answer.label, evaluation.model]
        if given := answer.prediction:
            judged = (not given.uncertain, answer.right)
            row += [given.label, given.score, *(str(value).lower() for value in judged)]
        else:
            row += [None] * 4
        rows.append([*row, answer.left_out, answer.error])
    return rows

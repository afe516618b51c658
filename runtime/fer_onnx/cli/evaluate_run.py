"""The run of `fer-onnx evaluate`: every picture answered by every model, and how it is resumed."""

import argparse
import json
import sys
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing, nullcontext
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from ..runs.files import Picture, stamp
from ..runs.pipeline import Answerer, describe_run
from ..runs.records import Record
from .predict import answer_pictures
from .progress import Report

if TYPE_CHECKING:
    from ..runs.journal import Journal

RECORDS = "records.jsonl"  # in the folder of `--out`


def answer_all(
    args: argparse.Namespace,
    answerers: Sequence[Answerer],
    pictures: Sequence[Picture],
    passed_over: int,
) -> list[list[Record]]:
    """Return the records of all pictures, for each model; with `--out` they are kept as they come.

    Args:
        args: of the command.
        answerers: the models.
        pictures: in order.
        passed_over: how many files of other kinds there are.

    Raises:
        FerOnnxError: worker processes cannot be started, or an unfinished run cannot be resumed.
        OSError: records that cannot be written.
    """
    journal = _open_journal(args, answerers, pictures) if args.out else None
    count = len(answerers) * len(pictures)
    before = journal.progress.counts if journal else None
    report = Report(sys.stderr, count, passed_over, counts=before)
    order = journal.order if journal else list(range(count))
    with journal or nullcontext():
        records = _read_records(journal) if journal else []
        try:
            for record in _answer(answerers, pictures, order[len(records) :], args.workers):
                report.add(record)
                records.append(_keep(record, journal, report) if journal else record)
            if journal:
                journal.finish()
        except BaseException:
            if journal:
                journal.close()
                report.tell_unfinished(journal.kept, journal.part)
            raise
    report.end()
    placed = dict(zip(order, records, strict=True))
    in_order = [placed[place] for place in range(count)]
    return [in_order[first : first + len(pictures)] for first in range(0, count, len(pictures))]


def _answer(
    answerers: Sequence[Answerer], pictures: Sequence[Picture], places: Iterable[int], workers: int
) -> Generator[Record, None, None]:
    """Yield the record for each place; the places of the second model follow those of the first."""
    for model, group in groupby(places, lambda place: place // len(pictures)):
        some = [pictures[place % len(pictures)] for place in group]
        with closing(answer_pictures(some, answerers[model], workers)) as records:
            yield from records


def _open_journal(
    args: argparse.Namespace, answerers: Sequence[Answerer], pictures: Sequence[Picture]
) -> "Journal":
    from ..runs.journal import Journal
    from ..runs.resumption import Item

    runs = [describe_run(answerer) for answerer in answerers]
    settings = {**runs[0], "model": ", ".join(run["model"] for run in runs)}
    items = [Item(picture.name, stamp(picture)) for picture in pictures] * len(answerers)
    return Journal(Path(args.out) / RECORDS, settings, items, resume=args.resume, new=True)


def _keep(record: Record, journal: "Journal", report: Report) -> Record:
    """Keep a record; return it as a run that is resumed would read it."""
    line = json.dumps(record.to_dict())
    journal.append(line + "\n", report.counts)
    return Record.from_dict(json.loads(line))


def _read_records(journal: "Journal") -> list[Record]:
    with journal.part.open("rb") as file:
        lines = file.read(journal.progress.size).splitlines()
    return [Record.from_dict(json.loads(line)) for line in lines]

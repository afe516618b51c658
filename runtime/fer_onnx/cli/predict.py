"""The command `fer-onnx predict`: pictures in, records out, and nothing answered is lost."""

import argparse
import sys
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from ..runs.files import Picture, find_pictures, is_input, open_output, place_annotated, stamp
from ..runs.pipeline import Answerer, Settings, describe_run
from ..runs.records import Record
from ..session import MAX_THREADS
from .output import Rows, Stream, find_place
from .parser import UsageError
from .progress import Report
from .writers import WRITERS

if TYPE_CHECKING:
    from ..runs.journal import Journal


def predict(args: argparse.Namespace) -> int:
    """Answer the pictures that the arguments name; return 1 if some of them failed, else 0.

    Raises:
        UsageError: arguments that cannot be followed.
        FerOnnxError: a model or detector that cannot be used, or an unfinished run that cannot be
            gone on with.
        OSError: results that cannot be written.
    """
    place = find_place(args.output)
    _check(args, place)
    answerer = Answerer(_read_settings(args))
    annotate = Path(args.annotate) if args.annotate else None
    found = find_pictures(args.paths, skip=annotate)
    if args.output and is_input(Path(args.output), found.pictures):
        raise UsageError(f"{args.output}: one of the pictures; write the results elsewhere")
    if annotate:
        annotate.mkdir(parents=True, exist_ok=True)
    if place is None:
        pictures = found.pictures
        with open_output(args.output) as stream:
            report = Report(sys.stderr, len(pictures), found.passed_over, results=stream)
            return _run(args, answerer, pictures, Stream(stream), report)
    with _open_journal(args, place, answerer, found.pictures) as journal:
        pictures = [found.pictures[number] for number in journal.order]
        counts = journal.progress.counts
        report = Report(sys.stderr, len(pictures), found.passed_over, counts=counts)
        try:
            return _run(args, answerer, pictures, journal, report)
        except BaseException:
            journal.close()
            report.tell_unfinished(journal.kept, journal.part)
            raise


def _run(
    args: argparse.Namespace,
    answerer: Answerer,
    pictures: Sequence[Picture],
    rows: Rows,
    report: Report,
) -> int:
    if args.annotate:
        pictures = place_annotated(pictures, Path(args.annotate))
    writer = WRITERS[args.format](answerer.labels, rows.encoding)
    rows.write_head(writer.head())
    with closing(_answer(pictures, rows.done, answerer, args.workers)) as records:
        for number, record in enumerate(records, rows.done):
            report.add(record)
            rows.append(writer.row(record, number), report.counts)
    rows.finish(writer.tail(len(pictures)))
    report.end()
    return 1 if report.counts["failed"] else 0


def _answer(
    pictures: Sequence[Picture], done: int, answerer: Answerer, workers: int
) -> Generator[Record, None, None]:
    left = pictures[done:]
    if workers == 1 or len(pictures) == 1 or not left:
        yield from map(answerer.answer, left)
        return
    from ..runs.workers import count_cpus, share

    there = count_cpus()
    if workers > there:
        print(f"--workers {workers} lowered to {there}: as many as there are CPUs", file=sys.stderr)
    yield from share(left, answerer.settings, min(workers, there, len(left)))


def _check(args: argparse.Namespace, place: Path | None) -> None:
    if args.evidence and not args.annotate:
        raise UsageError("--evidence draws into what --annotate writes: give --annotate DIR too")
    if (args.threads or 1) > MAX_THREADS:
        raise UsageError(f"--threads: at most {MAX_THREADS}")
    if args.detector and args.faces == "whole":
        raise UsageError("--detector searches for faces, --faces whole does not: give one of them")
    if args.new and not args.resume:
        raise UsageError("--new needs --resume: it says what to do with files that have come since")
    if args.resume and place is None:
        raise UsageError("--resume needs --output FILE, where an unfinished run is found")


def _read_settings(args: argparse.Namespace) -> Settings:
    return Settings(
        model=args.model,
        faces=args.faces,
        detector=args.detector,
        labels=args.labels,
        min_score=args.min_score,
        evidence=args.evidence,
        threads=args.threads,
    )


def _open_journal(
    args: argparse.Namespace, place: Path, answerer: Answerer, pictures: Sequence[Picture]
) -> "Journal":
    from ..runs.journal import Journal
    from ..runs.resumption import Item

    settings = {
        **describe_run(answerer),
        "--format": args.format,
        "--annotate": args.annotate or "none",
    }
    items = [Item(picture.name, stamp(picture)) for picture in pictures]
    return Journal(place, settings, items, resume=args.resume, new=args.new)

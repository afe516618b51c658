"""The command `fer-onnx predict`: pictures in, records out; no answer is lost."""

import argparse
import os
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
from .wildcards import expand_wildcards
from .writers import WRITERS

if TYPE_CHECKING:
    from ..runs.journal import Journal


def predict(args: argparse.Namespace) -> int:
    """Answer the pictures that the arguments name; return 1 if some of them failed, else 0.

    Raises:
        UsageError: wrong arguments.
        FerOnnxError: a model or detector that cannot be used, or an unfinished run that cannot be
            resumed.
        OSError: results that cannot be written.
    """
    place = find_place(args.output)
    _check(args, place)
    answerer = Answerer(_read_settings(args))
    annotate = Path(args.annotate) if args.annotate else None
    paths = expand_wildcards(args.paths) if os.name == "nt" else args.paths
    found = find_pictures(paths, skip=annotate)
    if args.output and is_input(Path(args.output), found.pictures):
        raise UsageError(f"{args.output}: is one of the pictures; choose another --output")
    if annotate:
        annotate.mkdir(parents=True, exist_ok=True)
    if place is None:
        pictures = found.pictures
        with open_output(args.output) as stream:
            report = Report(
                sys.stderr, len(pictures), found.passed_over, results=stream, advice=_advise(args)
            )
            return _run(args, answerer, pictures, Stream(stream), report)
    with _open_journal(args, place, answerer, found.pictures) as journal:
        pictures = [found.pictures[number] for number in journal.order]
        counts = journal.progress.counts
        report = Report(
            sys.stderr, len(pictures), found.passed_over, counts=counts, advice=_advise(args)
        )
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
    with closing(answer_pictures(pictures[rows.done :], answerer, args.workers)) as records:
        for number, record in enumerate(records, rows.done):
            report.add(record)
            rows.append(writer.row(record, number), report.counts)
    rows.finish(writer.tail(len(pictures)))
    report.end()
    return 1 if report.counts["failed"] else 0


def answer_pictures(
    pictures: Sequence[Picture], answerer: Answerer, workers: int
) -> Generator[Record, None, None]:
    """Answer pictures in order, in this process or in several.

    Raises:
        FerOnnxError: worker processes cannot be started.
    """
    if workers == 1 or len(pictures) <= 1:
        yield from map(answerer.answer, pictures)
        return
    from ..runs.workers import count_cpus, share

    there = count_cpus()
    if workers > there:
        print(f"--workers {workers}: using {there}, the number of CPUs", file=sys.stderr)
    yield from share(pictures, answerer.settings, min(workers, there, len(pictures)))


def check_reading(args: argparse.Namespace) -> None:
    """Check the arguments that say how pictures are read.

    Raises:
        UsageError: some of them are wrong, or do not go together.
    """
    if (args.threads or 1) > MAX_THREADS:
        raise UsageError(f"--threads: at most {MAX_THREADS}")
    if args.faces == "whole":
        for option, value in (("--detector", args.detector), ("--min-face", args.min_face)):
            if value is not None:
                raise UsageError(f"{option} cannot be combined with --faces whole")


def _check(args: argparse.Namespace, place: Path | None) -> None:
    if args.evidence and not args.annotate:
        raise UsageError("--evidence requires --annotate DIR")
    check_reading(args)
    if args.new and not args.resume:
        raise UsageError("--new requires --resume")
    if args.resume and place is None:
        raise UsageError("--resume requires --output FILE")


def _read_settings(args: argparse.Namespace) -> Settings:
    return Settings(
        model=args.model,
        faces=args.faces,
        detector=args.detector,
        labels=args.labels,
        min_score=args.min_score,
        min_face=args.min_face,
        evidence=args.evidence,
        threads=args.threads,
    )


def _advise(args: argparse.Namespace) -> str:
    """Return what helps where no face was found."""
    smaller = f"below {args.min_face}" if args.min_face else "20"
    return f"try --min-face {smaller} for small faces, --faces whole for pictures of one face"


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

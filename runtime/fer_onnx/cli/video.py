"""The command `fer-onnx video`: films in, a table of moments out; no row is lost."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from math import inf
from pathlib import Path
from typing import TextIO

from ..detector import load_detector
from ..errors import VideoError, printable
from ..runs.files import Picture, open_output, stamp
from ..runs.journal import JOURNAL, Journal
from ..runs.pipeline import Answerer, Settings, describe_run
from ..runs.resumption import Item
from ..session import MAX_THREADS
from ..video.follower import Look, Moment
from ..video.pyav import import_av
from ..video.reading import Reading, Span
from ..video.table import TABLES, Table
from .film_outputs import Outputs, place_outputs
from .film_progress import FilmReport
from .film_sinks import Sinks
from .output import Rows, Stream, find_place
from .parser import UsageError
from .wildcards import expand_wildcards


def read_films(args: argparse.Namespace) -> int:
    """Read the films that the arguments name; return 1 if some of them failed, else 0.

    Raises:
        UsageError: wrong arguments.
        FerOnnxError: PyAV is missing, a model or detector cannot be used, or an unfinished run
            cannot be resumed.
        OSError: results that cannot be written.
    """
    _check(args)
    import_av()
    answerer = Answerer(_read_settings(args))
    span = Span(args.every, args.start, inf if args.end is None else args.end)
    look = Look(args.region, args.min_face, args.labels, args.min_score)
    if args.camera is not None:
        from .camera import watch_camera

        return watch_camera(args, answerer, look)
    paths = expand_wildcards(args.paths) if os.name == "nt" else args.paths
    failed = False
    for path, outputs in zip(paths, place_outputs(args, paths), strict=True):
        failed |= _Run(args, answerer, span, look, path, outputs).run()
    return 1 if failed else 0


class _Run:
    """One film, and where what is read of it goes."""

    def __init__(
        self,
        args: argparse.Namespace,
        answerer: Answerer,
        span: Span,
        look: Look,
        path: str,
        outputs: Outputs,
    ) -> None:
        self._args, self._answerer, self._span, self._look = args, answerer, span, look
        self._path, self._outputs = path, outputs

    def run(self) -> bool:
        """Read the film; return whether something is wrong with it."""
        detector = load_detector(self._args.detector)
        try:
            reading = Reading.begin(
                self._path, self._span, self._look, self._answerer.model, detector
            )
        except (VideoError, ValueError) as exc:
            text = str(exc) if isinstance(exc, VideoError) else f"{self._path}: {exc}"
            print(f"error: {printable(text)}", file=sys.stderr)
            return True
        with closing(reading.film):
            for note in reading.film.notes:
                print(f"note: {printable(note)}", file=sys.stderr)
            return self._write(reading)

    def _write(self, reading: Reading) -> bool:
        place = find_place(self._outputs.table)
        if place is None:
            with open_output(self._outputs.table) as stream:
                report = self._report(reading, stream)
                return self._fill(reading, Stream(stream), report)
        if self._args.resume and self._is_finished(place):
            return False
        report = self._report(reading, None)
        with self._open_journal(place) as journal:
            try:
                return self._fill(reading, journal, report)
            except BaseException:
                journal.close()
                report.tell_unfinished(journal.kept, journal.part)
                raise

    def _fill(self, reading: Reading, rows: Rows, report: FilmReport) -> bool:
        sinks, table, failed = (
            Sinks(reading, self._outputs, self._answerer.labels),
            self._make_table(),
            False,
        )
        try:
            for moment in self._recall(reading, rows, table):
                report.recall(moment)
                sinks.add(moment)
            rows.write_head(table.head())
            try:
                for moment in reading.moments():
                    report.add(moment)
                    rows.append(table.write(moment), {**report.counts, "cut": reading.follower.cut})
                    sinks.add(moment)
            except VideoError as exc:  # what was read of it stays
                report.fail(str(exc))
                failed = True
            sinks.finish()
        except BaseException:
            sinks.break_off()
            raise
        rows.finish("")
        report.end()
        return failed

    def _recall(self, reading: Reading, rows: Rows, table: Table) -> Iterator[Moment]:
        """Take in what an earlier run has read."""
        if not isinstance(rows, Journal) or not rows.done:
            return
        cut = rows.progress.counts["cut"]
        with rows.part.open(encoding=rows.encoding, newline="") as lines:
            for moment in islice(table.read(lines), rows.done):
                yield reading.follower.recall(moment, cut)

    def _make_table(self) -> Table:
        model, least = self._answerer.model, self._look.min_score
        least = model.info.uncertain_below if least is None else least
        return TABLES[self._outputs.format](self._answerer.labels, least)

    def _report(self, reading: Reading, stream: TextIO | None) -> FilmReport:
        end = min(self._span.end, reading.film.duration or inf)
        return FilmReport(sys.stderr, self._path, self._span.start, end, stream)

    def _is_finished(self, place: Path) -> bool:
        """Check whether all that is asked for is there, in a run that is resumed."""
        asked = (self._outputs.summary, self._outputs.chart, self._outputs.annotated)
        there = place.exists() and all(file is None or Path(file).exists() for file in asked)
        finished = there and not place.with_name(place.name + JOURNAL).exists()
        if finished:
            print(f"{printable(self._path)}: is finished", file=sys.stderr)
        return finished

    def _open_journal(self, place: Path) -> Journal:
        args = self._args
        settings = {
            **describe_run(self._answerer),
            "--every": str(args.every),
            "--from": str(args.start),
            "--to": str(args.end),
            "--region": str(args.region),
            "--min-face": str(args.min_face),
            "--format": self._outputs.format,
            "PyAV": import_av().__version__,
        }
        items = [Item(self._path, stamp(Picture(self._path, self._path)))]
        return Journal(place, settings, items, resume=args.resume, parts=True)


def _check(args: argparse.Namespace) -> None:
    if bool(args.paths) == (args.camera is not None):
        raise UsageError("expected films, or --camera")
    if args.serve is not None and args.camera is None:
        raise UsageError("--serve is for a camera, not for films")
    if (args.threads or 1) > MAX_THREADS:
        raise UsageError(f"--threads: at most {MAX_THREADS}")
    if args.end is not None and args.end <= args.start:
        raise UsageError("--to must be after --from")
    if args.resume and args.output is None:
        raise UsageError("--resume requires --output FILE")


def _read_settings(args: argparse.Namespace) -> Settings:
    return Settings(
        model=args.model,
        faces="detect",
        detector=args.detector,
        labels=args.labels,
        min_score=args.min_score,
        threads=args.threads,
    )

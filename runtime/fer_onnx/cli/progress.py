"""A run's progress on stderr: failures as they occur, a progress bar, and a summary."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from ..errors import printable
from ..runs.records import Record

WIDTH = 24  # columns of the bar
REDRAW = 0.1  # seconds between two bars
PATIENCE = 0.5  # seconds: what is done by then needs no bar


class StatusLine:
    """A line on a terminal that is drawn over, and removed again."""

    def __init__(self, stream: TextIO) -> None:
        """Begin with nothing drawn."""
        self._stream, self._shown = stream, False

    def draw(self, line: str) -> None:
        """Draw a line over the one before."""
        self._stream.write(f"\r{line}\x1b[K")
        self._stream.flush()
        self._shown = True

    def clear(self) -> None:
        """Remove the line, if there is one."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._shown = False


class Report:
    """The progress of one run.

    A bar is drawn on a terminal, and removed again. One line at the end sums up the run if its
    results went to a file, or to another program while stderr is a terminal.

    Attributes:
        counts: pictures by outcome: answered, faceless (among these), failed.
    """

    def __init__(
        self,
        stream: TextIO,
        total: int,
        passed_over: int,
        *,
        counts: Mapping[str, int] | None = None,
        results: TextIO | None = None,
        advice: str = "",
    ) -> None:
        """Begin to count.

        Args:
            stream: stderr, or what stands in for it.
            total: number of pictures in the run.
            passed_over: number of files of other kinds in their folders.
            counts: counts of an interrupted run that is resumed.
            results: the stream that results go to; None for a file.
            advice: what helps where no face was found, told once at the end; empty for nothing.
        """
        self.counts = {"answered": 0, "faceless": 0, "failed": 0, **(counts or {})}
        self._stream, self._total, self._passed_over = stream, total, passed_over
        watched = stream.isatty() and total > 1
        self._bar = watched and not (results and results.isatty())
        self._summary = total > 1 and (watched or results is None)
        self._before = self._done
        self._start = self._drawn = time.monotonic()
        self._line = StatusLine(stream)
        self._advice = advice

    def add(self, record: Record) -> None:
        """Count a picture, and report it if it failed."""
        if record.error:
            self.counts["failed"] += 1
            self._line.clear()
            self._say(f"error: {printable(record.error)}")
        else:
            self.counts["answered"] += 1
            self.counts["faceless"] += not record.faces
        now = time.monotonic()
        if self._bar and now - self._start > PATIENCE and now - self._drawn > REDRAW:
            self._drawn = now
            self._draw(now - self._start)

    def end(self) -> None:
        """Write what helps where no face was found, and the summary."""
        self._line.clear()
        if self._advice and (faceless := self.counts["faceless"]):
            pictures = "picture" if faceless == 1 else "pictures"
            self._say(f"no face found in {faceless:,} {pictures}: {self._advice}")
        files = "file" if self._passed_over == 1 else "files"
        passed_over = f"{self._passed_over:,} other {files} skipped"
        if self._summary:
            rate = (self._done - self._before) / max(time.monotonic() - self._start, 1e-3)
            self._say(
                f"{self.counts['answered']:,} answered, {self.counts['faceless']:,} without a "
                f"face, {self.counts['failed']:,} failed, {passed_over}; "
                f"{rate:,.1f} pictures per second"
            )
        elif self._passed_over:
            self._say(passed_over)

    def tell_unfinished(self, kept: int, part: Path) -> None:
        """Write how many pictures are answered, where, and how to resume."""
        self._line.clear()
        where = f"in {part}; continue with --resume" if kept else "nothing to resume"
        self._say(f"stopped: {kept:,} of {self._total:,} answered, {printable(where)}")

    @property
    def _done(self) -> int:
        return self.counts["answered"] + self.counts["failed"]

    def _draw(self, seconds: float) -> None:
        done, rate = self._done, (self._done - self._before) / seconds
        bar = "#" * (WIDTH * done // self._total)
        left = say_seconds((self._total - done) / rate) if rate else "unknown time"
        failed = f", {self.counts['failed']:,} failed" if self.counts["failed"] else ""
        self._line.draw(
            f"[{bar:.<{WIDTH}}] {done:,} of {self._total:,}{failed}, {rate:,.1f}/s, {left} left"
        )

    def _say(self, line: str) -> None:
        print(line, file=self._stream)


def say_seconds(seconds: float) -> str:
    """Return how long something takes, for people: 12 s, 3 min, 1.5 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"

"""What stderr says of a run: failures as they come, a bar, and what it came to."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from ..errors import printable
from ..runs.records import Record

WIDTH = 24  # columns of the bar
REDRAW = 0.1  # seconds between two bars
PATIENCE = 0.5  # seconds: what is done by then needs no bar


class Report:
    """How a run goes, for whoever reads stderr.

    A bar is drawn where a person watches, and removed again; where results go to a file, or to
    another program while a person watches, one line at the end says what they are.

    Attributes:
        counts: pictures by what became of them: answered, faceless (among these), failed.
    """

    def __init__(
        self,
        stream: TextIO,
        total: int,
        passed_over: int,
        *,
        counts: Mapping[str, int] | None = None,
        results: TextIO | None = None,
    ) -> None:
        """Begin to count.

        Args:
            stream: where it is said.
            total: pictures of the run.
            passed_over: files of other kinds in their folders.
            counts: of pictures that were answered before.
            results: the stream that results go to; None for a file that says nothing meanwhile.
        """
        self.counts = {"answered": 0, "faceless": 0, "failed": 0, **(counts or {})}
        self._stream, self._total, self._passed_over = stream, total, passed_over
        watched = stream.isatty() and total > 1
        self._bar = watched and not (results and results.isatty())
        self._summary = total > 1 and (watched or results is None)
        self._before = self._done
        self._start = self._drawn = time.monotonic()
        self._shown = False

    def add(self, record: Record) -> None:
        """Count a picture; say what failed."""
        if record.error:
            self.counts["failed"] += 1
            self._clear()
            self._say(f"error: {printable(record.error)}")
        else:
            self.counts["answered"] += 1
            self.counts["faceless"] += not record.faces
        now = time.monotonic()
        if self._bar and now - self._start > PATIENCE and now - self._drawn > REDRAW:
            self._drawn = now
            self._draw(now - self._start)

    def end(self) -> None:
        """Say what the run came to."""
        self._clear()
        files = "file" if self._passed_over == 1 else "files"
        passed_over = f"{self._passed_over:,} other {files} passed over"
        if self._summary:
            rate = (self._done - self._before) / max(time.monotonic() - self._start, 1e-3)
            self._say(
                f"{self.counts['answered']:,} answered, {self.counts['faceless']:,} without a "
                f"face, {self.counts['failed']:,} failed, {passed_over}; "
                f"{rate:,.1f} pictures a second"
            )
        elif self._passed_over:
            self._say(passed_over)

    def tell_unfinished(self, kept: int, part: Path) -> None:
        """Say how many are answered, where they are, and how to go on."""
        self._clear()
        where = f"in {part}; --resume goes on from there" if kept else "nothing to go on with"
        self._say(f"stopped: {kept:,} of {self._total:,} answered, {printable(where)}")

    @property
    def _done(self) -> int:
        return self.counts["answered"] + self.counts["failed"]

    def _draw(self, seconds: float) -> None:
        done, rate = self._done, (self._done - self._before) / seconds
        bar = "#" * (WIDTH * done // self._total)
        left = _say_seconds((self._total - done) / rate) if rate else "unknown time"
        failed = f", {self.counts['failed']:,} failed" if self.counts["failed"] else ""
        self._stream.write(
            f"\r[{bar:.<{WIDTH}}] {done:,} of {self._total:,}{failed}, {rate:,.1f}/s, {left} left"
            "\x1b[K"
        )
        self._stream.flush()
        self._shown = True

    def _clear(self) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._shown = False

    def _say(self, line: str) -> None:
        print(line, file=self._stream)


def _say_seconds(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"

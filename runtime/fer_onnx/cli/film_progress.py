"""The progress of one film on stderr: a bar, what is wrong, and a summary."""

import time
from math import isfinite
from pathlib import Path
from typing import TextIO

from ..errors import printable
from ..video.follower import Moment
from ..video.table import write_time
from .progress import PATIENCE, REDRAW, WIDTH, StatusLine, say_seconds


class FilmReport:
    """The progress of one film.

    Attributes:
        counts: moments, and those of them with a face; and what is to be remembered of the run.
    """

    def __init__(
        self, stream: TextIO, name: str, start: float, end: float, results: TextIO | None = None
    ) -> None:
        """Begin to count.

        Args:
            stream: stderr, or what stands in for it.
            name: of the film.
            start: seconds at which reading begins.
            end: seconds at which it ends; infinite if that is not known.
            results: the stream that results go to; None for a file.
        """
        self.counts = {"moments": 0, "faces": 0}
        self._stream, self._name = stream, name
        self._start, self._end = start, end
        self._bar = stream.isatty() and not (results and results.isatty())
        self._summary = self._bar or results is None
        self._tracks = 0
        self._begun = self._drawn = time.monotonic()
        self._from = self._t = start  # seconds of the film: this run began there, and is there
        self._line = StatusLine(stream)

    def recall(self, moment: Moment) -> None:
        """Count a moment that an earlier run has read."""
        self._count(moment)
        self._from = self._t

    def add(self, moment: Moment) -> None:
        """Count a moment."""
        self._count(moment)
        now = time.monotonic()
        if self._bar and now - self._begun > PATIENCE and now - self._drawn > REDRAW:
            self._drawn = now
            self._draw(now - self._begun)

    def fail(self, error: str) -> None:
        """Report what is wrong with the film."""
        self._line.clear()
        print(f"error: {printable(error)}", file=self._stream)

    def end(self) -> None:
        """Write the summary."""
        self._line.clear()
        if self._summary:
            tracks = "1 track" if self._tracks == 1 else f"{self._tracks:,} tracks"
            print(
                f"{printable(self._name)}: {count_moments(self.counts['moments'])}, "
                f"{self.counts['faces']:,} with a face, {tracks}; {self._rate():,.1f} times as "
                "fast as it plays",
                file=self._stream,
            )

    def tell_unfinished(self, kept: int, part: Path) -> None:
        """Write how far the film is read, where that is, and how to resume."""
        self._line.clear()
        where = f"in {part}; continue with --resume" if kept else "nothing to resume"
        print(
            f"stopped: {printable(self._name)}: {count_moments(kept)}, up to "
            f"{write_time(self._t)}, {printable(where)}",
            file=self._stream,
        )

    def _count(self, moment: Moment) -> None:
        self.counts["moments"] += 1
        self.counts["faces"] += bool(moment.faces)
        self._tracks = max([self._tracks, *(face.track or 0 for face in moment.faces)])
        self._t = moment.t

    def _rate(self) -> float:
        return (self._t - self._from) / max(time.monotonic() - self._begun, 1e-3)

    def _draw(self, seconds: float) -> None:
        rate = self._rate()
        line = f"{write_time(self._t)}, {rate:.1f} times as fast as it plays"
        if isfinite(self._end):
            share = (self._t - self._start) / max(self._end - self._start, 1e-3)
            bar = "#" * min(WIDTH, int(WIDTH * share))
            left = say_seconds((self._end - self._t) / rate) if rate else "unknown time"
            line = f"[{bar:.<{WIDTH}}] {line}, {left} left"
        self._line.draw(line)


def count_moments(count: int) -> str:
    """Return how many moments, in words."""
    return "1 moment" if count == 1 else f"{count:,} moments"

"""What a training says while it runs."""

import sys
import time
from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

WIDTH = 24  # columns of the bar
REDRAW = 0.2  # seconds between two bars


def print_now(line: str) -> None:
    """Print a line that whoever follows a log sees at once."""
    print(line, flush=True)


def describe_time(history: Sequence[Mapping[str, Any]], epochs: int) -> str:
    """Return how long the last epoch took, and how long the rest will, by the last three."""
    left = mean(row["seconds"] for row in history[-3:]) * (epochs - len(history)) / 60
    return f"{history[-1]['seconds']:.0f} s, {left:.0f} min left"


class Bar:
    """A bar on a terminal's stderr, with the time left; elsewhere nothing.

    Args:
        what: is being done.
        total: steps of it; None: unknown, so that they are counted alone.
    """

    def __init__(self, what: str, total: int | None = None) -> None:
        self._what, self._total, self._done = what, total, 0
        self._shown = sys.stderr.isatty()
        self._begun = self._drawn = time.monotonic()

    def step(self, count: int = 1) -> None:
        """Count steps that are done."""
        self._done += count
        now = time.monotonic()
        if self._shown and now - self._drawn > REDRAW:
            self._drawn = now
            print(f"\r{self._line(now - self._begun)}\x1b[K", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Remove the bar."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def _line(self, seconds: float) -> str:
        if self._total is None:
            return f"{self._what}: {self._done:,}"
        done = min(self._done, self._total)
        filled = "#" * (WIDTH * done // self._total)
        left = seconds / self._done * (self._total - done)
        return f"{self._what} [{filled:.<{WIDTH}}] {left:.0f} s left"

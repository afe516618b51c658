"""Where rows of results go: a stream, or a file that keeps them whatever ends the run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, TextIO

from ..atomic import takes_what_comes


class Rows(Protocol):
    """What takes rows; a `Journal` is one."""

    @property
    def encoding(self) -> str:
        """In which text is written."""

    @property
    def done(self) -> int:
        """How many pictures have rows already."""

    def write_head(self, text: str) -> None:
        """Write what comes before the first row."""

    def append(self, text: str, counts: Mapping[str, int]) -> None:
        """Write the rows of one picture."""

    def finish(self, tail: str) -> None:
        """Write what comes after the last row."""


class Stream:
    """Rows that are passed on at once, and kept by whoever reads them."""

    done = 0

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.encoding = stream.encoding or "ascii"

    def write_head(self, text: str) -> None:
        """Write what comes before the first row."""
        self._stream.write(text)

    def append(self, text: str, counts: Mapping[str, int]) -> None:
        """Write the rows of one picture."""
        self._stream.write(text)

    def finish(self, tail: str) -> None:
        """Write what comes after the last row."""
        self._stream.write(tail)


def find_place(output: str | None) -> Path | None:
    """Return the path of a file that can keep rows; None for stdout, a device, a pipe, a folder."""
    if output is None or takes_what_comes(Path(output)):
        return None
    return Path(output).resolve()  # through a link, as a shell's > does

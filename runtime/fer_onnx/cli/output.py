"""Where rows of results go: a stream, or a file that keeps them however the run ends."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TextIO

from ..atomic import PART, naming, takes_what_comes
from ..runs.files import open_output


class Rows(Protocol):
    """A destination of rows; a `Journal` is one."""

    @property
    def encoding(self) -> str:
        """The encoding of the text."""

    @property
    def done(self) -> int:
        """The number of pictures that have rows already."""

    def write_head(self, text: str) -> None:
        """Write what comes before the first row."""

    def append(self, text: str, counts: Mapping[str, int]) -> None:
        """Write the rows of one picture."""

    def finish(self, tail: str) -> None:
        """Write what comes after the last row."""


class Stream:
    """A stream that rows are passed on to at once."""

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


@contextmanager
def open_growing(output: str | None) -> Iterator[TextIO]:
    """Open what lines are written to as they come, which nobody will write a second time.

    A file is called FILE.part meanwhile, and FILE whatever ends the writing, unless the process is
    killed. A FILE.part that is there is never overwritten.

    Raises:
        OSError: it cannot be written; names the path.
    """
    place = find_place(output)
    if place is None:
        with open_output(output) as stream:
            yield stream
        return
    part = place.with_name(place.name + PART)
    with naming(part):
        stream = part.open("x", encoding="utf-8", errors="backslashreplace", newline="")
        try:
            with stream:
                yield stream
        finally:
            part.replace(place)

"""Files of the command line: the pictures it reads, and what it writes without harm."""

import os
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import NamedTuple, TextIO

from ..atomic import takes_what_comes, write_whole
from ..images.formats import SUFFIXES
from ..limits import DEFAULT

STDIN = "-"


class Stdin(BytesIO):
    """What stdin held, so that it can be handed to another process."""

    name = STDIN


@dataclass(frozen=True, slots=True)
class Picture:
    """One input.

    Attributes:
        name: as the user gave it, or the folder as given and the way from there.
        source: what is read: the path, or the bytes in memory; None if there is nothing to read.
        annotated: where the annotated picture is written, if anywhere.
        error: why there is nothing to read, in one line.
    """

    name: str
    source: str | BytesIO | None
    annotated: Path | None = None
    error: str | None = None


class Found(NamedTuple):
    """The pictures that paths stand for.

    Attributes:
        pictures: in order.
        passed_over: how many files of other kinds there are in the folders, hidden ones left out.
    """

    pictures: list[Picture]
    passed_over: int


def find_pictures(paths: Sequence[str], skip: Path | None = None) -> Found:
    """Find the pictures that paths stand for.

    Args:
        paths: files; folders, which are walked in order of names, hidden ones left out; "-" for
            the bytes of stdin.
        skip: a folder that is not walked into, because annotated pictures are written there.
    """
    pictures: list[Picture] = []
    passed_over = 0
    for path in paths:
        if path == STDIN:
            pictures.append(_read_stdin())
        elif os.path.isdir(path):  # noqa: PTH112 (never raises: what cannot be looked at is told later)
            found = _walk(path, skip)
            pictures += found.pictures
            passed_over += found.passed_over
        else:
            pictures.append(Picture(path, path))
    return Found(pictures, passed_over)


def stamp(picture: Picture) -> str:
    """Return what changes when a picture does: size and time of its file, or a digest of stdin."""
    if isinstance(picture.source, BytesIO):
        return sha256(picture.source.getbuffer()).hexdigest()
    try:
        status = os.stat(picture.source or picture.name)  # noqa: PTH116
    except (OSError, ValueError):  # told when it is read
        return ""
    return f"{status.st_size} {status.st_mtime_ns}"


def is_input(path: Path, pictures: Sequence[Picture]) -> bool:
    """Check whether a file is one of the pictures, under whatever name."""
    found = (picture.source for picture in pictures if isinstance(picture.source, str))
    return any(_same(path, source) for source in found)


def place_annotated(pictures: Sequence[Picture], folder: Path) -> list[Picture]:
    """Assign every picture a file of its own in a folder, never one that is itself an input.

    The name is the picture's, with a number behind it where it is taken: `face.png`,
    `face-2.png`. JPEG stays JPEG, everything else becomes PNG.
    """
    home = folder.resolve()
    sources = [Path(picture.source) for picture in pictures if isinstance(picture.source, str)]
    taken = {_fold(path.name) for path in sources if path.parent.resolve() == home}
    used: Counter[str] = Counter()
    placed = []
    for picture in pictures:
        path = Path("stdin" if picture.name == STDIN else picture.name)
        suffix = path.suffix if path.suffix.lower() in (".jpg", ".jpeg", ".png") else ".png"
        name = f"{path.stem}{suffix}"
        while _fold(name) in taken:
            used[path.stem] += 1
            name = f"{path.stem}-{used[path.stem] + 1}{suffix}"
        taken.add(_fold(name))
        placed.append(replace(picture, annotated=folder / name))
    return placed


def _fold(name: str) -> str:
    """Return what two names share that some disks take for one: FACE and face, é and e with ´."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())


@contextmanager
def open_output(path: str | None) -> Iterator[TextIO]:
    """Open what results are written to: stdout without a path; a file appears whole or not at all.

    Raises:
        OSError: it cannot be written; names the path.
    """
    if path is None:
        yield sys.stdout
        return
    target = Path(path)
    if not takes_what_comes(target):  # /dev/stdout of a pipe leads to no path
        target = target.resolve()  # through a link, as a shell's > does
    with write_whole(target) as file:
        stream = TextIOWrapper(file, "utf-8", "backslashreplace", newline="")
        try:
            yield stream
        finally:
            stream.detach()  # flushed; the file stays open until it is on disk


def _read_stdin() -> Picture:
    if sys.stdin is None:
        return Picture(STDIN, None, error=f"{STDIN}: cannot be read (closed)")
    try:
        return Picture(STDIN, Stdin(sys.stdin.buffer.read(DEFAULT.bytes + 1)))
    except OSError as exc:
        return Picture(STDIN, None, error=f"{STDIN}: cannot be read ({exc.strerror})")


def _walk(folder: str, skip: Path | None) -> Found:
    pictures: list[Picture] = []
    passed_over = 0

    def tell(exc: OSError) -> None:
        name = str(exc.filename)
        pictures.append(Picture(name, None, error=f"{name}: cannot be read ({exc.strerror})"))

    for root, folders, names in os.walk(folder, onerror=tell):
        folders[:] = sorted(
            name
            for name in folders
            if _shown(name) and not (skip and _same(Path(root, name), skip))
        )
        paths = [os.path.join(root, name) for name in sorted(names) if _is_picture(name)]  # noqa: PTH118
        pictures += [Picture(path, path) for path in paths]
        passed_over += sum(map(_shown, names)) - len(paths)
    if not pictures:
        error = f"{folder}: no images in this folder ({', '.join(SUFFIXES)})"
        pictures.append(Picture(folder, None, error=error))
    return Found(pictures, passed_over)


def _is_picture(name: str) -> bool:
    return _shown(name) and name.lower().endswith(SUFFIXES)


def _shown(name: str) -> bool:
    return not name.startswith(".")


def _same(path: Path, other: Path | str) -> bool:
    """Check whether two paths lead to one file; those that cannot be opened do not."""
    try:
        return path.samefile(other)
    except OSError:
        return False

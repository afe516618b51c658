"""Files that appear under their names when they are whole, and stay when the power fails."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

PART = ".part"  # in the names of drafts


@contextmanager
def write_whole(path: Path) -> Iterator[IO[bytes]]:
    """Write a file that appears under its name when it is whole and on disk, or not at all.

    A device or a pipe is written to as it is.

    Args:
        path: where it appears; what was there before is replaced.

    Yields:
        The draft, open for writing bytes, beside `path` under a name that nobody else takes.

    Raises:
        OSError: it cannot be written; names the path.
    """
    if takes_what_comes(path):
        with naming(path), path.open("wb") as file:
            yield file
        return
    with draft_of(path) as draft, draft.open("xb") as file:
        yield file


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """Let a writer that takes a path, not an open file, write a file whole or not at all.

    Args:
        path: where the file appears; what was there before is replaced.

    Yields:
        A path beside it, with the same suffix and a name that nobody else takes; what is written
        there is brought to disk, and then appears as `path`.

    Raises:
        OSError: it cannot be written; names the path.
    """
    draft = path.with_name(f".{os.urandom(8).hex()}{PART}{path.suffix}")
    try:
        with naming(path):
            yield draft
            with draft.open("r+b") as file:
                os.fsync(file.fileno())
            draft.replace(path)
            sync_folder(path.parent)
    finally:
        with suppress(OSError):  # what went wrong before is what is raised
            draft.unlink(missing_ok=True)


def remove_drafts(folder: Path) -> None:
    """Remove the drafts that killed writers left in a folder that nobody writes to now."""
    for draft in folder.glob(f".{'[0-9a-f]' * 16}{PART}*"):
        draft.unlink(missing_ok=True)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Make errors of writing name the file that was asked for, not its draft, and never no file."""
    try:
        yield
    except OSError as exc:
        raise OSError(exc.errno, exc.strerror or str(exc), str(path)) from exc


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names to disk, where the system can: a new name lives in there."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def takes_what_comes(path: Path) -> bool:
    """Check whether a path is a device or a pipe, which is written to as it is."""
    return path.exists() and not path.is_file()

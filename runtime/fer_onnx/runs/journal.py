"""A file that grows row by row, keeps its rows whatever ends the run, and is gone on with later.

While it is incomplete, NAME is called NAME.part. Beside it NAME.journal says, a line of JSON each,
what decides the rows, what the rows are about, and, whenever rows have been brought to disk, how
many items they answer. Rows after the last such line are cut off and answered again, so a run that
was broken off anywhere ends with the same bytes as one that was not.
"""

import os
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ..atomic import sync_folder
from .resumption import (
    Item,
    JournalError,
    Progress,
    Unfinished,
    arrange_items,
    check_settings,
    encode_items,
    encode_progress,
    encode_start,
    lock_journal,
    read_unfinished,
    starts_journal,
)

PART, JOURNAL = ".part", ".journal"
INTERVAL = 0.5  # seconds that a row may wait for the disk; 0 for none
BINARY = getattr(os, "O_BINARY", 0)  # of Windows


class Journal:
    """An incomplete file and its journal, open for more rows.

    Attributes:
        encoding: in which rows are written.
        path: what the file is called when it is complete.
        part: what it is called until then.
        order: for each item of the run, its place among the items that were given.
        progress: how far the run is, what was found on resuming included.
    """

    encoding = "utf-8"

    def __init__(
        self,
        path: Path,
        settings: Mapping[str, str],
        items: Sequence[Item],
        *,
        resume: bool = False,
        new: bool = False,
        parts: bool = False,
    ) -> None:
        """Begin a run, or go on with the unfinished one that is there.

        Args:
            path: what the file is called when it is complete; what is there stays until then.
            settings: what decides the rows, by name.
            items: what the rows are about, in order.
            resume: go on with an unfinished run.
            new: take items that an unfinished run does not know, after all others.
            parts: there is one item, whose rows come in any number of parts: these are counted.

        Raises:
            JournalError: an unfinished run stands in the way, has other settings or items, or is
                being written by another process.
            OSError: a file cannot be read or written; names `path`.
        """
        self.path = path
        self.part = path.with_name(path.name + PART)
        self._beside = path.with_name(path.name + JOURNAL)
        self.order = list(range(len(items)))
        self._of = "" if parts else " of {}"
        self.progress = self._counted = Progress()
        self._failure: OSError | None = None
        self._rows = self._journal = -1
        self._end = 0  # of the journal's whole lines, in bytes
        self._lock = threading.Lock()
        self._dirty, self._closed = threading.Event(), threading.Event()
        self._syncing = threading.Thread(target=self._keep_syncing, daemon=True)
        try:
            self._open(settings, items, resume, new)
        except OSError as exc:
            self._close_files()
            raise self._name(exc) from exc
        except BaseException:
            self._close_files()
            raise
        if INTERVAL:
            self._syncing.start()

    @property
    def done(self) -> int:
        """How many items, or parts of the one, have rows."""
        return self.progress.done

    @property
    def kept(self) -> int:
        """How many of them are answered for certain: their rows are on disk, and counted."""
        return self._counted.done

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def append(self, text: str, counts: Mapping[str, int] | None = None) -> None:
        """Write the rows of the next item or part, and remember what the caller has counted so far.

        Raises:
            OSError: they cannot be written, or rows before them could not be brought to disk.
        """
        counted = dict(counts or {})  # the caller goes on counting while the thread writes
        self._write(text, replace(self.progress, done=self.done + 1, counts=counted))

    def write_head(self, text: str) -> None:
        """Write what comes before the first row, unless it is there.

        Raises:
            OSError: it cannot be written.
        """
        if not self.progress.size:
            self._write(text, self.progress)

    def finish(self, tail: str = "") -> None:
        """Write what comes after the last row, and give the file its name.

        Raises:
            OSError: it cannot be written or named; the run can still be gone on with.
        """
        self._write(tail, self.progress, last=True)
        try:
            self.sync()
            self._close_files()
            self.part.replace(self.path)
            sync_folder(self.path.parent)
            self._beside.unlink()
        except OSError as exc:
            raise self._name(exc) from exc

    def sync(self) -> None:
        """Bring the rows to disk, then say in the journal how many there are.

        Raises:
            OSError: that failed; rows after the last ones that were counted may be lost.
        """
        with self._lock:
            progress = self.progress
            if self._failure:
                raise self._failure
            if progress == self._counted:
                return
            try:
                os.fsync(self._rows)
                self._add_line(encode_progress(progress))
            except OSError as exc:
                self._failure = exc  # for good: a second fsync may claim what the first one lost
                raise
            self._counted = progress

    def close(self) -> None:
        """Let go of an incomplete file, so that it holds whole rows alone; one without any goes."""
        if self._rows < 0:
            return
        with suppress(OSError):  # what ended the run is told, not what failed after that
            self.sync()
        with suppress(OSError):
            os.ftruncate(self._rows, self.progress.size)
        self._close_files()
        if not self.kept:
            self._discard()

    def _open(
        self, settings: Mapping[str, str], items: Sequence[Item], resume: bool, new: bool
    ) -> None:
        self._journal = os.open(self._beside, os.O_RDWR | os.O_CREAT | BINARY, 0o666)
        if not lock_journal(self._journal):
            raise JournalError(f"{self.path}: another process is writing it")
        unfinished = read_unfinished(self._journal)
        if unfinished is None and not starts_journal(self._journal):
            raise JournalError(f"{self._beside}: is not a journal of fer-onnx; move it away")
        rows = _measure(self.part)
        if unfinished is None and rows:
            if not os.fstat(self._journal).st_size:  # made just now
                self._beside.unlink()
            raise JournalError(f"{self.part}: has no journal; move it away")
        whole = unfinished.progress.whole if unfinished else None
        named = whole is not None and rows is None and whole == _measure(self.path)
        if unfinished is None or not unfinished.progress.done or (named and not resume):
            self._begin(settings, items)
        elif not resume:
            raise JournalError(
                f"{self.path}: an unfinished run answered {unfinished.progress.done}"
                f"{self._of.format(len(unfinished.items))}; continue with --resume, or delete "
                f"{self.part.name} and {self._beside.name}"
            )
        elif not named and (rows or 0) < unfinished.progress.size:
            raise JournalError(f"cannot resume {self.path}: rows of {self.part.name} are gone")
        else:
            self._go_on(unfinished, settings, items, new, named)

    def _begin(self, settings: Mapping[str, str], items: Sequence[Item]) -> None:
        try:
            self._rows = os.open(self.part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | BINARY, 0o666)
            os.ftruncate(self._journal, 0)
            self._add_line(encode_start(settings, items))
            sync_folder(self.path.parent)
        except BaseException:
            self._discard()
            raise

    def _go_on(
        self,
        unfinished: Unfinished,
        settings: Mapping[str, str],
        items: Sequence[Item],
        new: bool,
        named: bool,
    ) -> None:
        try:
            check_settings(unfinished.settings, settings)
            self.order = arrange_items(unfinished.items, items, unfinished.progress.done, new)
        except JournalError as exc:
            raise JournalError(f"cannot resume {self.path}: {exc}") from exc
        if named:  # complete, and only the journal was not removed any more
            self.path.replace(self.part)
        self._rows = os.open(self.part, os.O_WRONLY | BINARY)
        os.ftruncate(self._rows, unfinished.progress.size)
        os.ftruncate(self._journal, unfinished.end)
        self._end = unfinished.end
        come = [items[place] for place in self.order[len(unfinished.items) :]]
        if come:
            self._add_line(encode_items(come))
        self.progress = self._counted = replace(unfinished.progress, whole=None)

    def _add_line(self, line: bytes) -> None:
        """Bring a line of the journal to disk."""
        _write_at(self._journal, line, self._end)
        os.fsync(self._journal)
        self._end += len(line)

    def _write(self, text: str, progress: Progress, last: bool = False) -> None:
        if self._failure:
            raise self._name(self._failure) from self._failure
        data = text.encode(self.encoding, "backslashreplace")
        try:
            _write_at(self._rows, data, progress.size)
            size = progress.size + len(data)
            self.progress = replace(progress, whole=size) if last else replace(progress, size=size)
            self._dirty.set()
            if not INTERVAL:
                self.sync()
        except OSError as exc:
            raise self._name(exc) from exc

    def _keep_syncing(self) -> None:
        """Bring rows to disk soon after they came, in a thread of its own."""
        while self._dirty.wait() and not self._closed.is_set():
            self._dirty.clear()
            try:
                self.sync()
            except OSError:
                return  # the next row, or the end, tells it
            self._closed.wait(INTERVAL)

    def _close_files(self) -> None:
        self._closed.set()
        self._dirty.set()
        if self._syncing.is_alive():
            self._syncing.join()
        for handle in (self._rows, self._journal):
            with suppress(OSError):  # none, where opening failed
                os.close(handle)
        self._rows = self._journal = -1

    def _discard(self) -> None:
        with suppress(OSError):
            self.part.unlink(missing_ok=True)
            self._beside.unlink()

    def _name(self, exc: OSError) -> OSError:
        return OSError(exc.errno, exc.strerror or str(exc), str(self.path))


def _write_at(handle: int, data: bytes, position: int) -> None:
    os.lseek(handle, position, os.SEEK_SET)
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _measure(path: Path) -> int | None:
    return path.stat().st_size if path.exists() else None

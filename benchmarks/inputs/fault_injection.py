"""The system calls by which the command touches files, one of which fails or is the last."""

import builtins
import errno
import io
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

CALLS = ("open", "read", "write", "fsync", "rename", "unlink")
PLACES = {  # what files are called by what they are, by how their names end
    ".journal": "journal",
    ".csv.part": "results",
    ".csv": "results",
    ".onnx": "model",
    ".png": "picture",
}
ANNOTATED = "annotated"  # folder, and what its files are called
FOLDER = "folder"


class Call(NamedTuple):
    """One use of a call: which, and what kind of file it touched."""

    name: str
    place: str


class Fault(NamedTuple):
    """What happens at the n-th use of any call, counted from 0: an error, or the end by SIGKILL."""

    number: int
    deadly: bool


class Injector:
    """Puts itself before the calls of this process, for good: for a process of its own.

    Attributes:
        seen: every call that touched a file of the run, in order.
    """

    def __init__(self, home: Path, fault: Fault | None = None) -> None:
        self.seen: list[Call] = []
        self._home = str(home)
        self._fault = fault
        self._places: dict[int, str | None] = {}  # by descriptor

    def install(self) -> None:
        """Take the place of the functions by which Python code opens, reads and writes."""
        self._open, self._fdopen, self._dup = os.open, os.fdopen, os.dup
        self._write, self._fsync = os.write, os.fsync
        replace: Any = {
            (os, "open"): self._open_descriptor,
            (os, "fdopen"): self._wrap_descriptor,
            (os, "dup"): self._double,
            (os, "write"): self._on_descriptor("write", os.write),
            (os, "fsync"): self._on_descriptor("fsync", os.fsync),
            (os, "replace"): self._on_path("rename", os.replace),
            (os, "unlink"): self._on_path("unlink", os.unlink),
            (io, "open"): self._on_open(io.open),
            (builtins, "open"): self._on_open(open),
        }
        for (module, name), function in replace.items():
            setattr(module, name, function)

    def strike(self, name: str, place: str | None) -> None:
        """Note a call, and let the fault happen if it is the one; files of others do not count."""
        if place is None:
            return
        number = len(self.seen)
        self.seen.append(Call(name, place))
        if self._fault is None or number != self._fault.number:
            return
        if self._fault.deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        code = errno.EIO if name == "read" else errno.ENOSPC
        raise OSError(code, os.strerror(code))

    def _place(self, path: object) -> str | None:
        """Return what kind of file it is; None for one that is not of the run."""
        text = os.path.abspath(os.fspath(path))  # type: ignore[call-overload] # noqa: PTH100
        kind = next((kind for end, kind in PLACES.items() if text.endswith(end)), None)
        if not text.startswith(self._home):
            return kind if kind == "model" else None
        return ANNOTATED if f"{os.sep}{ANNOTATED}{os.sep}" in text else kind or FOLDER

    def _open_descriptor(self, path: Any, *arguments: Any, **options: Any) -> int:
        place = self._place(path)
        self.strike("open", place)
        handle = self._open(path, *arguments, **options)
        self._places[handle] = place
        return handle

    def _double(self, handle: int) -> int:
        other = self._dup(handle)
        self._places[other] = self._places.get(handle)
        return other

    def _wrap_descriptor(self, handle: int, *arguments: Any, **options: Any) -> Any:
        file = self._fdopen(handle, *arguments, **options)
        place = self._places.get(handle)
        return file if place is None else _File(file, place, self.strike)

    def _on_descriptor(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(handle: int, *arguments: Any) -> Any:
            self.strike(name, self._places.get(handle))
            return real(handle, *arguments)

        return call

    def _on_path(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *arguments: Any, **options: Any) -> Any:
            self.strike(name, self._place(path))
            return real(path, *arguments, **options)

        return call

    def _on_open(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
            place = None if isinstance(path, int) else self._place(path)
            if place is None or options.get("opener"):  # which opens by `os.open`
                file = real(path, mode, *arguments, **options)
                place = self._places.get(file.fileno()) if place else None
            else:
                self.strike("open", place)
                file = real(path, mode, *arguments, **options)
                self._places[file.fileno()] = place
            return file if place is None else _File(file, place, self.strike)

        return call


class _File:
    """An open file whose reads and writes are calls."""

    def __init__(self, file: Any, place: str, strike: Callable[[str, str], None]) -> None:
        self._file, self._place, self._strike = file, place, strike

    def __getattr__(self, name: str) -> Any:
        if name == "fileno" and "x" in self._file.mode:  # Pillow would write past this
            raise AttributeError(name)
        return getattr(self._file, name)

    def __enter__(self) -> "_File":
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()

    def __iter__(self) -> Any:
        return iter(self._file)

    def read(self, *arguments: Any) -> Any:
        self._strike("read", self._place)
        return self._file.read(*arguments)

    def write(self, data: Any) -> Any:
        self._strike("write", self._place)
        return self._file.write(data)

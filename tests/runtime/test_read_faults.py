"""A disk that cannot be read: whichever open or read fails, it is one line, and nothing else is."""

import builtins
import errno
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fer_onnx.classifier import Classifier
from fer_onnx.detector import FaceFinder
from fer_onnx.errors import ModelError


class Disk:
    """Files that can be read until the n-th time; those with other endings always can.

    Attributes:
        asked: opens and reads so far.
    """

    def __init__(self, *endings: str) -> None:
        self.endings = endings
        self.asked, self.fails = 0, -1

    def ask(self) -> None:
        self.asked += 1
        if self.asked == self.fails:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    def install(self, patch: pytest.MonkeyPatch) -> None:
        for module in (io, builtins):
            patch.setattr(module, "open", self._wrap(module.open))
        self._named: dict[int, bool] = {}
        real, wrap = os.open, self._wrap(os.fdopen)

        def open_descriptor(path: str, *arguments: int) -> int:
            handle = real(path, *arguments)
            self._named[handle] = str(path).endswith(self.endings)
            return handle

        patch.setattr(os, "open", open_descriptor)
        patch.setattr(os, "fdopen", wrap)

    def _wrap(self, real: Callable[..., object]) -> Callable[..., object]:
        def open_file(path: object, *arguments: object, **options: object) -> object:
            named = isinstance(path, int) and self._named.pop(path, False)
            if not named and not str(path).endswith(self.endings):
                return real(path, *arguments, **options)
            self.ask()
            return File(real(path, *arguments, **options), self)

        return open_file


class File:
    def __init__(self, file: object, disk: Disk) -> None:
        self.file, self.disk = file, disk

    def __getattr__(self, name: str) -> object:
        return getattr(self.file, name)

    def __enter__(self) -> "File":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def read(self, *size: int) -> bytes | str:
        self.disk.ask()
        return self.file.read(*size)


def test_whichever_read_of_a_picture_fails_its_record_says_so_and_the_others_are_right(
    predict, picture, monkeypatch
):
    for number in range(3):
        picture(f"in/{number}.png", 60 * number + 60)
    right = predict("in", "--format", "csv").out.splitlines()
    disk = Disk(".png")
    disk.install(monkeypatch)
    predict("in", "--format", "csv")
    asked, disk.asked = disk.asked, 0
    assert asked == 6  # an open and a read each
    for disk.fails in range(1, asked + 1):
        disk.asked = 0
        done = predict("in", "--format", "csv")
        assert done.code == 1
        name = Path("in") / f"{(disk.fails - 1) // 2}.png"
        assert done.err == f"error: {name}: cannot be read (Input/output error)\n"
        rows = done.out.splitlines()
        assert [row for row in rows if "Input/output error" not in row] == [
            row for row in right if not row.startswith(str(name))
        ]
        assert len(rows) == len(right)


@pytest.mark.parametrize(
    ("source", "kind"), [("emotions", Classifier), ("faces", FaceFinder), (None, Classifier)]
)
def test_whichever_read_of_a_model_fails_it_is_a_model_error(model_file, source, kind, monkeypatch):
    source = source or model_file
    disk = Disk(".onnx", "SHA256SUMS")
    disk.install(monkeypatch)
    kind(source)
    asked = disk.asked
    assert asked >= 4  # the list of bundled models, and a file
    for disk.fails in range(1, asked + 1):
        disk.asked = 0
        with pytest.raises(ModelError, match="cannot be read") as caught:
            kind(source)
        assert str(caught.value).isprintable()


def test_the_command_says_of_a_model_that_it_cannot_be_read(predict, picture, monkeypatch):
    path = picture("a.png")
    disk = Disk(".onnx", "SHA256SUMS")
    disk.install(monkeypatch)
    predict(path, "--output", "out")
    asked = disk.asked
    for disk.fails in range(1, asked + 1):
        disk.asked = 0
        done = predict(path, "--output", "out")
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("error: ")
        assert "cannot be read" in done.err
        assert done.err.count("\n") == 1

"""A checkpoint is whole or not there; a damaged or foreign one is told in one line."""

import errno
import io
import os
import zipfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_onnx.metadata import InputSpec
from train.cli import main
from train.errors import TrainError
from train.expression.networks import build_residual
from train.runs.checkpoint import MEMBER, read_checkpoint, read_record, write_checkpoint
from train.runs.folder import RunFolder
from train.runs.record import Record

resource = pytest.importorskip("resource", reason="limits the size of files, as a full disk does")

SPEC = InputSpec(8, 8)
HEADS = {"original": ("happy", "sad")}
RECORD = Record("compact", HEADS, SPEC, "mine", "", {"train": {"train": 9}}, 1, 2)


@pytest.fixture(scope="module")
def model():
    return build_residual(SPEC, HEADS, widths=(2, 2), blocks=(1,))


@pytest.fixture(scope="module")
def whole(model, tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "whole.keras"
    write_checkpoint(model, RECORD, path)
    return path.read_bytes()


@contextmanager
def room(size):
    """Let files have so many bytes, as a full disk would; the log that pytest writes is one too."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


class TestWriting:
    def test_wherever_the_disk_is_full_the_old_checkpoint_stays_and_nothing_else(
        self, model, whole, tmp_path
    ):
        path = tmp_path / "last.keras"
        path.write_bytes(b"before")
        for size in [*range(0, len(whole) - 1, len(whole) // 40), len(whole) - 1]:
            with room(size), pytest.raises(TrainError) as caught:
                write_checkpoint(model, RECORD, path)
            assert str(caught.value) == f"{path}: cannot be written (File too large)"
            assert path.read_bytes() == b"before"
            assert [each.name for each in tmp_path.iterdir()] == ["last.keras"]
        with room(len(whole) + 1):
            write_checkpoint(model, RECORD, path)
        assert read_checkpoint(path)[1] == RECORD

    def test_whichever_write_sync_or_rename_fails_the_old_checkpoint_stays(
        self, model, tmp_path, monkeypatch
    ):
        path = tmp_path / "last.keras"
        with monkeypatch.context() as patch:
            calls = fail(patch, 0)
            write_checkpoint(model, RECORD, path)
        assert calls["write"] > 10
        assert calls["fsync"] == 2  # of the file and of its folder
        assert calls["replace"] == 1
        path.write_bytes(b"before")
        for number in range(1, calls.total()):  # the last sync comes after the new name
            with monkeypatch.context() as patch:
                fail(patch, number)
                with pytest.raises(TrainError) as caught:
                    write_checkpoint(model, RECORD, path)
            assert str(caught.value) == f"{path}: cannot be written (No space left on device)"
            assert path.read_bytes() == b"before"
            assert [each.name for each in tmp_path.iterdir()] == ["last.keras"]

    def test_what_a_killed_writer_left_is_gone_with_the_next_run(self, tmp_path):
        (tmp_path / ".0123456789abcdef.part.keras").write_bytes(b"half")
        (tmp_path / "notes.part.txt").write_text("mine")
        RunFolder(tmp_path)
        assert [each.name for each in tmp_path.iterdir()] == ["notes.part.txt"]


class TestReading:
    def test_whichever_read_fails_it_is_one_line_or_the_same_network(
        self, model, whole, tmp_path, monkeypatch
    ):
        path = tmp_path / "last.keras"
        path.write_bytes(whole)
        with monkeypatch.context() as patch:
            calls = fail(patch, 0, reads_of=path)
            read_checkpoint(path)
        assert calls["read"] > 10
        told = 0
        for number in range(1, calls.total() + 1):
            with monkeypatch.context() as patch:
                fail(patch, number, reads_of=path)
                found = try_to_read(path)
            if isinstance(found, str):
                assert found.startswith(f"{path}: ")
                assert "\n" not in found
                told += 1
            else:  # asked once more, or for nothing that counts
                for one, other in zip(found[0].get_weights(), model.get_weights(), strict=True):
                    assert np.array_equal(one, other)
        assert told > calls.total() // 2

    def test_whichever_byte_is_flipped_it_is_one_line_or_the_same_network(
        self, model, whole, tmp_path
    ):
        path = tmp_path / "flipped.keras"
        told = 0
        for place in sorted({*range(0, len(whole), len(whole) // 200), *range(-400, 0, 3)}):
            damaged = bytearray(whole)
            damaged[place] ^= 0xFF
            path.write_bytes(damaged)
            found = try_to_read(path)
            if isinstance(found, str):
                assert found.startswith(f"{path}: ")
                assert "\n" not in found
                told += 1
            else:  # a byte that says nothing: of a date, or of where it was made
                read, record = found
                assert record == RECORD
                for one, other in zip(read.get_weights(), model.get_weights(), strict=True):
                    assert np.array_equal(one, other)
        assert told > 150

    @pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
    def test_a_file_cut_off_is_one_line(self, whole, tmp_path, share):
        path = tmp_path / "cut.keras"
        path.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(TrainError, match=r"cut\.keras: not a checkpoint made by"):
            read_checkpoint(path)

    def test_a_stranger_with_a_record_is_one_line(self, whole, tmp_path):
        path = tmp_path / "foreign.keras"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json", "{}")
            archive.writestr(MEMBER, RECORD.to_json())
        with pytest.raises(TrainError, match=r"foreign\.keras: damaged checkpoint \(") as caught:
            read_checkpoint(path)
        assert "\n" not in str(caught.value)

    def test_a_record_of_another_network_is_told(self, model, tmp_path):
        path = tmp_path / "other.keras"
        write_checkpoint(model, replace(RECORD, heads={"ferplus": ("happy", "sad")}), path)
        with pytest.raises(TrainError, match="its record is of another network"):
            read_checkpoint(path)

    def test_a_member_that_swells_is_not_unpacked(self, whole, tmp_path):
        path = tmp_path / "swollen.keras"
        path.write_bytes(whole)
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("assets/big", bytes(2**25))
        with pytest.raises(TrainError, match="assets/big would take 33,554,432 bytes"):
            read_checkpoint(path)

    def test_a_long_record_is_not_read(self, tmp_path):
        path = tmp_path / "long.keras"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(MEMBER, " " * (2**24 + 1) + RECORD.to_json())
        with pytest.raises(TrainError, match="not a checkpoint made by"):
            read_record(path)

    def test_the_commands_tell_it_in_one_line_and_exit_2(self, whole, tmp_path, capsys):
        path = tmp_path / "flipped.keras"
        damaged = bytearray(whole)
        damaged[whole.index(b"HDF") + 3000] ^= 1
        path.write_bytes(damaged)
        out = str(tmp_path / "out.keras")
        for words in (
            ["evaluate", str(path), "--data", str(tmp_path)],
            ["compare", str(path)],
            ["widen", str(path), out, "--widths", "3,3"],
            ["average", str(path), "--data", str(tmp_path), "--out", out],
        ):
            assert main(words) == 2
            line = f"error: {path}: damaged checkpoint (checksum of model.weights.h5)\n"
            assert capsys.readouterr().err in (line, f"error: {path}: no epoch is done yet\n")


def try_to_read(path: Path):
    """Return what is read, or the text of the error."""
    try:
        return read_checkpoint(path)
    except TrainError as exc:
        return str(exc)


def fail(patch: pytest.MonkeyPatch, number: int, reads_of: Path | None = None) -> Counter:
    """Let the n-th write, sync or rename from now on fail as on a full disk; count them.

    With `reads_of`, the n-th time that this file is opened or read.
    """
    calls: Counter = Counter()

    def strike(name: str) -> None:
        calls[name] += 1
        if calls.total() == number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    class File:
        def __init__(self, file):
            self.file = file

        def __getattr__(self, name):
            return getattr(self.file, name)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def write(self, data):
            strike("write")
            return self.file.write(data)

        def read(self, *size):
            if reads_of:
                strike("read")
            return self.file.read(*size)

    def opener(real):
        def open_file(path, mode="r", *args, **options):
            wanted = str(path) == str(reads_of)
            if wanted:
                strike("open")
            file = real(path, mode, *args, **options)
            return File(file) if wanted or set(mode) & set("wax+") else file

        return open_file

    def first(name, real):
        def call(*args, **options):
            strike(name)
            return real(*args, **options)

        return call

    patch.setattr("io.open", opener(io.open))
    patch.setattr("builtins.open", opener(open))
    patch.setattr("os.fsync", first("fsync", os.fsync))
    patch.setattr("pathlib.Path.replace", first("replace", Path.replace))
    return calls

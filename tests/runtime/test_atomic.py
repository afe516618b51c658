"""Files written whole or not at all."""

import os
import stat
import sys
from pathlib import Path

import pytest

from fer_onnx.atomic import draft_of, remove_drafts, write_whole


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_the_file_is_there_when_it_is_whole():
    path = Path("result")
    path.write_bytes(b"before")
    with write_whole(path) as file:
        file.write(b"after")
        assert path.read_bytes() == b"before"
    assert path.read_bytes() == b"after"
    assert [each.name for each in Path.cwd().iterdir()] == ["result"]


def test_nothing_is_left_of_what_was_broken_off():
    def break_off() -> None:
        with write_whole(Path("result")) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize("name", ["missing/result", "."])
def test_what_cannot_be_written_is_named(name):
    path = Path(name).resolve()
    with pytest.raises(OSError, match=r"(No such file|directory)") as caught, write_whole(path):
        pytest.fail("opened")
    assert caught.value.filename == str(path)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have no name on Windows")
def test_a_device_is_written_to_and_not_replaced():
    with write_whole(Path(os.devnull)) as file:
        file.write(b"gone")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
    assert not [each for each in Path("/dev").iterdir() if each.name.endswith(".part")]


class TestDraftOf:
    def test_a_writer_that_takes_a_path_writes_a_whole_file_too(self):
        path = Path("result.keras")
        path.write_bytes(b"before")
        with draft_of(path) as draft:
            assert (draft.parent, draft.suffix) == (path.parent, ".keras")
            draft.write_bytes(b"after")
            assert path.read_bytes() == b"before"
        assert path.read_bytes() == b"after"
        assert [each.name for each in Path.cwd().iterdir()] == ["result.keras"]

    def test_nothing_is_left_of_what_was_broken_off(self):
        def break_off() -> None:
            with draft_of(Path("result")) as draft:
                draft.write_bytes(b"half")
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            break_off()
        assert list(Path.cwd().iterdir()) == []

    def test_a_writer_that_wrote_nothing_is_told_of_by_the_name_that_was_asked_for(self):
        with pytest.raises(FileNotFoundError) as caught, draft_of(Path("result")):
            pass
        assert caught.value.filename == "result"


def test_drafts_of_killed_writers_are_removed_and_nothing_else():
    drafts = (".0123456789abcdef.part", ".fedcba9876543210.part.keras")
    for name in (*drafts, "mine.part", ".hidden", ".download.part"):
        Path(name).write_text("")
    remove_drafts(Path.cwd())
    assert sorted(each.name for each in Path.cwd().iterdir()) == [
        ".download.part",
        ".hidden",
        "mine.part",
    ]

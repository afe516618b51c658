"""Files that grow row by row: whatever ends a run, it is gone on with to the same bytes."""

import os
import sys
from pathlib import Path

import pytest

from fer_onnx.runs import journal
from fer_onnx.runs.journal import Journal
from fer_onnx.runs.resumption import Item, JournalError

SETTINGS = {"model": "small 1", "--labels": "all"}
NAMES = ("a", "b", "c", "d", "é\udcff")
ITEMS = [Item(name, f"1 of {name}") for name in NAMES]
WHOLE = "head\n" + "".join(f"{name}\n{name}\n" for name in NAMES) + "tail\n"


@pytest.fixture(autouse=True)
def _every_row_is_brought_to_disk_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(journal, "INTERVAL", 0)


def open_run(
    items: list[Item] = ITEMS, settings: dict[str, str] = SETTINGS, **options: bool
) -> Journal:
    return Journal(Path("out"), settings, items, **options)


def write(run: Journal, items: list[Item] = ITEMS, *, stop: int | None = None) -> None:
    """Write two rows for each item that has none, and end the run; or stop before an item."""
    with run:
        run.write_head("head\n")
        for number in range(run.progress.done, len(run.order)):
            if number == stop:
                return
            name = items[run.order[number]].name
            run.append(f"{name}\n{name}\n", {"rows": 2 * number + 2})
        run.finish("tail\n")


def read(name: str = "out") -> str:
    return Path(name).read_bytes().decode().replace("\\udcff", "\udcff")


def list_files() -> list[str]:
    return sorted(os.listdir())  # noqa: PTH208


def test_a_run_that_ends_leaves_one_file():
    write(open_run())
    assert list_files() == ["out"]
    assert read() == WHOLE


@pytest.mark.parametrize("stop", range(1, 5))
def test_an_interrupted_run_keeps_its_rows_and_is_gone_on_with(stop):
    Path("out").write_text("before")
    write(open_run(), stop=stop)
    assert list_files() == ["out", "out.journal", "out.part"]
    assert read() == "before"
    assert read("out.part") == "head\n" + "".join(f"{name}\n{name}\n" for name in NAMES[:stop])
    again = open_run(resume=True)
    assert (again.progress.done, again.progress.counts) == (stop, {"rows": 2 * stop})
    write(again)
    assert list_files() == ["out"]
    assert read() == WHOLE


def test_a_run_without_a_row_leaves_nothing():
    write(open_run(), stop=0)
    assert list_files() == []


def test_a_run_is_gone_on_with_from_wherever_the_power_failed(monkeypatch):
    """Rows may be on disk in part, or in whole; the journal ends anywhere."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # hundreds of runs
    write(open_run(), stop=4)
    part, lines = Path("out.part").read_bytes(), Path("out.journal").read_bytes()
    counted = [end + 1 for end, byte in enumerate(lines) if byte == ord("\n")][1:]
    for end in range(counted[0], len(lines) + 1):
        answered = sum(position <= end for position in counted) - 2  # of the start and the head
        size = len("head\n") + 4 * max(answered, 0)
        for rows in {size, size + 1, len(part)}:
            Path("out.part").write_bytes(part[:rows])
            Path("out.journal").write_bytes(lines[:end])
            run = open_run(resume=True)
            assert run.progress.done == max(answered, 0)
            write(run)
            assert read() == WHOLE


def test_zeros_that_a_power_failure_leaves_in_a_journal_are_no_line():
    write(open_run(), stop=2)
    with Path("out.journal").open("ab") as file:
        file.write(bytes(100))
    run = open_run(resume=True)
    assert run.progress.done == 2
    write(run)
    assert read() == WHOLE


@pytest.mark.parametrize("call", ["write", "fsync", "replace", "unlink", "open"])
def test_the_nth_call_that_fails_loses_no_answer(monkeypatch, call):
    """Every call of every run fails once: the rows before it stay, and the run ends as ever."""
    real, faults = getattr(os, call), 0
    while True:
        left = faults

        def fail(*arguments: object, **options: object) -> object:
            nonlocal left
            if left == 0:
                left -= 1
                raise OSError(28, "No space left on device")
            left -= 1
            return real(*arguments, **options)

        with monkeypatch.context() as patch:
            patch.setattr(os, call, fail)
            done, error = 0, None
            try:
                run = open_run(resume=True)
                with run:
                    run.write_head("head\n")
                    for item in ITEMS:
                        run.append(f"{item.name}\n{item.name}\n")
                        done += 1
                    run.finish("tail\n")
            except OSError as exc:
                error = exc
        if error is None:
            break
        assert error.filename == "out"
        if Path("out").exists():  # only the journal was left to remove
            assert read() == WHOLE
            Path("out").unlink()
            Path("out.journal").unlink(missing_ok=True)
        elif done:
            assert read("out.part").startswith(WHOLE[: 5 + 4 * done])
            run = open_run(resume=True)
            assert run.progress.done >= done
            write(run)
            assert read() == WHOLE
            Path("out").unlink()
        assert list_files() == []
        faults += 1
    assert read() == WHOLE
    assert faults >= {"write": 8, "fsync": 8, "replace": 1, "unlink": 1, "open": 2}[call]


def test_what_is_counted_belongs_to_the_rows_before():
    counts = {"rows": 1}
    with open_run() as run:
        run.append("a\n", counts)
        counts["rows"] = 2  # of an item that is not written yet
    assert open_run(resume=True).progress.counts == {"rows": 1}


def test_a_complete_file_beside_its_journal_is_not_answered_again(monkeypatch):
    def fail(path: Path, **options: bool) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", fail)
        with pytest.raises(OSError, match="Input/output error"):
            write(open_run())
    assert list_files() == ["out", "out.journal"]
    again = open_run(resume=True)
    assert again.progress.done == 5
    write(again)
    assert read() == WHOLE
    assert list_files() == ["out"]


def test_rows_that_no_fsync_vouches_for_are_answered_again(monkeypatch):
    """Where fsync has failed once, the next one may say that all is well though rows are lost."""
    run = open_run()
    run.append("a\na\n")
    with monkeypatch.context() as patch:

        def fail(handle: int) -> None:
            patch.setattr(os, "fsync", lambda handle: None)
            raise OSError(5, "Input/output error")

        patch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="Input/output error"):
            run.append("b\nb\n")
        with pytest.raises(OSError, match="Input/output error"):
            run.append("c\nc\n")
        run.close()
    assert run.kept == 1
    assert open_run(resume=True).progress.done == 1


def test_rows_come_to_disk_without_a_next_row(monkeypatch):
    monkeypatch.setattr(journal, "INTERVAL", 0.01)
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    run = open_run()
    started = len(synced)
    run.append("a\na\n")
    while run.kept < 1:  # a thread brings it there
        pass
    assert len(synced) == started + 2
    run.close()


class TestRefusal:
    def refuse(self, message: str, **options: object) -> None:
        before = {name: Path(name).read_bytes() for name in list_files()}
        with pytest.raises(JournalError) as caught:
            open_run(**options)
        assert str(caught.value) == message
        assert {name: Path(name).read_bytes() for name in list_files()} == before

    def test_answers_are_not_written_over_unasked(self):
        write(open_run(), stop=3)
        self.refuse(
            "out: an unfinished run has answered 3 of 5; go on with --resume, or delete out.part "
            "and out.journal"
        )

    def test_other_settings_are_named(self):
        write(open_run(), stop=3)
        self.refuse(
            "cannot resume out: model was small 1, is now small 2; --labels was all, is now a,b; "
            "more was unknown, is now yes",
            settings={"model": "small 2", "--labels": "a,b", "more": "yes"},
            resume=True,
        )

    def test_items_that_are_gone_are_named(self):
        write(open_run(), stop=3)
        gone = ITEMS[0]
        self.refuse(f"cannot resume out: {gone.name} is gone", items=ITEMS[1:], resume=True)
        self.refuse("cannot resume out: a and 3 more are gone", items=ITEMS[4:], resume=True)

    def test_an_answered_item_that_has_changed_is_named_and_another_is_not(self):
        write(open_run(), stop=3)
        changed = [Item(item.name, "2") for item in ITEMS]
        self.refuse(
            "cannot resume out: c has changed since it was answered",
            items=[*ITEMS[:2], *changed[2:]],
            resume=True,
        )
        write(open_run(items=[*ITEMS[:3], *changed[3:]], resume=True))
        assert read() == WHOLE

    def test_new_items_are_refused_unless_asked_for(self):
        write(open_run(), stop=3)
        items = [Item("aa", ""), *ITEMS]
        self.refuse(
            "cannot resume out: aa is new; --new answers what is new last",
            items=items,
            resume=True,
        )

    def test_rows_that_somebody_has_taken_out_are_missed(self):
        write(open_run(), stop=3)
        Path("out.part").write_text("head\n")
        self.refuse("cannot resume out: rows of out.part are gone", resume=True)

    @pytest.mark.parametrize("resume", [False, True])
    def test_files_of_somebody_else_are_left_alone(self, resume):
        Path("out.part").write_text("mine")
        self.refuse("out.part: no journal counts its rows; move it away", resume=resume)
        Path("out.journal").write_text("mine too")
        self.refuse("out.journal: is no journal of a run; move it away", resume=resume)

    @pytest.mark.skipif(sys.platform == "win32", reason="no locks there")
    def test_a_run_that_still_goes_on_is_left_alone(self):
        run = open_run()
        run.append("a\na\n")
        self.refuse("out: another process is writing it", resume=True)
        run.close()


def test_new_items_come_last_and_stay_where_they_are():
    write(open_run(), stop=2)
    more = [Item("aa", ""), *ITEMS, Item("zz", "")]
    run = open_run(items=more, resume=True, new=True)
    assert run.order == [1, 2, 3, 4, 5, 0, 6]
    write(run, more, stop=6)
    even_more = [Item("0", ""), *more]
    run = open_run(items=even_more, resume=True, new=True)
    assert run.order == [2, 3, 4, 5, 6, 1, 7, 0]
    write(run, even_more)
    rows = "".join(f"{name}\n{name}\n" for name in (*NAMES, "aa", "zz", "0"))
    assert read() == f"head\n{rows}tail\n"


def test_an_item_that_is_named_twice_is_answered_twice():
    items = [ITEMS[0], ITEMS[1], ITEMS[0]]
    write(open_run(items=items), items, stop=2)
    run = open_run(items=items, resume=True)
    assert run.order == [0, 1, 2]


def test_resuming_what_was_never_begun_begins_it():
    write(open_run(resume=True))
    assert read() == WHOLE

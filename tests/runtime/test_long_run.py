"""Long runs of `fer-onnx predict --output`: nothing answered is lost, whatever ends them."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from fer_onnx.runs import journal, workers
from fer_onnx.runs.files import Picture
from fer_onnx.runs.pipeline import Answerer
from fer_onnx.runs.records import Record

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX system")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
COUNT = 100


@pytest.fixture
def folder(picture, tmp_path, monkeypatch):
    """Pictures, some of which fail, one under many names."""
    monkeypatch.chdir(tmp_path)
    for number in range(5):
        picture(f"in/{number}.png", 50 * number)
    for number in range(5, COUNT):
        os.link(f"in/{number % 5}.png", f"in/{number}.png")
    Path("in/7.png").unlink()
    Path("in/7.png").write_text("no picture")
    Path("in/notes.txt").write_text("passed over")
    return tmp_path


@pytest.fixture
def start(folder, model_file):
    """Start the command in a process of its own, in a session of its own."""
    started = []

    def start_command(*arguments: object, **options: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "fer_onnx", "predict", "in", "--model", model_file]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
        process = subprocess.Popen(
            [*map(str, command), *map(str, arguments)], start_new_session=True, **pipes | options
        )
        started.append(process)
        return process

    yield start_command
    for process in started:
        process.kill()
        process.communicate()


def finish(process: subprocess.Popen[str]) -> SimpleNamespace:
    out, err = process.communicate(timeout=60)
    return SimpleNamespace(code=process.returncode, out=out, err=err)


def wait_for(process: subprocess.Popen[str], path: str, size: int) -> None:
    """Wait until a file is as large as that, or the process has ended."""
    while process.poll() is None:
        if Path(path).exists() and Path(path).stat().st_size >= size:
            return
        time.sleep(0.001)


def answer_unbroken(predict, kind: str, *options: str) -> bytes:
    predict("in", "--format", kind, "--output", "unbroken", *options)
    return Path("unbroken").read_bytes()


def reset_signals() -> None:
    """Undo what a suite that was started in the background hands on."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.parametrize(
    ("kind", "kills", "options"), [("csv", 12, ()), ("jsonl", 8, ("--workers", "2"))]
)
def test_a_run_killed_at_any_moment_ends_as_one_that_was_not(start, predict, kind, kills, options):
    unbroken = answer_unbroken(predict, kind)
    arguments = ("--format", kind, "--output", "out", "--resume", *options)
    rng = random.Random(0)
    for _ in range(kills):
        process = start(*arguments)
        part = Path("out.part")
        size = part.stat().st_size if part.exists() else 0
        wait_for(process, "out.part", size + rng.randrange(len(unbroken) // kills))
        process.kill()
        process.wait()
    assert not Path("out").exists() or Path("out").read_bytes() == unbroken
    assert finish(start(*arguments)).code == 1  # one of the pictures is none
    assert Path("out").read_bytes() == unbroken
    assert not list(Path().glob("out.*"))


@pytest.mark.parametrize(
    ("number", "code", "options"),
    [
        (signal.SIGINT, 130, ()),
        (signal.SIGTERM, 143, ()),
        (signal.SIGHUP, 129, ()),
        (signal.SIGTERM, 143, ("--workers", "2")),
    ],
)
def test_a_signal_keeps_what_is_answered_and_says_how_to_go_on(
    start, predict, number, code, options, tmp_path
):
    unbroken = answer_unbroken(predict, "json", "--annotate", "drawn")
    shutil.rmtree("drawn")
    arguments = ("--format", "json", "--output", "out", "--annotate", "drawn", *options)
    process = start(*arguments, preexec_fn=reset_signals)
    wait_for(process, "out.part", 4_000)
    os.killpg(process.pid, number)  # as a terminal does: the workers get it too
    done = finish(process)
    answered = Path("out.part").read_text().count('"image"')
    line = (
        f"stopped: {answered} of {COUNT} answered, in {tmp_path / 'out.part'}; continue "
        "with --resume"
    )
    assert (done.code, done.out, done.err.splitlines()[-1]) == (code, "", line)
    assert not Path("out").exists()
    assert not list(Path("drawn").glob(".*.part"))
    assert finish(start(*arguments, "--resume")).code == 1
    assert Path("out").read_bytes() == unbroken


@LINUX
def test_a_killed_parent_leaves_no_worker_and_no_draft(start):
    process = start("--output", "out", "--annotate", "drawn", "--workers", "2")
    wait_for(process, "out.part", 4_000)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.kill()
    process.wait()
    assert len(children) == 3  # two workers, and what multiprocessing runs beside them
    while any(Path(f"/proc/{child}").exists() for child in children):
        time.sleep(0.01)
    assert len(os.listdir("drawn")) > 0  # noqa: PTH208
    assert not list(Path("drawn").glob(".*.part"))


def test_a_disk_that_is_full_keeps_what_was_answered(start, predict, tmp_path):
    unbroken = answer_unbroken(predict, "jsonl")
    arguments = ("--format", "jsonl", "--output", "out")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = finish(start(*arguments, preexec_fn=limit))
    *_, stopped, error = done.err.splitlines()
    assert done.code == 2
    assert error == f"error: {tmp_path / 'out'}: cannot be written (File too large)"
    rows = Path("out.part").read_bytes()
    answered = rows.count(b"\n")
    assert rows.endswith(b"\n")
    assert unbroken.startswith(rows)
    assert stopped.startswith(f"stopped: {answered} of {COUNT} answered, in ")
    assert finish(start(*arguments, "--resume")).code == 1
    assert Path("out").read_bytes() == unbroken


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_a_call_of_the_system_that_fails_is_one_line_and_loses_nothing(
    predict, folder, monkeypatch, call
):
    """The n-th call fails, for every n; then the run is gone on with."""
    for path in sorted(Path("in").iterdir())[8:]:
        path.unlink()
    unbroken = answer_unbroken(predict, "csv")
    monkeypatch.setattr(journal, "INTERVAL", 0)
    arguments = ("in", "--format", "csv", "--output", "out")
    real, faults = getattr(os, call), 0
    while True:
        left = faults

        def fail(*arguments: object) -> object:
            nonlocal left
            left -= 1
            if left == -1:
                raise OSError(28, "No space left on device")
            return real(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(os, call, fail)
            done = predict(*arguments, "--resume")
        if left >= 0:
            break
        line = f"error: {folder / 'out'}: cannot be written (No space left on device)"
        assert (done.code, done.out, done.err.splitlines()[-1]) == (2, "", line)
        if Path("out").exists():
            assert Path("out").read_bytes() == unbroken
        elif Path("out.part").exists():
            assert unbroken.startswith(Path("out.part").read_bytes())
        predict(*arguments, "--resume")
        assert Path("out").read_bytes() == unbroken
        Path("out").unlink()
        assert not list(Path().glob("out*"))
        faults += 1
    assert faults >= {"write": 20, "fsync": 20, "replace": 1}[call]


class TestGoingOn:
    """A run of three pictures, the second of them none, that was interrupted in the third."""

    @pytest.fixture(autouse=True)
    def _interrupted(self, predict, picture, monkeypatch):
        for name in "abc":
            picture(f"in/{name}.png")
        Path("in/b.png").write_text("no picture")
        answer, calls = Answerer.answer, []

        def interrupt(self: Answerer, picture: Picture) -> Record:
            calls.append(picture)
            if len(calls) == 3:
                raise KeyboardInterrupt
            return answer(self, picture)

        with monkeypatch.context() as patch:
            patch.setattr(Answerer, "answer", interrupt)
            assert predict("in", "--format", "csv", "--output", "out").code == 130

    def test_failures_of_before_count_in_the_exit_code_and_in_the_summary(self, predict):
        done = predict("in", "--format", "csv", "--output", "out", "--resume")
        assert done.code == 1
        assert done.err.startswith("2 answered, 0 without a face, 1 failed, 0 other files skipped")

    def test_a_second_run_does_not_write_over_the_answers(self, predict, tmp_path):
        before = Path("out.part").read_bytes()
        done = predict("in", "--format", "csv", "--output", "out")
        line = (
            f"error: {tmp_path / 'out'}: an unfinished run answered 2 of 3; continue with "
            "--resume, or delete out.part and out.journal\n"
        )
        assert (done.code, done.out, done.err) == (2, "", line)
        assert Path("out.part").read_bytes() == before

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("--format", "jsonl"), "--format was csv, is now jsonl"),
            (("--labels", "dark,grey"), "--labels was all, is now dark,grey"),
            (("--min-score", "0.5"), "--min-score was the model's, is now 0.5"),
            (("--faces", "whole"), "--faces was auto, is now whole"),
            (("--model", "happy-sad"), "model was brightness (SHA-256 "),
        ],
    )
    def test_another_run_is_refused_by_what_differs(self, predict, tmp_path, arguments, message):
        done = predict("in", "--format", "csv", "--output", "out", "--resume", *arguments)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith(f"error: cannot resume {tmp_path / 'out'}: {message}")
        assert done.err.count("\n") == 1

    def test_the_same_name_with_another_model_in_it_is_refused(
        self, predict, onnx, tmp_path, model_file
    ):
        path = tmp_path / "other.onnx"
        path.write_bytes(onnx.model(info=onnx.info(licence="another")))
        done = predict("in", "--output", "out", "--format", "csv", "--resume", "--model", path)
        assert done.code == 2
        assert "model was brightness (SHA-256 " in done.err

    def test_new_files_are_refused_or_answered_last(self, predict, picture):
        picture("in/aa.png", 30)
        arguments = ("in", "--format", "csv", "--output", "out", "--resume")
        done = predict(*arguments)
        new = f"{Path('in/aa.png')} is new; use --new to read new files after all others\n"
        assert (done.code, done.err.endswith(new)) == (2, True)
        assert predict(*arguments, "--new").code == 1
        names = [row.split(",")[0] for row in Path("out").read_text().splitlines()[1:]]
        assert names == [f"in{os.sep}{name}.png" for name in ("a", "b", "c", "aa")]

    def test_a_picture_that_has_changed_since_it_was_answered_is_named(self, predict, picture):
        picture("in/a.png", 60, size=(50, 50))
        done = predict("in", "--format", "csv", "--output", "out", "--resume")
        assert done.code == 2
        assert done.err.endswith(f"{Path('in/a.png')} has changed since it was answered\n")


def test_the_same_bytes_of_stdin_are_the_same_input(predict, picture, monkeypatch):
    data = picture("a.png").read_bytes()
    monkeypatch.setattr(journal, "INTERVAL", 0)
    with monkeypatch.context() as patch:
        patch.setattr("fer_onnx.cli.writers.TextWriter.tail", lambda self, count: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            predict("-", "--output", "out", stdin=data)
    other = predict("-", "--output", "out", "--resume", stdin=data + b"more")
    assert other.err.endswith("- has changed since it was answered\n")
    assert predict("-", "--output", "out", "--resume", stdin=data).code == 0
    assert Path("out").read_text(encoding="utf-8").startswith("-: bright 0.90\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--resume",), "--resume requires --output FILE"),
        (("--resume", "--output", os.devnull), "--resume requires --output FILE"),
        (("--new", "--output", "out"), "--new requires --resume"),
    ],
)
def test_resuming_what_nobody_keeps_is_wrong_usage(predict, picture, arguments, message):
    done = predict(picture("a.png"), *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: {message}")


class TestSummary:
    def test_a_run_into_a_file_ends_with_a_summary(self, predict, picture, found, tmp_path):
        picture("in/a.png", size=(300, 200))  # a photograph without a face
        picture("in/b.png")
        (tmp_path / "in" / "c.png").write_text("no picture")
        (tmp_path / "in" / "notes.txt").touch()
        (tmp_path / "in" / ".hidden").touch()
        done = predict("in", "--format", "csv", "--output", "out.csv")
        error, advice, summary = done.err.splitlines()
        assert error.startswith("error: ")
        assert advice.startswith("no face found in 1 picture: try --min-face ")
        assert summary.startswith("2 answered, 1 without a face, 1 failed, 1 other file skipped; ")
        assert summary.endswith(" pictures per second")

    def test_results_on_stdout_are_followed_by_what_was_passed_over_alone(
        self, predict, picture, tmp_path
    ):
        picture("in/a.png")
        picture("in/b.png")
        assert predict("in").err == ""
        (tmp_path / "in" / "film.mp4").touch()
        (tmp_path / "in" / "notes.txt").touch()
        assert predict("in").err == "2 other files skipped\n"

    def test_more_workers_than_there_are_cpus_are_lowered_in_one_line(
        self, predict, picture, monkeypatch
    ):
        monkeypatch.setattr(workers, "count_cpus", lambda: 1)
        done = predict(picture("a.png"), picture("b.png"), "--workers", "64", "--format", "jsonl")
        assert done.err == "--workers 64: using 1, the number of CPUs\n"
        assert [json.loads(line)["error"] for line in done.out.splitlines()] == [None, None]

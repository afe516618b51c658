"""Pictures shared among processes."""

import contextlib
import dataclasses
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from fer_onnx import FerOnnxError
from fer_onnx.limits import Limits
from fer_onnx.runs.files import Picture
from fer_onnx.runs.pipeline import Answerer, Settings
from fer_onnx.runs.records import Record
from fer_onnx.runs.workers import share

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


@pytest.fixture
def process(model_file, picture, tmp_path):
    """A run of two workers with more pictures than it will get to answer."""
    pictures = [picture("face.png").name] * 2000
    command = [sys.executable, "-m", "fer_onnx", "predict", *pictures, "--model", str(model_file)]
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [*command, "--workers", "2", "--format", "jsonl"],
        stdout=pipe,
        stderr=pipe,
        text=True,
        cwd=tmp_path,
        start_new_session=True,
        # a suite started in the background ignores interrupts, and its children would too
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    process.stdout.readline()  # the workers are up
    yield process
    process.kill()
    process.communicate()


def children(pid: int) -> set[int]:
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(pids: set[int]) -> set[int]:
    """Return those that still run after ten seconds."""
    end = time.monotonic() + 10
    while time.monotonic() < end and any(map(is_running, pids)):
        time.sleep(0.05)
    return {pid for pid in pids if is_running(pid)}


def test_workers_answer_as_one_process_does_and_in_order(predict, picture):
    names = []
    for number in range(12):
        names.append(picture(f"{number}.png", number * 20).name)
    names[5], names[7] = "nobody.png", "-"
    stdin = picture("in.png", 77).read_bytes()
    arguments = (*names, "--format", "json", "--annotate", "out")
    alone = predict(*arguments, stdin=stdin)
    shared = predict(*arguments, "--workers", "2", stdin=stdin)
    assert [record["image"] for record in json.loads(shared.out)] == names
    assert shared.out == alone.out
    assert (shared.code, shared.err) == (alone.code, alone.err)
    assert (shared.code, shared.err) == (1, "error: nobody.png: no such file\n")


def test_one_picture_starts_no_workers(predict, picture, monkeypatch):
    def refuse(*arguments: object) -> None:
        pytest.fail("started workers")

    monkeypatch.setattr("fer_onnx.runs.workers.share", refuse)
    assert predict(picture("face.png"), "--workers", "8").code == 0


@LINUX
def test_an_interrupt_is_quiet_and_leaves_no_process(process):
    workers = children(process.pid)
    assert len(workers) >= 2
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, "")
    assert wait_until_gone(workers) == set()


@LINUX
def test_workers_leave_when_their_parent_is_killed(process):
    workers = children(process.pid)
    process.kill()
    assert wait_until_gone(workers) == set()


@pytest.fixture
def stuck(picture, tmp_path):
    """Pictures of which the fifth keeps its worker: what it draws goes into a pipe nobody reads."""
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    names = [str(picture(f"{number}.png", 20 * number)) for number in range(12)]
    pictures = [Picture(name, name) for name in names]
    pictures[5] = dataclasses.replace(pictures[5], annotated=pipe)
    return pictures


def answer_alone(pictures: list[Picture], settings: Settings) -> list[Record]:
    answerer = Answerer(settings)
    return [answerer.answer(dataclasses.replace(each, annotated=None)) for each in pictures]


def kill_reader_of(pipe: Path) -> None:
    """Wait until a process has the pipe open to write into it, and kill that process."""
    with pipe.open("rb"):
        for worker in multiprocessing.active_children():
            if str(pipe) in open_files(worker.pid):
                worker.kill()


def open_files(pid: int) -> set[str]:
    """Where the descriptors of a process lead; those that it closes meanwhile are left out."""
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            found.add(os.readlink(link))  # noqa: PTH115
    return found


@LINUX
@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_that_dies_costs_the_picture_in_its_hand_and_no_other(stuck, model_file, workers):
    settings = Settings(model=str(model_file))
    killer = threading.Thread(target=kill_reader_of, args=(stuck[5].annotated,))
    killer.start()
    records = list(share(stuck, settings, workers))
    killer.join()
    expected = answer_alone(stuck, settings)
    name = stuck[5].name
    error = f"{name}: its worker process died (SIGKILL)"
    expected[5] = Record(name, None, None, "brightness", error=error)
    assert records == expected


@LINUX
@pytest.mark.parametrize("workers", [1, 2])
def test_a_picture_over_its_time_costs_a_record_and_no_other(stuck, model_file, workers):
    settings = Settings(model=str(model_file))
    records = list(share(stuck, settings, workers, Limits(seconds=3)))
    expected = answer_alone(stuck, settings)
    name = stuck[5].name
    error = f"{name}: took longer than 3 s"
    expected[5] = Record(name, None, None, "brightness", error=error)
    assert records == expected


@LINUX
def test_workers_that_cannot_start_are_an_error_in_the_end(model_file, picture, monkeypatch):
    names = [str(picture(f"{number}.png")) for number in range(2)]
    monkeypatch.setattr("fer_onnx.runs.workers._work", divmod)  # dies of what it is given
    with pytest.raises(FerOnnxError, match=r"die on starting \(exit code 1\); out of memory"):
        list(share([Picture(name, name) for name in names], Settings(model=str(model_file)), 2))


def test_records_come_as_they_are_asked_for(model_file, picture):
    face = str(picture("face.png"))
    settings = Settings(model=str(model_file))
    records = share([Picture(face, face)] * 40, settings, 2)
    assert next(records) == Answerer(settings).answer(Picture(face, face))
    records.close()  # and nothing hangs


def test_a_model_that_no_worker_can_open_is_an_error(tmp_path):
    pictures = [Picture("a.png", "a.png")] * 2
    with pytest.raises(FerOnnxError, match=r"gone\.onnx: no such file, and no bundled"):
        list(share(pictures, Settings(model=str(tmp_path / "gone.onnx")), 2))

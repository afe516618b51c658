"""Pictures shared among processes."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from fer_onnx import FerOnnxError
from fer_onnx.answers import Answerer, Settings
from fer_onnx.files import Picture
from fer_onnx.workers import share

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
    """Give those that still run after ten seconds."""
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

    monkeypatch.setattr("fer_onnx.workers.share", refuse)
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


@LINUX
def test_a_worker_that_is_killed_is_one_line_and_exit_2(process):
    found = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children(process.pid)}
    for pid, command in found.items():
        if b"spawn_main" in command:
            with suppress(ProcessLookupError):  # the first death makes the parent end the others
                os.kill(pid, signal.SIGKILL)
    _, err = process.communicate(timeout=20)
    assert err == "error: a worker process was killed; fewer --workers need less memory\n"
    assert process.returncode == 2


def test_records_come_as_they_are_asked_for(model_file, picture):
    face = str(picture("face.png"))
    settings = Settings(model=str(model_file))
    records = share([Picture(face, face)] * 40, settings, 2)
    assert next(records) == Answerer(settings).answer(Picture(face, face))
    records.close()  # and nothing hangs


def test_a_model_that_no_worker_can_open_is_an_error(tmp_path):
    pictures = [Picture("a.png", "a.png")] * 2
    with pytest.raises(FerOnnxError, match="a worker process was killed"):
        list(share(pictures, Settings(model=str(tmp_path / "gone.onnx")), 2))

"""The instruments that measure time, and the lines that compare it with a limit."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.harness.process import Usage, run_in_turns, run_process
from benchmarks.harness.table import judge_floor, judge_limit
from benchmarks.harness.timing import take_turns

ROOT = Path(__file__).parents[2]


class Clock:
    """A clock that only tasks move forward."""

    def __init__(self):
        self.now = 0.0
        self.calls = []

    def __call__(self):
        return self.now

    def task(self, name, *seconds):
        left = list(seconds)

        def spend():
            self.calls.append(name)
            self.now += left.pop(0) if len(left) > 1 else left[0]

        return spend


def test_tasks_take_turns_and_the_first_call_of_a_turn_does_not_count():
    clock = Clock()
    tasks = {"a": clock.task("a", 100, 1, 2, 100, 3, 4), "b": clock.task("b", 5)}
    assert take_turns(tasks, rounds=2, calls=2, clock=clock) == {"a": 2.5, "b": 5}
    assert clock.calls == [*"aaabbb"] * 2


def test_one_slow_call_does_not_move_the_median():
    clock = Clock()
    slow = clock.task("a", 1, 1, 1, 1000, 1, 1)
    assert take_turns({"a": slow}, rounds=1, calls=5, clock=clock) == {"a": 1}


def test_the_calls_of_each_task_are_rounds_times_calls_and_one_a_round():
    clock = Clock()
    take_turns({"a": clock.task("a", 1)}, rounds=3, calls=4, clock=clock)
    assert len(clock.calls) == 3 * (4 + 1)


needs_wait4 = pytest.mark.skipif(sys.platform == "win32", reason="needs os.wait4")


@needs_wait4
def test_a_process_is_charged_for_the_memory_that_it_holds():
    # in an interpreter of its own: a new process inherits the peak of the one that starts it
    programs = ["pass", "data = b'x' * 80_000_000"]
    script = f"""
import sys
from benchmarks.harness.process import run_process
for program in {programs}:
    usage = run_process([sys.executable, "-c", program])
    print(usage.seconds > 0, usage.peak)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    (idle, small), (busy, large) = (line.split() for line in done.stdout.splitlines())
    assert (idle, busy) == ("True", "True")
    assert int(large) - int(small) == pytest.approx(80e6, rel=0.1)


@needs_wait4
def test_a_process_that_fails_is_told_with_what_it_said():
    with pytest.raises(subprocess.CalledProcessError) as failure:
        run_process([sys.executable, "-c", "import sys; sys.exit('no such luck')"])
    assert failure.value.returncode == 1
    assert failure.value.__notes__ == ["no such luck"]


def test_programs_take_turns_and_the_first_round_does_not_count(monkeypatch):
    order = []
    seconds = iter([90, 90, 1, 10, 2, 20, 6, 60])

    def pretend(command):
        order.append(command[0])
        return Usage(next(seconds), 100 * len(order))

    monkeypatch.setattr("benchmarks.harness.process.run_process", pretend)
    found = run_in_turns({"one": ["a"], "two": ["b"]}, rounds=3)
    assert order == ["a", "b"] * 4
    assert found == {"one": Usage(2, 500), "two": Usage(20, 600)}


def test_limits_are_met_up_to_the_limit_itself():
    assert judge_limit("growth", 2.0, 2, "MB") == "growth: 2 MB, limit 2 MB: met"
    assert judge_limit("growth", 2.004, 2, "MB") == "growth: 2 MB, limit 2 MB: MISSED"
    assert judge_limit("times", 1.25, 1.5) == "times: 1.25, limit 1.5: met"
    assert judge_floor("share", 40, 40, "%") == "share: 40 %, at least 40 %: met"
    assert judge_floor("share", 39.9, 40, "%") == "share: 39.9 %, at least 40 %: MISSED"

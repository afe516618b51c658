"""What stderr says of a run while a person watches."""

import io
from pathlib import Path

import pytest

from fer_onnx import Face, Prediction
from fer_onnx.cli import progress
from fer_onnx.cli.progress import Report
from fer_onnx.runs.records import Record

HAPPY = Prediction.from_scores({"happy": 0.75, "sad": 0.25}, 0.5)
ANSWERED = Record("a.png", 8, 8, "emotions", (Face((0, 0, 8, 8), None, HAPPY),))
FACELESS = Record("b.png", 8, 8, "emotions")
FAILED = Record("c.png", None, None, "emotions", error="c.png: no such\x1b file")


class Terminal(io.StringIO):
    """A stream that a person watches."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch):
    """The time, in seconds, as the test sets it."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_bar_shows_rate_failures_and_time_left(clock):
    stream = Terminal()
    report = Report(stream, 1200, 0)
    for second, record in enumerate((ANSWERED, FACELESS, FAILED, ANSWERED), 1):
        clock[0] = second
        report.add(record)
    *_, line, _, bar = stream.getvalue().split("\r")
    assert line == "\x1b[Kerror: c.png: no such\\x1b file\n"
    assert bar.startswith("[........................] 4 of 1,200, 1 failed, 1.0/s, 20 min left")


def test_a_resumed_run_counts_its_own_time_and_all_pictures(clock):
    stream = Terminal()
    report = Report(stream, 10, 2, counts={"answered": 4, "faceless": 1, "failed": 1})
    clock[0] = 2
    report.add(ANSWERED)
    assert "[##############..........] 6 of 10, 1 failed, 0.5/s, 8 s left" in stream.getvalue()
    report.end()
    line = "5 answered, 1 without a face, 1 failed, 2 other files skipped; 0.5 pictures per second"
    assert stream.getvalue().endswith(f"\r\x1b[K{line}\n")


@pytest.mark.parametrize("results", [None, io.StringIO()])
def test_no_bar_where_nobody_watches(clock, results):
    stream = io.StringIO()
    report = Report(stream, 100, 0, results=results)
    clock[0] = 10
    report.add(FACELESS)
    assert stream.getvalue() == ""


def test_no_bar_between_results_on_the_same_terminal(clock):
    stream = Terminal()
    report = Report(stream, 100, 0, results=Terminal())
    clock[0] = 10
    report.add(FACELESS)
    assert stream.getvalue() == ""


def test_what_is_answered_of_an_unfinished_run_is_said_in_one_line():
    stream = io.StringIO()
    Report(stream, 2000, 0).tell_unfinished(1812, Path("out.csv.part"))
    Report(stream, 2000, 0).tell_unfinished(0, Path("out.csv.part"))
    assert stream.getvalue() == (
        "stopped: 1,812 of 2,000 answered, in out.csv.part; continue with --resume\n"
        "stopped: 0 of 2,000 answered, nothing to resume\n"
    )


@pytest.mark.parametrize(
    ("faceless", "line"),
    [
        (0, ""),
        (1, "no face found in 1 picture: try again\n"),
        (1200, "no face found in 1,200 pictures: try again\n"),
    ],
)
def test_what_helps_where_no_face_was_found_is_told_once(faceless, line):
    stream = io.StringIO()
    report = Report(stream, faceless + 1, 0, advice="try again", results=io.StringIO())
    for record in [ANSWERED, *[FACELESS] * faceless]:
        report.add(record)
    report.end()
    assert stream.getvalue() == line

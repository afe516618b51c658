"""Whether results are lost when a file cannot be read or written, or the process is killed.

One run of `fer-onnx predict --output --annotate` is repeated, once for each time that it opens,
reads, writes, syncs, renames or removes a file: that one time fails (disk full, or for a read, an
input/output error), or the process is killed in its place. What is left must be whole rows of the
run as it would have been, and `--resume` must end with the same bytes.

Needs: Linux or macOS.
"""

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from fer_onnx.cli import main
from fer_onnx.runs import journal

from ..harness.machine import read_versions
from ..harness.report import Report
from ..harness.table import Table
from ..inputs.fault_injection import ANNOTATED, CALLS, Call, Fault, Injector

RESULTS = "results.csv"
COMMAND = ("predict", "in", "--faces", "whole", "--format", "csv", "--output", RESULTS)
CODES = {0: "exit 0", 1: "exit 1", 2: "exit 2", -9: "killed"}
SAID = ("error: ", "stopped: ")
COLUMNS = ("fault", "call", "file", "times", "ended", "left", "resumed")
WRONG = "WRONG"


class Ended(NamedTuple):
    """How a run ended: its exit code, or less than 0 by a signal; what it said; its calls."""

    code: int
    stderr: str
    calls: tuple[Call, ...]


class Outcome(NamedTuple):
    """What came of a fault: how the run ended, what was left, what `--resume` made of it."""

    ended: str
    left: str
    resumed: str


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    parser.add_argument("--pictures", type=int, default=4, help="in the run (default: 4)")
    parser.add_argument(
        "--calls",
        nargs="+",
        choices=CALLS,
        default=CALLS,
        metavar="CALL",
        help=f"that fail: {', '.join(CALLS)} (default: all)",
    )


def measure(options: argparse.Namespace) -> Report:
    """Inject every fault into a run of its own.

    Raises:
        OSError: this system cannot fork.
        ValueError: the run without a fault does not end well.
    """
    if not hasattr(os, "fork"):
        raise OSError("faults are injected into forks of this process, which this system lacks")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        unbroken = _prepare(home / "unbroken", options.pictures)
        done = run(unbroken, [])
        if done.code:
            raise ValueError(f"the run without a fault ended with {done.code}: {done.stderr}")
        outcomes: dict[tuple[str, str, str], Counter[Outcome]] = {}
        for number, call in enumerate(done.calls):
            for deadly in (False, True) if call.name in options.calls else ():
                broken = _prepare(home / f"{number}-{deadly}", options.pictures)
                outcome = inject(broken, Fault(number, deadly), unbroken)
                key = ("kill" if deadly else "error", *call)
                outcomes.setdefault(key, Counter())[outcome] += 1
    return _report(outcomes)


def inject(broken: Path, fault: Fault, unbroken: Path) -> Outcome:
    """Run with a fault, look at what is left, and go on."""
    ended = run(broken, [], fault)
    said = _is_told(ended.stderr)
    left = _describe(broken, unbroken)
    again = run(broken, ["--resume"])
    equal = not again.code and all(
        _read_files(broken / name) == _read_files(unbroken / name) for name in (RESULTS, ANNOTATED)
    )
    ways = CODES.get(ended.code, WRONG) if said else WRONG
    return Outcome(ways, left, "equal" if equal else WRONG)


def _is_told(stderr: str) -> bool:
    """Check that a run said what went wrong in lines of its own, and in nothing else."""
    lines = stderr.splitlines()
    if any(line.startswith("error: stdout") for line in lines):  # nothing of the run goes there
        return False
    return all(line.startswith(SAID) or " answered, " in line for line in lines)


def run(folder: Path, more: Sequence[str], fault: Fault | None = None) -> Ended:
    """Run the command in a folder, in a fork of this process; a fault may happen in it."""
    log, trace = folder.with_suffix(".log"), folder.with_suffix(".calls")
    trace.unlink(missing_ok=True)
    sys.stdout.flush()
    child = os.fork()
    if not child:
        _run_here(folder, more, fault, log, trace)
    _, status = os.waitpid(child, 0)
    calls = json.loads(trace.read_text()) if trace.exists() else []
    text = log.read_text(encoding="utf-8")
    return Ended(os.waitstatus_to_exitcode(status), text, tuple(Call(*each) for each in calls))


def _run_here(
    folder: Path, more: Sequence[str], fault: Fault | None, log: Path, trace: Path
) -> None:
    """Run the command, and end this process."""
    code = 99
    try:
        os.chdir(folder)
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(output, stream)
        journal.INTERVAL = 0  # every row is brought to disk at once: the same calls at every run
        injector = Injector(folder, fault)
        real_open, real_write = os.open, os.write
        injector.install()
        code = main([*COMMAND, "--annotate", ANNOTATED, *more])
        handle = real_open(trace, os.O_WRONLY | os.O_CREAT)
        real_write(handle, json.dumps(injector.seen).encode())
        sys.stderr.flush()
    finally:
        os._exit(code)


def _prepare(folder: Path, pictures: int) -> Path:
    """Make a folder of pictures."""
    (folder / "in").mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(pictures):
        pixels = rng.integers(0, 256, (48, 48), np.uint8)
        path = folder / "in" / f"{number}.png"
        Image.fromarray(pixels).save(path)
        os.utime(path, (0, 0))
    return folder


def _describe(broken: Path, unbroken: Path) -> str:
    """Describe what a run left, beside what it would have been."""
    whole = (unbroken / RESULTS).read_text().splitlines(keepends=True)
    results, part = broken / RESULTS, broken / f"{RESULTS}.part"
    if results.exists():
        rows = results.read_text().splitlines(keepends=True)
        if len(rows) != len(whole):
            return WRONG
        other = [row for row, right in zip(rows, whole, strict=True) if row != right]
        if not other:
            return "all rows"
        return "all rows, one an error" if len(other) == 1 else WRONG
    if part.exists():
        rows = part.read_text().splitlines(keepends=True)
        right = "".join(whole).startswith("".join(rows))
        return "whole rows" if right else WRONG
    return "nothing yet"


def _read_files(path: Path) -> dict[str, bytes]:
    """Read a file, or those of a folder, by name; hidden drafts of killed processes left out."""
    files = [path] if path.is_file() else sorted(path.glob("[!.]*"))
    return {file.name: file.read_bytes() for file in files}


def _report(outcomes: dict[tuple[str, str, str], Counter[Outcome]]) -> Report:
    rows = [
        (*key, times, *outcome)
        for key, counted in sorted(outcomes.items())
        for outcome, times in counted.items()
    ]
    total = sum(counted.total() for counted in outcomes.values())
    wrong = sum(
        times
        for counted in outcomes.values()
        for outcome, times in counted.items()
        if WRONG in outcome
    )
    return Report(
        f"faults: {' '.join(('fer-onnx', *COMMAND))} --annotate {ANNOTATED}",
        [
            Table(
                COLUMNS,
                [[str(cell) for cell in row] for row in rows],
                [f"{total} faults, {wrong or 'none'} with a loss"],
            )
        ],
        read_versions("fer-onnx", "onnxruntime", "pillow"),
        {
            "faults": total,
            "wrong": wrong,
            "rows": [dict(zip(COLUMNS, row, strict=True)) for row in rows],
        },
        failed=wrong > 0,
    )

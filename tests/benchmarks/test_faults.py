"""Faults are injected into a run, and a loss makes the benchmark fail."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.inputs.fault_injection import CALLS, Call, Fault, Injector
from benchmarks.quality import faults

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")


def measure(*words: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run the benchmark in a process of its own, after lines of Python that may break the run."""
    start = "import sys; from benchmarks.__main__ import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", f"{before}\n{start}", "faults", "--pictures", "1", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


def test_every_fault_of_a_run_leaves_what_can_be_gone_on_with():
    done = measure("--calls", "fsync", "rename")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "none with a loss" in done.stdout
    lines = [line.split()[:4] for line in done.stdout.splitlines()]
    assert ["error", "rename", "results", "1"] in lines
    assert ["kill", "rename", "annotated", "1"] in lines
    assert ["kill", "fsync", "folder", "2"] in lines


def test_a_run_that_loses_rows_is_found_out():
    broken = (
        "from fer_onnx.runs import journal, resumption\n"
        "journal.read_unfinished = lambda handle: None\n"  # the next run knows nothing of the last
        "journal.starts_journal = lambda handle: True"
    )
    done = measure("--calls", "rename", before=broken)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "WRONG" in done.stdout


def test_the_nth_call_is_the_one_that_fails(tmp_path):
    injector = Injector(tmp_path, Fault(1, False))
    injector.strike("open", None)  # a file of others
    injector.strike("open", "results")
    with pytest.raises(OSError, match="No space left on device"):
        injector.strike("write", "results")
    injector.strike("write", "results")
    assert injector.seen == [Call("open", "results"), *[Call("write", "results")] * 2]


def test_all_calls_are_chosen_unless_some_are_named():
    parser = argparse.ArgumentParser()
    faults.add_options(parser)
    assert parser.parse_args([]).calls == CALLS

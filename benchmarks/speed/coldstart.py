"""What one answer costs from a cold start: processor time of whole programs.

`fer-onnx predict` may take 1.25 times the shortest script that does the same, `fer-onnx --help`
1.6 times `python -c pass`.

Needs: `fer` (`--fer`), for its line.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from ..harness.machine import pin_core, read_versions
from ..harness.options import add_fer, add_rounds
from ..harness.process import COMMAND, MINIMAL_SCRIPT, run_in_turns, run_process
from ..harness.report import Report
from ..harness.table import Table, judge_limit
from ..inputs.pictures import write_face
from ..rivals import GET_FER

PREDICT, SCRIPT, HELP, PASS = (
    "fer-onnx predict",
    "shortest script",
    "fer-onnx --help",
    "python -c pass",
)
LIMITS = ((PREDICT, SCRIPT, 1.25), (HELP, PASS, 1.6))  # how many times the other one may take
OLD_SCRIPT = "import re; " + COMMAND[-1]
IMPORT_FER = "import fer"
FER_PROGRAM = "from fer.fer import FER"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add_fer(parser, sys.executable)
    add_rounds(parser, 15, "runs of each program")


def measure(options: argparse.Namespace) -> Report:
    """Run every program in turns."""
    core = pin_core()
    with tempfile.TemporaryDirectory() as folder:
        commands = _list_commands(str(write_face(Path(folder) / "face.png")))
        notes = []
        try:
            run_process([options.fer, "-c", FER_PROGRAM])
            commands[IMPORT_FER] = [options.fer, "-c", FER_PROGRAM]
        except (OSError, subprocess.CalledProcessError):
            notes.append(f"{IMPORT_FER}: skipped; get it with  {GET_FER}")
        usages = run_in_turns(commands, options.rounds)
    seconds = {name: usage.seconds for name, usage in usages.items()}
    limits = [
        judge_limit(f"{one} ÷ {other}", seconds[one] / seconds[other], limit)
        for one, other, limit in LIMITS
    ]
    return Report(
        f"coldstart: processor time of one process, {core}; median of {options.rounds} turns",
        [
            Table(
                ["program", "s", f"÷ {SCRIPT}", "÷ pass"],
                [
                    [name, f"{s:.3f}", f"{s / seconds[SCRIPT]:.2f}", f"{s / seconds[PASS]:.2f}"]
                    for name, s in seconds.items()
                ],
                [*limits, *notes],
            )
        ],
        read_versions("fer-onnx", "onnxruntime", "pillow", "numpy"),
        {name.strip(): {"seconds": s} for name, s in seconds.items()},
    )


def _list_commands(picture: str) -> dict[str, list[str]]:
    """List the programs that are run, by name."""
    from fer_onnx.classifier import DEFAULT
    from fer_onnx.modelfile import MODELS

    python = sys.executable
    return {
        PREDICT: [*COMMAND, "predict", picture],
        SCRIPT: [python, str(MINIMAL_SCRIPT), str(MODELS / f"{DEFAULT}.onnx"), picture],
        HELP: [*COMMAND, "--help"],
        "  its script written by pip < 25": [python, "-c", OLD_SCRIPT, "--help"],
        "  python -m fer_onnx --help": [python, "-m", "fer_onnx", "--help"],
        PASS: [python, "-c", "pass"],
        "python -c 'import argparse'": [python, "-c", "import argparse"],
    }

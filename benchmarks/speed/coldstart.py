"""What one answer costs from a standing start: processor time of whole programs."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from .machine import describe_machine, pin_core
from .peer import GET_PACKAGE
from .pictures import write_face
from .process import COMMAND, SMALLEST, run_in_turns, run_process
from .report import judge_limit, print_table

PREDICT, SCRIPT, HELP, PASS = (
    "fer-onnx predict",
    "smallest script",
    "fer-onnx --help",
    "python -c pass",
)
LIMITS = ((PREDICT, SCRIPT, 1.25), (HELP, PASS, 1.6))  # one may take so many times the other
OLD_SCRIPT = "import re; " + COMMAND[-1]
IMPORT_FER = "from fer.fer import FER"


def build_parser() -> argparse.ArgumentParser:
    """Describe the options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coldstart", description=__doc__)
    parser.add_argument(
        "--fer", metavar="PYTHON", default=sys.executable, help="an interpreter that has fer"
    )
    parser.add_argument("--rounds", type=int, default=15, help="runs of each program")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Measure and print the table."""
    args = build_parser().parse_args(argv)
    core = pin_core()
    from fer_onnx.classifier import DEFAULT
    from fer_onnx.modelfile import MODELS

    with tempfile.TemporaryDirectory() as folder:
        picture = str(write_face(Path(folder) / "face.png"))
        python = sys.executable
        commands = {
            PREDICT: [*COMMAND, "predict", picture],
            SCRIPT: [python, str(SMALLEST), str(MODELS / f"{DEFAULT}.onnx"), picture],
            HELP: [*COMMAND, "--help"],
            "  its script written by pip < 25": [python, "-c", OLD_SCRIPT, "--help"],
            "  python -m fer_onnx --help": [python, "-m", "fer_onnx", "--help"],
            PASS: [python, "-c", "pass"],
            "python -c 'import argparse'": [python, "-c", "import argparse"],
        }
        notes = []
        try:
            run_process([args.fer, "-c", IMPORT_FER])
            commands["import fer"] = [args.fer, "-c", IMPORT_FER]
        except (OSError, subprocess.CalledProcessError):
            notes.append(f"import fer: skipped; get it with  {GET_PACKAGE}")
        seconds = {
            name: usage.seconds for name, usage in run_in_turns(commands, args.rounds).items()
        }
    print_table(
        f"coldstart: processor time of one process, {core}; median of {args.rounds} turns",
        describe_machine("fer-onnx", "onnxruntime", "pillow", "numpy"),
        ["program", "s", "÷ smallest script", "÷ pass"],
        [
            [name, f"{time:.3f}", f"{time / seconds[SCRIPT]:.2f}", f"{time / seconds[PASS]:.2f}"]
            for name, time in seconds.items()
        ],
        [
            *(
                judge_limit(f"{one} ÷ {other}", seconds[one] / seconds[other], limit)
                for one, other, limit in LIMITS
            ),
            *notes,
        ],
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`make weights` is a list of commands that the trainings take, in an order that works."""

import shlex
import subprocess
from pathlib import Path

from train.cli import build_parser

ROOT = Path(__file__).parents[2]


def list_commands() -> list[list[str]]:
    """List what `make weights` would run of `python -m train`."""
    words = ["make", "--always-make", "--dry-run", "weights", "FER_DATA=data"]
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    lines = run.stdout.replace("\\\n", " ").splitlines()
    commands = [line.partition(" && ")[0] for line in lines if " -m train " in line]
    return [shlex.split(command)[3:] for command in commands]


def test_each_training_starts_from_what_those_before_it_have_left():
    left = set()
    for command in list_commands():
        args = build_parser().parse_args(command)
        needed = [getattr(args, "init", None), *getattr(args, "teacher", [])]
        needed += getattr(args, "checkpoints", [])
        assert {path for path in needed if path} <= left, command
        left.add(args.out / "best.keras")
    assert Path("runs/weights/compact.keras/best.keras") in left  # the average, the last of them


def test_the_trainings_are_those_of_the_shipped_weights():
    from train.runs.checkpoint import read_record

    commands = [build_parser().parse_args(command) for command in list_commands()]
    by_name = {args.out.name: args for args in commands}
    assert by_name["1"].epochs == read_record(ROOT / "checkpoints/compact-1.keras").epochs
    for run, name in (("2", "compact-2"), ("3", "compact-3"), ("taught", "compact-4")):
        record, args = read_record(ROOT / f"checkpoints/{name}.keras"), by_name[run]
        assert args.preset == record.preset
        assert len(args.teacher) == len(record.teachers)
        assert (args.teacher_weight or 0.5) == record.teacher_weight
    average = read_record(ROOT / "checkpoints/compact.keras")
    assert len(by_name["compact.keras"].checkpoints) == len(average.sources)

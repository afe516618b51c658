"""Fuzz what reads files of strangers: `python tests/fuzz [--seconds N] [TARGET …]`.

Starts from the corpus beside this file; what libFuzzer finds worth keeping, and every input that
escapes, lies in build/fuzz. Exits with 1 if an input escaped.
"""

import argparse
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from targets import CORPUS, NAMES

ROOT = Path(__file__).parents[2]
FOUND = ROOT / "build" / "fuzz"
CASES = ROOT / "tests" / "runtime" / "cases"
LONGEST = 2**16  # bytes of an input
HANG = 60  # seconds on the clock, where processor time cannot be asked for
MEGABYTES = 4096  # of a process; each target bounds its own before that
SHOWN = 3000  # characters of what a target said that failed
STARTING = 60  # seconds that the slowest target takes to begin


class Outcome(NamedTuple):
    """What became of a target: executions, and the input that escaped, if any."""

    executions: int
    escaped: Path | None


def main() -> int:
    """Fuzz the targets one after the other, each for its share of the time."""
    parser = argparse.ArgumentParser(prog="python tests/fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(NAMES))
    parser.add_argument("--seconds", type=int, default=60, help="in all (default: 60)")
    options = parser.parse_args()
    if unknown := set(options.targets) - set(NAMES):
        parser.error(f"no target {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    if find_spec("atheris") is None:
        print("skipped: atheris is not installed; it has no wheel for every Python and system")
        return 0
    names = options.targets or list(NAMES)
    if find_spec("keras") is None:
        names = [name for name in names if name != "checkpoints"]
    outcomes = {name: fuzz(name, max(1, options.seconds // len(names))) for name in names}
    total = sum(outcome.executions for outcome in outcomes.values())
    escaped = sum(outcome.escaped is not None for outcome in outcomes.values())
    print(f"{'all':12} {total:>10,} executions, {escaped or 'no'} escape{'s' * (escaped > 1)}")
    return int(escaped > 0)


def fuzz(name: str, seconds: int) -> Outcome:
    """Fuzz one target in a process of its own; print a line on what came of it."""
    kept = FOUND / name
    kept.mkdir(parents=True, exist_ok=True)
    before = set(FOUND.glob(f"{name}-*"))
    flags = {
        "max_total_time": seconds,
        "max_len": LONGEST,
        "timeout": HANG,
        "rss_limit_mb": MEGABYTES,
        "artifact_prefix": f"{FOUND}/{name}-",
        "print_final_stats": 1,
        "detect_leaks": 0,
    }
    command = [sys.executable, str(Path(__file__).with_name("one.py")), name]
    corpora = [kept, CORPUS / name, *filter(Path.is_dir, [CASES / name])]
    done = subprocess.run(
        [*command, *(f"-{flag}={value}" for flag, value in flags.items()), *corpora],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds + HANG + STARTING,
    )
    found = re.search(r"number_of_executed_units: (\d+)", done.stderr)
    executions = int(found[1]) if found else 0
    escaped = next(iter(set(FOUND.glob(f"{name}-*")) - before), None)
    print(f"{name:12} {executions:>10,} executions", "" if not escaped else f"ESCAPED: {escaped}")
    sys.stdout.flush()
    if done.returncode:
        print(done.stdout[-SHOWN:], done.stderr[-SHOWN:], sep="\n", file=sys.stderr)
        return Outcome(executions, escaped or FOUND)
    return Outcome(executions, escaped)


if __name__ == "__main__":
    sys.exit(main())

"""Processes of their own: the processor time and the memory that a whole program takes.

Needs `os.wait4`: Linux or macOS.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

MINIMAL_SCRIPT = Path(__file__).with_name("minimal_script.py")
# what pip (25.0 and newer) and uv install as `fer-onnx`; scripts of older pips import `re` first
COMMAND = (
    sys.executable,
    "-c",
    "import sys; from fer_onnx.__main__ import main; sys.exit(main())",
)
PEAK_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes


class Usage(NamedTuple):
    """What a process and its children took: processor seconds (user + system), peak bytes."""

    seconds: float
    peak: int


def measure_resident(process: int | str = "self") -> float:
    """Return the memory that a process has in use now, in MB.

    Raises:
        OSError: there is no such process, or this system does not say.
    """
    file = Path("/proc") / str(process) / "statm"
    if not file.exists():
        raise OSError("memory in use is read from /proc, which this system lacks")
    return int(file.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def run_process(command: Sequence[str]) -> Usage:
    """Run a program to its end, its output unseen.

    On Linux a new process inherits the peak of the one that starts it: for memory, the caller
    must not have imported anything large.

    Raises:
        subprocess.CalledProcessError: it failed; what it said on stderr is a note.
    """
    with subprocess.Popen(
        command, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        stderr = process.stderr.read() if process.stderr else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        failure = subprocess.CalledProcessError(process.returncode, command)
        failure.add_note(stderr.strip())
        raise failure
    return Usage(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * PEAK_UNIT)


def run_in_turns(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, Usage]:
    """Run programs in turns, each `rounds` times; return the medians.

    A first round that does not count brings their files into memory and compiles their modules.
    """
    runs: dict[str, list[Usage]] = {name: [] for name in commands}
    for count in range(rounds + 1):
        for name, command in commands.items():
            usage = run_process(command)
            if count:
                runs[name].append(usage)
    return {
        name: Usage(median(u.seconds for u in usages), int(median(u.peak for u in usages)))
        for name, usages in runs.items()
    }

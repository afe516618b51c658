"""What every test folder may ask for: the data set, and a program watched from outside."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

import fer_onnx  # noqa: F401  before anything imports onnxruntime


@pytest.fixture(scope="session")
def fer_data() -> Path:
    """The folder with FER2013, named by FER_DATA; tests that need it are skipped without it."""
    folder = os.environ.get("FER_DATA")
    if not folder:
        pytest.skip("needs FER2013: set FER_DATA to the folder that holds it")
    assert Path(folder).exists(), f"FER_DATA names {folder}, which does not exist"
    return Path(folder)


HOOK = Path(__file__).parent / "sitecustomize"
PLACES = ("HOME", "XDG_CACHE_HOME", "TMPDIR")
ELSEWHERE = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "KERAS_HOME", "MPLCONFIGDIR")
STRACE = ("strace", "-f", "-qq", "-e", "trace=network", "-o")


class Watched:
    """A program with a home, a cache and a temporary folder of its own, and its sockets watched.

    Attributes:
        sockets: which are allowed, "none" or "loopback".
    """

    def __init__(self, folder: Path, sockets: str) -> None:
        self.sockets = sockets
        self._folder = folder
        self._places = {name: folder / name.lower() for name in PLACES}
        for place in self._places.values():
            place.mkdir()
        self._trace, self._refused = folder / "trace", folder / "refused"

    @contextmanager
    def start(
        self, *command: object, environment: Mapping[str, str] | None = None
    ) -> Iterator[subprocess.Popen[str]]:
        """Start the program, under strace where that is to be had; end it when the block ends."""
        left_out = ("ORT_DISABLE_TELEMETRY", *ELSEWHERE)
        given = {name: value for name, value in os.environ.items() if name not in left_out}
        given |= {name: str(place) for name, place in self._places.items()} | {
            "PYTHONPATH": os.pathsep.join([str(HOOK), *filter(None, [given.get("PYTHONPATH")])]),
            "PYTHONUNBUFFERED": "1",
            "FER_ONNX_TEST_SOCKETS": self.sockets,
            "FER_ONNX_TEST_REFUSED": str(self._refused),
        }
        tracer = [*STRACE, str(self._trace)] if can_trace() else []
        with subprocess.Popen(
            [*tracer, *map(str, command)],
            env=given | dict(environment or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                yield process
                if process.poll() is None:  # strace goes on until the program has ended
                    os.killpg(process.pid, signal.SIGTERM)
                    process.communicate(timeout=60)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)

    def run(self, *command: object, environment: Mapping[str, str] | None = None) -> str:
        """Run the program to its end, which must be a good one; return what it printed."""
        with self.start(*command, environment=environment) as process:
            output, _ = process.communicate()
        assert process.returncode == 0, output
        return output

    @property
    def left(self) -> list[str]:
        """Files and folders that the program left, relative to home, cache or temporary folder."""
        return sorted(
            str(path.relative_to(self._folder))
            for place in self._places.values()
            for path in place.rglob("*")
        )

    @property
    def contacts(self) -> list[str]:
        """What went, or tried to go, beyond the sockets that are allowed: a line each."""
        lines = self._refused.read_text().splitlines() if self._refused.exists() else []
        if self._trace.exists():
            lines += [line for line in self._trace.read_text().splitlines() if self._leaves(line)]
        return lines

    def _leaves(self, line: str) -> bool:
        """Check whether a system call, as strace prints it, leaves the machine."""
        if re.search(r"\bsocket\((?!AF_UNIX)", line):
            return self.sockets == "none"
        if not re.search(r"\b(bind|connect|sendto|sendm?msg)\(", line):
            return False
        addresses = re.findall(r'inet_addr\("(.*?)"\)|inet_pton\(AF_INET6, "(.*?)"', line)
        return any(not re.match(r"127\.|::1$", one or other) for one, other in addresses)


def can_trace() -> bool:
    """Check whether strace is there and may be used."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run([*STRACE, os.devnull, "true"], capture_output=True).returncode == 0


@pytest.fixture
def watch(tmp_path: Path) -> Callable[[str], Watched]:
    """Watch a program: `watch("none")`, or `watch("loopback")` for a server."""
    return lambda sockets: Watched(tmp_path, sockets)

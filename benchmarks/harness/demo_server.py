"""The demo in a process of its own, as `fer-onnx demo` starts it, and what it takes."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from .process import measure_resident

ROOT = Path(__file__).parents[2]
PATIENCE = 60  # seconds for a start
COMMAND = (sys.executable, "-m", "fer_onnx", "demo", "--port")


class DemoServer:
    """A server that runs.

    Attributes:
        address: of the page.
    """

    def __init__(self, process: subprocess.Popen, address: str) -> None:
        """Take over a process that answers at an address."""
        self.address = address
        self._pid = process.pid

    def read_seconds(self) -> float:
        """Return the seconds of processor time that it has used, with those of the system."""
        fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def read_memory(self) -> float:
        """Return the memory that it has in use, in MB."""
        return measure_resident(self._pid)


@contextmanager
def start_server(command: Sequence[str] = COMMAND) -> Iterator[DemoServer]:
    """Serve the page on this machine until the block ends.

    Args:
        command: that starts it; the port is appended.

    Raises:
        OSError: it does not start, or this system does not say what a process takes.
    """
    measure_resident()  # raises where a process's use cannot be read
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    path = os.pathsep.join([str(ROOT / "runtime"), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, "STREAMLIT_SERVER_HEADLESS": "true"}
    process = subprocess.Popen(
        [*command, str(port)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        address = f"http://localhost:{port}"
        _wait(f"{address}/_stcore/health", process)
        yield DemoServer(process, address)
    finally:
        process.kill()  # it has nothing to save
        process.wait()


def _wait(health: str, process: subprocess.Popen) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(health, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise OSError("the demo did not start")

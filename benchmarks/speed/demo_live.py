"""What an answer of the demo's Live view costs the server, beside other ways to read a camera.

Processor time for a picture of two people, 480×360 as the browser sends it: through the route of
the Live view; through `st.camera_input` on a page that has nothing else, which Streamlit runs again
for each picture; and through the demo's Snapshot, which is such a widget on the whole page. Half of
what `st.camera_input` takes on its own is the limit.

Needs: Linux and the demo (`pip install -e '.[demo]'`).
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ..harness.demo_server import COMMAND, start_server
from ..harness.machine import read_versions
from ..harness.options import add_rounds
from ..harness.report import Report
from ..harness.table import Table, judge_limit
from ..harness.visitor import Visitor
from ..inputs.pictures import make_frame

RERUN = Path(__file__).parents[1] / "rivals" / "rerun_camera.py"
STREAMLIT = (sys.executable, "-m", "streamlit", "run", str(RERUN), "--server.port")
SIZE = (480, 360)
LIVE, CAMERA_INPUT, SNAPSHOT = "the Live view", "a page with st.camera_input", "Snapshot"
SHARE = 0.5  # of what st.camera_input takes


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add_rounds(parser, 50, "pictures for each way")


def measure(options: argparse.Namespace) -> Report:
    """Send the same pictures each way, to a server of its own."""
    ways = {
        LIVE: (COMMAND, send_live),
        CAMERA_INPUT: (STREAMLIT, open_camera),
        SNAPSHOT: (COMMAND, open_snapshot),
    }
    times = {name: time_way(*way, options.rounds) for name, way in ways.items()}
    return Report(
        f"demo-live: processor time of the server for one picture; mean of {options.rounds}",
        [
            Table(
                ["picture through", "ms"],
                [[name, f"{1e3 * seconds:.0f}"] for name, seconds in times.items()],
                [
                    judge_limit(
                        "share of st.camera_input's", times[LIVE] / times[CAMERA_INPUT], SHARE
                    )
                ],
            )
        ],
        read_versions("fer-onnx", "onnxruntime", "pillow", "streamlit"),
        {name: {"ms": 1e3 * seconds} for name, seconds in times.items()},
    )


Send = Callable[[bytes], object]


def time_way(command: Sequence[str], opened: Callable[[Visitor], Send], rounds: int) -> float:
    """Return the server's seconds for a picture; a first that does not count opens models."""
    picture = make_frame(*SIZE)
    with start_server(command) as server:
        visitor = Visitor(server.address)
        send = opened(visitor)
        send(picture)
        start = server.read_seconds()
        for _ in range(rounds):
            send(picture)
        seconds = server.read_seconds() - start
        visitor.leave()
    return seconds / rounds


def send_live(visitor: Visitor) -> Send:
    """Open the Live view; return what sends a picture by its route."""
    visitor.press("origin", "Live")
    visit = json.loads(visitor.widgets["camera"].json)["visit"]
    return lambda picture: _check(visitor.post(f"/live/{visit}", picture))


def open_snapshot(visitor: Visitor) -> Send:
    """Open the demo's Snapshot; return what sends a picture by its widget."""
    visitor.press("origin", "Snapshot")
    return open_camera(visitor)


def open_camera(visitor: Visitor) -> Send:
    """Return what sends a picture by the camera widget and runs the page again."""

    def send(picture: bytes) -> None:
        visitor.upload([("shot.jpg", picture)], key="camera-shot")
        visitor.run()

    return send


def _check(answer: bytes) -> None:
    """Check that both people were found, so that each way does the same work."""
    if len(json.loads(answer)["faces"]) != 2:
        raise ValueError("the Live view did not find both people")

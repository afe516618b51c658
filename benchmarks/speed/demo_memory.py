"""What visitors of the demo cost in memory: while they look, and after they have left.

Three visitors at a time look at 100 portraits each, as cards, with where the model looked, and as a
table. Before, one visitor has looked at the same and left. From then on the server may grow by
40 MB beyond what is uploaded while they look, and by 5 MB over all visits once they have left.

Needs: Linux and the demo (`pip install -e '.[demo]'`).
"""

import argparse
import time

from ..harness.demo_server import DemoServer, start_server
from ..harness.machine import read_versions
from ..harness.options import add_rounds
from ..harness.report import Report
from ..harness.table import Table, judge_limit
from ..harness.visitor import Visitor
from ..inputs.pictures import make_portraits

VISITORS, PAGE = 3, 12
WIDTHS = range(300, 600, 3)  # pixels of the portraits of one visitor
LOOKING, LEFT = 40, 5  # MB at most
AGAIN = 115  # seconds until the server has dropped who left: `GRACE` in fer_onnx/demo/hooks.py
SETTLED = 3  # seconds until it has given back what drawing took


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add_rounds(parser, 3, "times that three visitors come and leave")


def measure(options: argparse.Namespace) -> Report:
    """Let visitors come, look and leave."""
    files = make_portraits(WIDTHS)
    uploaded = VISITORS * sum(len(data) for _, data in files) / 1e6
    looking, left = [], []
    with start_server() as server:
        first = Visitor(server.address)
        look(first, files)
        left.append(leave(server, [first]))
        for _ in range(options.rounds):
            visitors = [Visitor(server.address) for _ in range(VISITORS)]
            for visitor in visitors:
                look(visitor, files)
            time.sleep(SETTLED)
            looking.append(server.read_memory() - left[0] - uploaded)
            left.append(leave(server, visitors))
    read = len(files) * (1 + VISITORS * options.rounds)
    rows = [["1 visitor", "", f"{left[0]:.1f}"]]
    rows += [
        [f"{VISITORS} visitors", f"{more:.1f}", f"{after:.1f}"]
        for more, after in zip(looking, left[1:], strict=True)
    ]
    return Report(
        f"demo-memory: {len(files)} portraits for each visitor, {uploaded / VISITORS:.1f} MB; "
        f"{read:,} in all",
        [
            Table(
                ["visit", "MB more while they look, uploads aside", "MB after they have left"],
                rows,
                [
                    judge_limit("more while they look", max(looking), LOOKING, "MB"),
                    judge_limit("growth after the first visit", left[-1] - left[0], LEFT, "MB"),
                ],
            )
        ],
        read_versions("fer-onnx", "onnxruntime", "pillow", "streamlit"),
        {"uploaded": uploaded, "looking": looking, "left": left},
    )


def look(visitor: Visitor, files: list[tuple[str, bytes]]) -> None:
    """Look at all pictures, as cards and as a table."""
    visitor.upload(files)
    visitor.run()
    for number in range(2, -(-len(files) // PAGE) + 1):
        visitor.set("turned-to", int_value=number)
        visitor.run()
    visitor.set("evidence", bool_value=True)
    visitor.run()
    visitor.press("view", "Table")


def leave(server: DemoServer, visitors: list[Visitor]) -> float:
    """Let visitors leave; return the server's memory in MB when they cannot come back."""
    for visitor in visitors:
        visitor.leave()
    time.sleep(AGAIN + SETTLED)
    return server.read_memory()

"""What many pictures cost the demo's server: 200 small ones, uploaded at once.

Processor time from the first byte to the last row of the table, or card; the limit is 12 s.

Needs: Linux and the demo (`pip install -e '.[demo]'`).
"""

import argparse

from ..harness.demo_server import start_server
from ..harness.machine import read_versions
from ..harness.options import add_rounds
from ..harness.report import Report
from ..harness.table import Table, judge_limit
from ..harness.visitor import Visitor
from ..inputs.pictures import make_portraits

COUNT, LIMIT = 200, 12  # pictures; seconds
PAGE = 12  # pictures that the demo shows at a time
KINDS = {  # pixels of their width
    "faces, 100 to 112 pixels": range(100, 113),
    "portraits, 300 to 400 pixels": range(300, 401),
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add_rounds(parser, 1, "visits for each kind of pictures and view")


def measure(options: argparse.Namespace) -> Report:
    """Upload pictures and look at all of them, in a server of their own each time."""
    figures = {}
    for kind, widths in KINDS.items():
        files = make_portraits(widths[i % len(widths)] for i in range(COUNT))
        for view in ("Table", "Faces"):
            seconds = [visit(view, files) for _ in range(options.rounds)]
            figures[f"{kind}; {view}"] = min(seconds)
    return Report(
        f"demo-uploads: {COUNT} pictures at once, processor time of the server; "
        f"least of {options.rounds}",
        [
            Table(
                ["pictures; view", "seconds"],
                [[name, f"{seconds:.1f}"] for name, seconds in figures.items()],
                [judge_limit(name, seconds, LIMIT, "s") for name, seconds in figures.items()],
            )
        ],
        read_versions("fer-onnx", "onnxruntime", "pillow", "streamlit"),
        {name: {"seconds": seconds} for name, seconds in figures.items()},
    )


def visit(view: str, files: list[tuple[str, bytes]]) -> float:
    """Upload pictures in a view; return the server's seconds until all were shown."""
    with start_server() as server:
        visitor = Visitor(server.address)
        visitor.press("view", view)
        start = server.read_seconds()
        visitor.upload(files)
        visitor.run()
        if view == "Faces":
            for number in range(2, -(-len(files) // PAGE) + 1):
                visitor.set("turned-to", int_value=number)
                visitor.run()
        seconds = server.read_seconds() - start
        visitor.leave()
    return seconds

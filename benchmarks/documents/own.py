"""What a few pictures of one's own are worth, as the documents show it."""

from ..harness.table import to_percent
from .comparisons import Records, describe_origin
from .tables import render_table

NAME = "own-pictures"
COLUMNS = {
    "start": "start",
    "fitted": "fitted",
    "written": "written",
    "fitted is written": "fitted is written",
    "held out": "fitted, held out",
    "PublicTest, original labels: start": "PublicTest: start",
    "PublicTest, original labels: fitted": "PublicTest: fitted",
}


def tabulate_own(records: Records) -> str:
    """Return accuracies by size of the draw, and where they were measured."""
    record = records[NAME]
    rows = [
        [name, f"{int(size):,}", *(to_percent(found[c]) if c in found else "" for c in COLUMNS)]
        for name, sizes in record.figures["sets"].items()
        for size, found in sizes.items()
    ]
    columns = ["labels", "pictures", *COLUMNS.values()]
    words = f"In percent, mean over {record.figures['draws']} draws, from "
    words += f"`{record.figures['init']}`. `{record.command}`"
    return "\n\n".join([render_table(columns, rows, 1), words, *describe_origin(records, [NAME])])

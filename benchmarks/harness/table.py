"""The tables that a benchmark prints, and the lines that compare figures with their limits."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """Rows under their columns, the first set left and the others right, and notes beneath."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


def print_table(table: Table) -> None:
    """Print rows under their columns, and the notes."""
    lines = [table.columns, *table.rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(table.columns))]
    for row in [table.columns, ["-" * width for width in widths], *table.rows]:
        first, *others = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
        print("  ".join(cells).rstrip())
    if table.notes:
        print("", *table.notes, sep="\n")


def judge_limit(what: str, value: float, limit: float, unit: str = "") -> str:
    """Describe in one line whether a figure stays within its limit."""
    verdict = "met" if value <= limit else "MISSED"
    unit = unit and f" {unit}"
    return f"{what}: {value:.3g}{unit}, limit {limit:g}{unit}: {verdict}"


def judge_floor(what: str, value: float, floor: float, unit: str = "") -> str:
    """Describe in one line whether a figure is as high as it must be at least."""
    verdict = "met" if value >= floor else "MISSED"
    unit = unit and f" {unit}"
    return f"{what}: {value:.3g}{unit}, at least {floor:g}{unit}: {verdict}"


def to_percent(share: float, places: int = 1) -> str:
    """Return a share of 1 in percent, with this many decimals."""
    return f"{100 * share:.{places}f}"

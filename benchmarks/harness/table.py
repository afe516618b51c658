"""The table that a benchmark prints."""

from collections.abc import Sequence


def print_table(
    title: str,
    machine: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    notes: Sequence[str] = (),
) -> None:
    """Print one table: title, machine, rows under their columns, notes.

    The first column is set left, the others right.
    """
    print(f"{title}\n{machine}\n")
    print_rows(columns, rows, notes)


def print_rows(
    columns: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str] = ()
) -> None:
    """Print rows under their columns, and notes: one more table under the same title."""
    widths = [max(len(row[i]) for row in [columns, *rows]) for i in range(len(columns))]
    for row in [columns, ["-" * width for width in widths], *rows]:
        first, *others = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
        print("  ".join(cells).rstrip())
    if notes:
        print("", *notes, sep="\n")


def judge_limit(what: str, value: float, limit: float, unit: str = "") -> str:
    """Say in one line whether a figure stays within its limit."""
    verdict = "met" if value <= limit else "MISSED"
    unit = unit and f" {unit}"
    return f"{what}: {value:.3g}{unit}, limit {limit:g}{unit}: {verdict}"


def judge_floor(what: str, value: float, floor: float, unit: str = "") -> str:
    """Say in one line whether a figure is as high as it must be at least."""
    verdict = "met" if value >= floor else "MISSED"
    unit = unit and f" {unit}"
    return f"{what}: {value:.3g}{unit}, at least {floor:g}{unit}: {verdict}"

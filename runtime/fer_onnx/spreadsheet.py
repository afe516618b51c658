"""Cells of CSV tables, so that a spreadsheet takes them for what they are."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

from .prediction import DECIMALS

FORMULA = tuple("=+-@\t\r\n")  # what a spreadsheet may take for the start of a formula


def to_csv(rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as CSV.

    Numbers with a fraction have six decimals, truth values are true and false, None is an empty
    cell, and text that a spreadsheet could take for a formula starts with an apostrophe.
    """
    return "".join(_to_row(map(_to_cell, row)) for row in rows)


def _to_row(cells: Iterable[str]) -> str:
    text = StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow(cells)  # so that both \r and \n are quoted
    return text.getvalue().removesuffix("\r\n") + "\n"


def _to_cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.{DECIMALS}f}"
    if isinstance(value, bool):
        return str(value).lower()
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text

"""What is kept of a benchmark: its figures, and where, when and by what they were measured."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from fer_onnx.atomic import write_whole

BREAKS = re.compile(r"(?<=[\[\d,])\n *(?=[\d\]-])")  # of lines, within a list of numbers


@dataclass(frozen=True)
class Record:
    """The figures of one benchmark, and their origin.

    Attributes:
        command: that measured them.
        date: on which they were measured, as in 2026-11-26.
        machine: that they were measured on; None where nobody wrote it down.
        versions: of what they depend on, by name.
        figures: as the benchmark names them.
    """

    command: str
    date: str
    machine: str | None
    versions: Mapping[str, str]
    figures: Mapping[str, Any]


def make_record(
    command: str, machine: str, versions: Mapping[str, str], figures: Mapping[str, Any]
) -> Record:
    """Return the record of what was measured here and now, floats to five places."""
    rounded = json.loads(json.dumps(figures), parse_float=lambda text: round(float(text), 5))
    return Record(command, date.today().isoformat(), machine, versions, rounded)


def read_record(path: Path) -> Record:
    """Read a record.

    Raises:
        ValueError: not a record.
    """
    try:
        return Record(**json.loads(path.read_text(encoding="utf-8")))
    except (TypeError, ValueError) as exc:
        raise ValueError(f"{path}: no record of a benchmark ({exc})") from exc


def write_record(record: Record, path: Path) -> None:
    """Write a record, a list of numbers on one line; whole or not at all."""
    text = json.dumps(vars(record), indent=1, ensure_ascii=False)
    write_text(path, BREAKS.sub("", text) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with write_whole(path) as file:
        file.write(text.encode())

"""What a benchmark found, and how it is printed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .machine import read_load, read_machine
from .table import Table, print_table


@dataclass(frozen=True)
class Report:
    """What a benchmark found.

    Attributes:
        title: what was measured, and how, on one line.
        tables: what is printed.
        versions: of what the figures depend on, by name.
        figures: what `--write` keeps, as JSON has it.
        failed: whether an answer was wrong, so that the command exits with 1.
    """

    title: str
    tables: Sequence[Table]
    versions: Mapping[str, str]
    figures: Mapping[str, Any] = field(default_factory=dict)
    failed: bool = False


def print_report(report: Report) -> None:
    """Print the title, the machine, versions, and the tables."""
    print(report.title)
    print(f"{read_machine()}{read_load()}")
    print(", ".join(f"{name} {version}" for name, version in report.versions.items()))
    for table in report.tables:
        print()
        print_table(table)

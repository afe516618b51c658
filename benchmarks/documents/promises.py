"""What the documents quote of faults that were injected."""

from collections.abc import Mapping
from typing import Any

from .comparisons import Records
from .tables import render_table


def tabulate_faults(records: Records) -> str:
    """Tabulate what was left by each kind of fault, and what `--resume` made of it."""
    figures = records["faults"].figures
    rows: dict[tuple[str, str], dict[str, list[Any]]] = {}
    for kind, call, place, *outcome in figures["rows"]:
        rows.setdefault((call, place), {}).setdefault(kind, []).append(outcome)
    lines = [
        [
            call,
            place,
            str(sum(times for outcomes in kinds.values() for times, *_ in outcomes)),
            _describe(kinds, "error"),
            _describe(kinds, "kill"),
            ", ".join(dict.fromkeys(each[3] for every in kinds.values() for each in every)),
        ]
        for (call, place), kinds in sorted(rows.items())
    ]
    columns = ["call", "file", "faults", "left by an error", "left by a kill", "resumed"]
    total = f"{figures['faults']:,} faults, {figures['wrong'] or 'none'} with a loss"
    return f"{render_table(columns, lines, 2)}\n\n`{records['faults'].command}`: {total}."


def _describe(kinds: Mapping[str, list[Any]], kind: str) -> str:
    """Describe what was left, and the exit codes of runs that were not killed."""
    found: dict[str, set[str]] = {}
    for _, ended, left, _ in kinds.get(kind, ()):
        found.setdefault(left, set()).add(ended)
    if kind == "kill":
        return ", or ".join(found)
    return ", or ".join(f"{left} ({', '.join(sorted(ended))})" for left, ended in found.items())

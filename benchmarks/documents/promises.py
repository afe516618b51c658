"""What the documents quote of faults that were injected."""

from collections.abc import Sequence

from .comparisons import Figures, Records
from .tables import render_table


def tabulate_faults(records: Records) -> str:
    """Tabulate what was left by each kind of fault, and what `--resume` made of it."""
    figures = records["faults"].figures
    rows: dict[tuple[str, str], list[Figures]] = {}
    for row in figures["rows"]:
        rows.setdefault((row["call"], row["file"]), []).append(row)
    lines = [
        [
            *key,
            str(sum(row["times"] for row in found)),
            _describe([row for row in found if row["fault"] == "error"], "left", "ended"),
            _describe([row for row in found if row["fault"] == "kill"], "left"),
            _describe(found, "resumed"),
        ]
        for key, found in sorted(rows.items())
    ]
    columns = ["call", "file", "faults", "left by an error", "left by a kill", "resumed"]
    total = f"{figures['faults']:,} faults, {figures['wrong'] or 'none'} with a loss"
    return (
        f"{render_table(columns, lines, len(columns))}\n\n`{records['faults'].command}`: {total}."
    )


def _describe(rows: Sequence[Figures], *names: str) -> str:
    """Describe the different outcomes, in a few words each."""
    said = dict.fromkeys(", ".join(row[name] for name in names) for row in rows)
    return " / ".join(said)

"""The list of the benchmarks, from what each says of itself; none is imported for it."""

import ast
from pathlib import Path
from typing import NamedTuple

HOME = Path(__file__).parents[1]
FOLDERS = ("speed", "quality")
NEEDS = "\nNeeds: "


class Benchmark(NamedTuple):
    """A benchmark, as the docstring of its module describes it.

    Attributes:
        name: of the command.
        module: that measures.
        summary: the first line of the docstring.
        details: what the docstring says beyond that, on one line.
        needs: what must be installed or given, on one line; empty if nothing.
    """

    name: str
    module: str
    summary: str
    details: str
    needs: str

    @property
    def description(self) -> str:
        """All that is known of it, in one paragraph."""
        needs = f"Needs: {self.needs}." if self.needs else ""
        return " ".join(filter(None, (self.summary, self.details, needs)))


def find_benchmarks() -> dict[str, Benchmark]:
    """Find all benchmarks, by name."""
    files = [file for folder in FOLDERS for file in sorted((HOME / folder).glob("[!_]*.py"))]
    return {benchmark.name: benchmark for benchmark in map(describe, files)}


def describe(file: Path) -> Benchmark:
    """Read what a benchmark's module says of itself, without importing it."""
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    said, _, needs = text.partition(NEEDS)
    summary, _, details = said.partition("\n")
    return Benchmark(
        file.stem.replace("_", "-"),
        f"{HOME.name}.{file.parent.name}.{file.stem}",
        summary,
        " ".join(details.split()),
        " ".join(needs.split()).rstrip("."),
    )


def list_lines() -> list[str]:
    """Return the list that `python -m benchmarks` prints: a line for each, and what it needs."""
    lines = ["Usage: python -m benchmarks NAME [--help] [--write] …", ""]
    for benchmark in find_benchmarks().values():
        lines.append(f"{benchmark.name:12} {benchmark.summary}")
        if benchmark.needs:
            lines.append(f"{'':12} needs {benchmark.needs}")
    return [
        *lines,
        "",
        "--write saves the figures to docs/figures and updates the documents.",
        "python -m benchmarks --render updates the documents from saved figures alone.",
    ]

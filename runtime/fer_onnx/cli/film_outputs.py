"""Where the results of each film go."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..runs.files import Picture, is_input
from .parser import UsageError

SUFFIXES = {".csv": "csv", ".jsonl": "jsonl"}


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where the results of one film go.

    Attributes:
        format: of the table: "text", "csv" or "jsonl".
        table: the file; None for stdout.
    """

    format: str
    table: str | None


def place_outputs(args: argparse.Namespace, paths: Sequence[str]) -> list[Outputs]:
    """Return where the results of each film go: with several, into folders, by the films' names.

    Raises:
        UsageError: a file of no known kind, two films of one name, or a film that would be
            overwritten.
        OSError: a folder cannot be made.
    """
    if len(paths) == 1:
        outputs = [Outputs(_choose_format(args), args.output)]
    else:
        stems = [Path(path).stem for path in paths]
        twice = next((stem for stem in stems if stems.count(stem) > 1), None)
        if args.output and twice is not None:
            raise UsageError(f"two films are named {twice}; read them one by one")
        kind = args.format or ("csv" if args.output else "text")
        suffix = {"text": ".txt"}.get(kind, f".{kind}")
        outputs = [
            Outputs(kind, _place(args.output, f"{stem}{suffix}") if args.output else None)
            for stem in stems
        ]
    films = [Picture(path, path) for path in paths]
    for output in outputs:
        if output.table is not None and is_input(Path(output.table), films):
            raise UsageError(f"{output.table}: is one of the films; choose another --output")
    return outputs


def _choose_format(args: argparse.Namespace) -> str:
    if args.format or args.output is None:
        return args.format or "text"
    suffix = Path(args.output).suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"{args.output}: expected a name with .csv or .jsonl, or --format")
    return SUFFIXES[suffix]


def _place(folder: str, name: str) -> str:
    Path(folder).mkdir(parents=True, exist_ok=True)
    return str(Path(folder) / name)

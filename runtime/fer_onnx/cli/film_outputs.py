"""Where the results of each film go."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ..runs.files import STDIN, Picture, is_input
from .parser import UsageError

SUFFIXES = {".csv": "csv", ".jsonl": "jsonl"}
Files: TypeAlias = tuple[str | None, str | None, str | None, str | None]
FILMS = (".mp4", ".mov", ".mkv")


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where the results of one film go.

    Attributes:
        format: of the table: "text", "csv" or "jsonl".
        table: the file; None for stdout.
        summary: the table of tracks; None for none.
        chart: the picture of tracks; None for none.
        annotated: the film with what was found drawn in; None for none.
    """

    format: str
    table: str | None
    summary: str | None
    chart: str | None
    annotated: str | None


def place_outputs(args: argparse.Namespace, paths: Sequence[str]) -> list[Outputs]:
    """Return where the results of each film go: with several, into folders, by the films' names.

    Raises:
        UsageError: a file of no known kind, or that cannot be one, two films or results of one
            name, or a film that would be overwritten.
        OSError: a folder cannot be made.
    """
    if len(paths) == 1:
        placed: list[Files] = [(args.output, args.summary, args.chart, args.annotate)]
        if args.annotate and not args.annotate.lower().endswith(FILMS):
            raise UsageError(f"{args.annotate}: expected a name with {', '.join(FILMS)}")
        formats = [choose_format(args)]
    else:
        placed = _place_all(args, [Path(path).stem for path in paths])
        formats = [_choose_folder_format(args)] * len(paths)
    check_places([file for files in placed for file in files if file is not None], paths)
    return [Outputs(kind, *files) for kind, files in zip(formats, placed, strict=True)]


def check_places(files: Sequence[str], paths: Sequence[str]) -> None:
    """Refuse, before hours of reading, what could not be written at their end.

    Args:
        files: where results go.
        paths: what is read.

    Raises:
        UsageError: a file that cannot be one, that is named twice, or that is read.
    """
    films = [Picture(path, path) for path in paths]
    for place, file in enumerate(files):
        path = Path(file)
        if is_input(path, films):
            raise UsageError(f"{file}: is one of the films; choose another name")
        if file in files[:place]:
            raise UsageError(f"{file}: is named for two results; choose another name for one")
        if file == STDIN:
            raise UsageError("-: expected the name of a file; the table goes to stdout without one")
        if path.is_dir() or not path.parent.is_dir():
            kind = "is a folder" if path.is_dir() else f"there is no folder {path.parent}"
            raise UsageError(f"{file}: cannot be written ({kind})")


def _place_all(args: argparse.Namespace, stems: Sequence[str]) -> list[Files]:
    """Place the files of several films in the folders that the arguments name."""
    table = f".{_choose_folder_format(args).replace('text', 'txt')}"
    folders = [args.output, args.summary, args.chart, args.annotate]
    twice = next((stem for stem in stems if stems.count(stem) > 1), None)
    if twice is not None and any(folders):
        raise UsageError(f"two films are named {twice}; read them one by one")
    for folder in folders:
        if folder is not None:
            Path(folder).mkdir(parents=True, exist_ok=True)

    def place(folder: str | None, name: str) -> str | None:
        return None if folder is None else str(Path(folder) / name)

    return [
        (
            place(args.output, f"{stem}{table}"),
            place(args.summary, f"{stem}-summary.csv"),
            place(args.chart, f"{stem}.png"),
            place(args.annotate, f"{stem}-annotated.mp4"),
        )
        for stem in stems
    ]


def choose_format(args: argparse.Namespace) -> str:
    """Return the format of the table of one film."""
    if args.format or args.output is None:
        return args.format or "text"
    suffix = Path(args.output).suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"{args.output}: expected a name with .csv or .jsonl, or --format")
    return SUFFIXES[suffix]


def _choose_folder_format(args: argparse.Namespace) -> str:
    return args.format or ("csv" if args.output else "text")

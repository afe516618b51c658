"""Pictures with their right labels: a folder with one sub-folder per label, or a CSV table."""

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from ..errors import FerOnnxError
from ..regular import open_regular
from ..runs.files import Picture, find_pictures

COLUMNS = ("file", "label")
MAX_TABLE = 2**28  # bytes of a CSV table
MAX_FIELD = 2**17  # characters of one field
NAMED = 8  # labels in a message


@dataclass(frozen=True, slots=True)
class Example:
    """A picture with its right label.

    Attributes:
        picture: what is read.
        given: the label as the folder or the table names it; empty if it names none.
        label: the same as the model calls it, whatever the case of its letters; None if the model
            does not have it.
    """

    picture: Picture
    given: str
    label: str | None


class Row(NamedTuple):
    """A row of a table of pictures.

    Attributes:
        file: the picture as the table names it.
        path: where it is: the same, from the table's folder.
        label: its label, as the table has it; empty if it has none.
        columns: what else the table says of it, by column.
    """

    file: str
    path: str
    label: str
    columns: dict[str, str]


class Examples(NamedTuple):
    """What a folder or a table holds.

    Attributes:
        examples: in order.
        passed_over: how many files of other kinds there are in the folders.
    """

    examples: list[Example]
    passed_over: int


def read_examples(
    source: str | os.PathLike[str], labels: Sequence[str], skip: Path | None = None
) -> Examples:
    """Read which pictures there are, and their right labels; the pictures are not opened.

    Args:
        source: a folder with one sub-folder per label; or a CSV table with the columns `file`, a
            path from the table's folder, and `label`.
        labels: the labels that count.
        skip: a folder that is not walked into, because results are written there.

    Raises:
        FerOnnxError: no such folder or table, one without pictures, without any of the labels, or
            that gives one picture two labels.
    """
    name = os.fspath(source)
    folded = {label.casefold(): label for label in labels}
    if os.path.isdir(name):  # noqa: PTH112 (never raises)
        found, passed_over = find_pictures([name], skip)
        pairs = [(_label_of(picture.name, name), picture) for picture in found]
    else:
        rows = read_table(name)
        pairs, passed_over = [(row.label, Picture(row.path, row.path)) for row in rows], 0
    examples = [
        Example(picture, given, folded.get(given.strip().casefold())) for given, picture in pairs
    ]
    if not any(example.label for example in examples):
        raise FerOnnxError(_explain(name, examples, labels))
    return Examples(examples, passed_over)


def read_table(source: str | os.PathLike[str]) -> Iterator[Row]:
    """Yield the rows of a CSV table with the columns `file` and `label`; equal files once.

    Raises:
        FerOnnxError: no such table, one without rows, or that gives one file two labels.
    """
    name = os.fspath(source)
    lines = _parse(_read_text(name), name)
    header = [field.strip() for field in next(lines, (0, [""]))[1]]
    folded = [field.casefold() for field in header]
    if missing := [column for column in COLUMNS if column not in folded]:
        raise FerOnnxError(
            f"{name}: expected a CSV table with the columns file and label, "
            f"found no column {' and no '.join(missing)}"
        )
    file, label = map(folded.index, COLUMNS)
    further = {column: i for i, column in enumerate(header) if i not in (file, label)}
    seen: dict[str, str] = {}
    for number, line in lines:
        line += [""] * (len(header) - len(line))
        if not any(line):
            continue
        if not line[file].strip():
            raise FerOnnxError(f"{name}: row {number} names no file")
        path = os.path.normpath(Path(name).parent / line[file].strip())
        given = line[label].strip()
        if path in seen:
            if seen[path] != given:
                raise FerOnnxError(f"{name}: {line[file]} has two labels, {seen[path]} and {given}")
            continue
        seen[path] = given
        columns = {column: line[i].strip() for column, i in further.items()}
        yield Row(line[file].strip(), path, given, columns)
    if not seen:
        raise FerOnnxError(f"{name}: a table without rows")


def _label_of(picture: str, folder: str) -> str:
    """Return the sub-folder of the folder that a picture lies in."""
    first, *rest = Path(picture).relative_to(folder).parts or ("",)
    return first if rest or os.path.isdir(picture) else ""  # noqa: PTH112


def _explain(name: str, examples: Sequence[Example], labels: Sequence[str]) -> str:
    """Describe why nothing can be evaluated."""
    errors = [each.picture.error for each in examples if each.picture.error]
    if len(examples) == 1 and errors:
        return str(errors[0])
    given = sorted({example.given for example in examples} - {""})
    wanted = f"the model's labels ({', '.join(labels)})"
    if not given:
        return f"{name}: expected one sub-folder per label, named like {wanted}"
    shown = ", ".join(given[:NAMED]) + ", …" * (len(given) > NAMED)
    parts = _find_parts(name, given, labels)
    hint = f"; there are some in {', '.join(parts)}" if parts else ""
    return f"{name}: none of its labels ({shown}) is one of {wanted}{hint}"


def _find_parts(name: str, given: Sequence[str], labels: Sequence[str]) -> list[str]:
    """Return the folders, one or two levels down, that have sub-folders named like labels."""
    wanted = {label.casefold() for label in labels}
    folders = [Path(name, part) for part in given if Path(name, part).is_dir()]
    below = [folder for part in folders for folder in sorted(part.glob("*/"))]
    parts = [
        str(folder)
        for folder in (*folders, *below)
        if any(each.name.casefold() in wanted for each in folder.glob("*/"))
    ]
    return parts[:NAMED]


def _read_text(name: str) -> str:
    try:
        with open_regular(name) as file:
            data = file.read(MAX_TABLE + 1)
        if len(data) > MAX_TABLE:
            raise FerOnnxError(f"{name}: larger than {MAX_TABLE // 2**20} MB, too large a table")
        return data.decode("utf-8-sig")
    except FileNotFoundError as exc:
        raise FerOnnxError(f"{name}: no such folder or CSV table") from exc
    except UnicodeDecodeError as exc:
        raise FerOnnxError(f"{name}: expected a folder or a CSV table in UTF-8") from exc
    except (OSError, ValueError) as exc:  # ValueError: a NUL in the path
        reason = exc.strerror if isinstance(exc, OSError) else str(exc)
        raise FerOnnxError(f"{name}: cannot be read ({reason})") from exc


def _parse(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of each row's last line and its fields; spreadsheets also write `;`."""
    first = text.partition("\n")[0]
    delimiter = ";" if ";" in first and "," not in first else ","
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    limit = csv.field_size_limit(MAX_FIELD)  # of the whole process: others may have raised it
    try:
        parsed = [(rows.line_num, row) for row in rows]
    except csv.Error as exc:
        raise FerOnnxError(f"{name}: row {rows.line_num} cannot be read ({exc})") from exc
    finally:
        csv.field_size_limit(limit)
    yield from parsed

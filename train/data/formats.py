"""The forms in which people have faces on disk → `FaceSet`.

FER2013 comes as `fer2013.zip` (images and one table), as `fer2013.csv` or `icml_face_data.csv`
(pixels in text), and as class folders (`images/{train,validation}/<label>/`,
`{train,test}/<label>/`). Any other folder with one sub-folder per label is read the same way, and
so is a zip whose `labels.csv` has a row for each picture: its `file` below `images/` and, as far as
they are known, its `emotion`, its `split`, and whatever else; and a CSV table beside pictures, with
the columns `file` and `label`.
FER+ votes (`fer2013new.csv`) are joined where they lie beside it.
"""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image

from fer_onnx.metadata import InputSpec
from fer_onnx.preprocess import to_array
from train.errors import DataError, describe_cause

from .faceset import FER2013, LABELS, ROLES, VOTES, FaceSet, hold_out
from .pictures import Row, is_listing, read_archive, read_folders, read_listing
from .tables import open_archive, read_rows

ARCHIVE = "fer2013.zip"
TABLES = ("fer2013.csv", "icml_face_data.csv")
VOTE_TABLE = "fer2013new.csv"
NUMBERED = dict(enumerate(LABELS))  # a table's numbers; -1 is none of them
KAGGLES_NAME = re.compile(
    r"((images/)?(train|validation)/\w+/\d+|.*(Training|PublicTest|PrivateTest)_\d+)\.\w+$"
)
HOLD_OUT = 0.1  # of a data set that brings no validation part
MOST_VOTES = 1000  # of people for one label of a face; FER+ has ten
MIN_AGREEMENT = 0.4  # FER+ and original labels agree on about 65 %; strangers' rows on 20 %
Cut: TypeAlias = Callable[[Image.Image, str], Image.Image | None]


def read_dataset(path: Path, spec: InputSpec, cut: Cut | None = None) -> FaceSet:
    """Read a data set in whichever form it has; where no part is for validation, hold out a tenth.

    Args:
        path: the archive or table itself, or a folder that holds it, or class folders, or a CSV
            table that names pictures.
        spec: what each face is converted to, by the runtime's own preprocessing.
        cut: picture and name → the face in it, None for a picture to leave out; None: each
            picture is a face.

    Raises:
        DataError: nothing usable at `path`, or fewer than two labels.
    """
    return hold_out_tenth(read_parts(path, spec, cut))


def hold_out_tenth(faces: FaceSet) -> FaceSet:
    """Return a data set with a tenth of its training part as "validation", if it has none."""
    roles = {ROLES[split] for split in faces.splits.tolist()}
    return faces if "validation" in roles else hold_out(faces, HOLD_OUT)


def read_parts(path: Path, spec: InputSpec, cut: Cut | None = None) -> FaceSet:
    """Read a data set as `read_dataset` does, in the parts that it has of its own.

    Args:
        path: as `read_dataset` takes it.
        spec: likewise.
        cut: likewise.

    Raises:
        DataError: nothing usable at `path`, or fewer than two labels.
    """
    path = Path(path)
    if not path.exists():
        raise DataError(f"{path}: no such data; expected FER2013 or a folder of label folders")
    archive = path if path.suffix == ".zip" else path / ARCHIVE
    tables = [path] if path.suffix == ".csv" else [path / name for name in TABLES]
    table = next((table for table in tables if table.is_file()), None)
    if archive.is_file() and archive.name != ARCHIVE:
        return _collect(read_archive(archive), spec, path, cut)
    if table == path and is_listing(path):
        return _collect(read_listing(path), spec, path, cut)
    if archive.is_file():
        rows, votes = _archive_rows(archive), None
    elif table is not None:
        rows, votes = _table_rows(table), _vote_table(table.with_name(VOTE_TABLE))
    elif path.is_dir():
        rows, votes = read_folders(path), _vote_table(path / VOTE_TABLE)
    else:
        raise DataError(f"{path}: expected a folder, a zip or a CSV table")
    faces = _collect(rows, spec, path, cut)
    if archive.is_file() or table is not None or votes is not None or _is_kaggles(faces):
        faces = replace(faces, name=FER2013)
    return faces if votes is None else _join_votes(faces, votes)


def _cut_rows(rows: Iterator[Row], cut: Cut) -> Iterator[Row]:
    for row in rows:
        if (face := cut(row.image, row.name)) is not None:
            yield row._replace(image=face)


def _collect(rows: Iterator[Row], spec: InputSpec, path: Path, cut: Cut | None) -> FaceSet:
    rows = _cut_rows(rows, cut) if cut else rows
    kept = [(to_array(row.image, spec), row._replace(image=None)) for row in rows]  # type: ignore[arg-type]
    found = {row.label for _, row in kept if row.label}
    if len(found) == 1 or not kept or not (found or kept[0][1].columns):
        names = ", ".join(found) or "none"
        raise DataError(f"{path}: expected faces of two labels or more, found {names}")
    known = found <= set(LABELS)
    labels = tuple(label for label in LABELS if label in found) if known else tuple(sorted(found))
    votes = [row.votes for _, row in kept if row.votes is not None]
    return FaceSet(
        images=np.stack([array for array, _ in kept]),
        splits=np.array([row.split for _, row in kept], dtype=str),
        original=np.array(
            [labels.index(row.label) if row.label else -1 for _, row in kept], dtype=np.int64
        ),
        votes=np.array(votes, dtype=np.int64) if len(votes) == len(kept) else None,
        labels=labels,
        name=path.resolve().name,
        names=np.array([row.name for _, row in kept], dtype=str),
        columns={
            name: np.array([(row.columns or {})[name] for _, row in kept], dtype=str)
            for name in kept[0][1].columns or ()
        },
    )


def _is_kaggles(faces: FaceSet) -> bool:
    """Check by the names whether a folder holds FER2013, or some of its labels."""
    return set(faces.labels) <= set(LABELS) and all(map(KAGGLES_NAME.match, faces.names))


def _archive_rows(path: Path) -> Iterator[Row]:
    columns = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear")
    with open_archive(path, "the FER2013 archive") as archive:
        for row in archive.read_table("labels.csv"):
            name = f"images/{int(row['row']):05d}.png"
            votes = [row[f"votes_{v}"] for v in (*columns, "contempt", "unknown", "nf")]
            label, usage = row["emotion"], row["usage"]
            if label not in LABELS or usage not in ROLES:
                raise ValueError(f"row {row['row']} has label {label!r} and part {usage!r}")
            yield Row(archive.read_picture(name), label, usage, name, _count_votes(votes))


def _table_rows(path: Path) -> Iterator[Row]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = read_rows(file)
        number = 0
        try:
            for number, row in enumerate(rows):
                if missing := {"emotion", "pixels", "Usage"} - set(row):
                    raise DataError(
                        f"{path}: not FER2013's table, it lacks {', '.join(sorted(missing))}"
                    )
                pixels = np.array(row["pixels"].split(), dtype=np.uint8).reshape(48, 48)
                label, usage = NUMBERED[int(row["emotion"])], row["Usage"].strip()
                ROLES[usage]
                yield Row(Image.fromarray(pixels), label, usage, str(number))
        except (ValueError, OverflowError, KeyError, csv.Error) as exc:
            cause = describe_cause(exc)
            raise DataError(f"{path}: row {number + 2} is not a face ({cause})") from exc


def _vote_table(path: Path) -> list[tuple[str, list[int]]] | None:
    if not path.is_file():
        return None
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [list(row.values()) for row in read_rows(file)]
        if not rows:
            raise ValueError("it has no rows")
        return [(row[1], _count_votes(row[2 : 2 + len(VOTES)])) for row in rows]
    except (IndexError, ValueError, csv.Error) as exc:
        raise DataError(f"{path}: not the table of FER+ votes ({exc})") from exc


def _count_votes(fields: list[str]) -> list[int]:
    votes = [int(field) for field in fields]
    if len(votes) != len(VOTES) or not all(0 <= vote <= MOST_VOTES for vote in votes):
        raise ValueError(f"no counts of votes: {', '.join(fields)[:60]}")
    return votes


def _join_votes(faces: FaceSet, table: list[tuple[str, list[int]]]) -> FaceSet:
    """Add the votes: by position beside a table of equal length, else by the number in the name.

    Faces without votes are dropped; votes that contradict the labels are refused.
    """
    if len(table) == len(faces) and all(name.isdigit() for name in faces.names):
        index = np.arange(len(faces))
        votes = np.array([row for _, row in table], dtype=np.int64)
    else:
        by_number = {_number(name): row for name, row in table if name}
        numbers = [_number(name) for name in faces.names]
        index = np.flatnonzero([number in by_number for number in numbers])
        votes = np.array([by_number[numbers[i]] for i in index], dtype=np.int64)
    if len(index):
        index, votes = index[votes.any(axis=1)], votes[votes.any(axis=1)]
    if not len(index):
        raise DataError(f"{faces.name}: {VOTE_TABLE} has votes on none of these images")
    joined = FaceSet(**{**vars(faces.take(index)), "votes": votes})
    named = np.array([faces.labels.index(v) if v in faces.labels else -1 for v in VOTES])
    agree = float((named[votes.argmax(axis=1)] == joined.original).mean())
    if agree < MIN_AGREEMENT:
        raise DataError(
            f"{faces.name}: the votes of {VOTE_TABLE} belong to other images "
            f"(they agree with {agree:.0%} of {len(index)} labels, expected about 65 %)"
        )
    return joined


def _number(name: str) -> int:
    digits = re.findall(r"\d+", name.rpartition("/")[2])
    return int(digits[-1]) if digits else -1

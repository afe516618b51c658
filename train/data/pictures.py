"""Pictures with labels as people lay them out: folders, a table beside them, or an archive."""

import csv
import sys
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from fer_onnx.errors import FerOnnxError, ImageError
from fer_onnx.evaluation.examples import read_table
from fer_onnx.images import SUFFIXES, read_image
from train.errors import DataError

from .faceset import OFFICIAL, ROLES
from .tables import open_archive


class Row(NamedTuple):
    """One picture as it lies on disk."""

    image: Image.Image
    label: str
    split: str
    name: str
    votes: list[int] | None = None
    columns: dict[str, str] | None = None


def read_archive(path: Path) -> Iterator[Row]:
    """Read an archive whose table names the file of each picture."""
    with open_archive(path, "an archive of pictures and labels.csv") as archive:
        for row in archive.read_table("labels.csv"):
            name, label, split = (row.pop(key, "") for key in ("file", "emotion", "split"))
            picture = archive.read_picture(f"images/{name}")
            yield Row(picture, label, split or "train", name, columns=row)


def count_pictures(path: Path) -> int | None:
    """Count the pictures of a data set before they are read; None if that would take reading it."""
    names: Iterable[str | Path] = ()
    if path.is_dir():
        names = path.rglob("*")
    elif path.suffix == ".zip":
        with suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    elif path.suffix == ".csv" and is_listing(path):
        with suppress(FerOnnxError):
            return len(list(read_table(path)))
    return sum(Path(name).suffix.lower() in SUFFIXES for name in names) or None


def is_listing(path: Path) -> bool:
    """Check whether a CSV table names pictures, instead of holding pixels as FER2013's does."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            header = next(csv.reader(file), [])
    except (OSError, ValueError, csv.Error):
        return False
    return "pixels" not in (name.strip() for name in header)


def read_listing(path: Path) -> Iterator[Row]:
    """Read the pictures that a CSV table names: `file`, from its folder, `label`, and what else.

    Raises:
        DataError: another table, or a part of the data set that is none.
    """
    try:
        rows = list(read_table(path))
    except FerOnnxError as exc:
        raise DataError(str(exc)) from exc
    for row in rows:
        columns = dict(row.columns)
        split = columns.pop("split", "") or "train"
        if split not in ROLES:
            raise DataError(
                f"{path}: {row.file} is in part {split!r}, expected one of {', '.join(ROLES)}"
            )
        if (image := _read(Path(row.path))) is not None:
            yield Row(image, row.label, split, Path(row.file).as_posix(), columns=columns)


def read_folders(path: Path) -> Iterator[Row]:
    """Read a folder with one sub-folder per label, or with such folders for each part."""
    root = path / "images" if (path / "images").is_dir() else path
    parts = [part for part in sorted(root.iterdir()) if part.is_dir() and part.name in ROLES]
    folders = [(part.name, folder) for part in parts for folder in sorted(part.iterdir())]
    if not parts:
        folders = [("train", folder) for folder in sorted(root.iterdir())]
    for part, folder in folders:
        if not folder.is_dir() or folder.name.startswith("."):
            continue
        for file in sorted(folder.rglob("*")):
            if file.suffix.lower() not in SUFFIXES:
                continue
            if (image := _read(file)) is None:
                continue
            usage = file.name.split("_")[0]  # "PublicTest_00002.png" tells FER2013's own split
            split = usage if usage in OFFICIAL else part
            yield Row(image, folder.name, split, file.relative_to(path).as_posix())


def _read(file: Path) -> Image.Image | None:
    try:
        return read_image(file)
    except ImageError as exc:
        print(f"skipped: {exc}", file=sys.stderr)
        return None

"""Tables and archives, read with a bound; what is wrong with them is a `DataError` of one line."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from fer_onnx.errors import ImageError
from fer_onnx.images import read_image
from train.errors import DataError, describe_cause

FIELD = 2**31 - 1  # bytes of a field: csv allows 131,072 unless told, a large face has more
PICTURE, TABLE = 2**26, 2**28  # bytes of an unpacked member at most

Row = dict[str, str]


def read_rows(lines: Iterable[str]) -> Iterator[Row]:
    """Yield the rows of a CSV table by the names in its first line; a missing field is empty."""
    csv.field_size_limit(FIELD)  # of the whole process; csv has no other way
    table = csv.DictReader(lines)
    names = [name.strip() for name in table.fieldnames or ()]
    table.fieldnames = names
    for row in table:
        yield {name: row[name] or "" for name in names}


class Archive:
    """A zip archive of which only what is asked for is read, and no more of it than is allowed.

    Args:
        file: the archive.
        expected: what it should be, as in "photos.zip: not an archive of photographs".
    """

    def __init__(self, file: zipfile.ZipFile, expected: str) -> None:
        self._file = file
        self._expected = expected

    def read_table(self, name: str) -> Iterator[Row]:
        """Yield the rows of a CSV table.

        Raises:
            DataError: no such table, or a damaged, an encrypted or a huge one.
        """
        with _tell(self._expected):
            text = self._read(name, TABLE).decode("utf-8-sig")
            yield from read_rows(io.StringIO(text, newline=""))

    def read_picture(self, name: str) -> Image.Image:
        """Read a picture.

        Raises:
            DataError: no such picture, or a damaged, an encrypted or a huge one.
        """
        data = b""
        with _tell(self._expected):
            data = self._read(name, PICTURE)
        try:
            return read_image(data)
        except ImageError as exc:
            cause = str(exc).removeprefix("bytes: ")
            raise DataError(f"{self._file.filename}: {name}: {cause}") from exc

    def _read(self, name: str, most: int) -> bytes:
        size = self._file.getinfo(name).file_size  # zipfile reads no more than this
        if size > most:
            raise ValueError(f"{name} would take {size:,} bytes, allowed are {most:,}")
        return self._file.read(name)


@contextmanager
def open_archive(path: Path, expected: str) -> Iterator[Archive]:
    """Open an archive; a field that is missing or wrong in what is read there is told as well.

    Args:
        path: the zip file.
        expected: what it should be, as in "an archive of photographs".

    Raises:
        DataError: no such archive, or a damaged, an encrypted or another one.
    """
    text = f"{path}: not {expected}"
    with _tell(text):
        file = zipfile.ZipFile(path)
    with file:
        try:
            yield Archive(file, text)
        except (KeyError, ValueError) as exc:
            raise DataError(f"{text} ({describe_cause(exc)})") from exc


@contextmanager
def _tell(expected: str) -> Iterator[None]:
    """Raise `DataError` for anything that goes wrong; zipfile raises a dozen kinds of errors."""
    try:
        yield
    except Exception as exc:
        raise DataError(f"{expected} ({describe_cause(exc)})") from exc

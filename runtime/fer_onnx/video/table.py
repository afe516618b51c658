"""The moments of a film as a table, as CSV or JSON lines, and back."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, TextIO

from ..prediction import Face, Prediction
from ..spreadsheet import to_csv
from .follower import Moment

PLACE = ("t", "frame", "track", "x", "y", "width", "height", "detection_score")
ANSWER = ("label", "score", "uncertain", "legible", "steady_label", "steady_score")


class Table:
    """A table with a row for each face of each moment, and one for a moment without a face.

    Attributes:
        columns: their names, in order.
    """

    def __init__(self, labels: Sequence[str], min_score: float) -> None:
        """Choose the columns.

        Args:
            labels: labels of the scores.
            min_score: an answer below is uncertain.
        """
        self._labels, self._min_score = tuple(labels), min_score
        raw = [f"score_{label}" for label in labels]
        self.columns = (*PLACE, *ANSWER, *raw, *(f"steady_{name}" for name in raw))

    def head(self) -> str:
        """Return what comes before the first row."""
        return ""

    def write(self, moment: Moment) -> str:
        """Return the rows of a moment."""
        raise NotImplementedError

    def read(self, lines: TextIO) -> Iterator[Moment]:
        """Read the moments of a table that was written, without crops and quarters."""
        for key, rows in groupby(self._parse(lines), key=lambda row: (row["t"], row["frame"])):
            faces = [row for row in rows if row["track"] is not None]
            yield Moment(*key, *(tuple(map(read, faces)) for read in (self._raw, self._steadied)))

    def _parse(self, lines: TextIO) -> Iterable[dict[str, Any]]:
        raise NotImplementedError

    def _rows(self, moment: Moment) -> list[list[Any]]:
        if not moment.faces:
            return [[moment.t, moment.frame, *[None] * (len(self.columns) - 2)]]
        return [
            [moment.t, moment.frame, face.track, *face.box, face.detection_score]
            + [face.label, face.score, face.uncertain, face.legible, steady.label, steady.score]
            + [each.scores[label] for each in (face, steady) for label in self._labels]
            for face, steady in zip(moment.faces, moment.steadied, strict=True)
        ]

    def _raw(self, row: dict[str, Any]) -> Face:
        return self._face(row, "score_")

    def _steadied(self, row: dict[str, Any]) -> Face:
        return self._face(row, "steady_score_")

    def _face(self, row: dict[str, Any], prefix: str) -> Face:
        scores = {label: row[f"{prefix}{label}"] for label in self._labels}
        answer = Prediction.from_scores(scores, self._min_score)
        if not row["legible"]:
            answer = answer.illegible()
        box = row["x"], row["y"], row["width"], row["height"]
        return Face(box, row["detection_score"], answer, track=row["track"])


class JsonTable(Table):
    """JSON lines: one object per row, null where there is no face."""

    def write(self, moment: Moment) -> str:
        """Return the lines of a moment."""
        rows = (dict(zip(self.columns, row, strict=True)) for row in self._rows(moment))
        return "".join(json.dumps(row) + "\n" for row in rows)

    def _parse(self, lines: TextIO) -> Iterable[dict[str, Any]]:
        return map(json.loads, lines)


class CsvTable(Table):
    """A table with a head; cells are empty where there is no face."""

    def head(self) -> str:
        """Return the names of the columns."""
        return to_csv([self.columns])

    def write(self, moment: Moment) -> str:
        """Return the rows of a moment."""
        return to_csv(self._rows(moment))

    def _parse(self, lines: TextIO) -> Iterable[dict[str, Any]]:
        for row in csv.DictReader(lines):
            yield {name: _from_cell(name, cell) for name, cell in row.items()}


class LineTable(Table):
    """Lines for people: the moment, and each face with its number, label and steadied score."""

    def write(self, moment: Moment) -> str:
        """Return the line of a moment."""
        faces = ", ".join(
            f"face {face.track} {face.label}{'?' * face.uncertain} {face.score:.2f}"
            for face in moment.steadied
        )
        return f"{write_time(moment.t)}  {faces or 'no face'}\n"


TABLES: dict[str, type[Table]] = {"text": LineTable, "csv": CsvTable, "jsonl": JsonTable}


def write_time(seconds: float) -> str:
    """Return a time as 1:02.3, or 1:00:02.3 from an hour on."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    clock = f"{minutes // 60}:{minutes % 60:02}" if minutes >= 60 else f"{minutes}"
    return f"{clock}:{rest / 10:04.1f}"


def _from_cell(name: str, cell: str) -> Any:
    if not cell:
        return None
    if name in ("label", "steady_label"):
        return cell
    if name in ("uncertain", "legible"):
        return cell == "true"
    whole = ("frame", "track", "x", "y", "width", "height")
    return int(cell) if name in whole else float(cell)

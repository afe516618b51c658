"""Results as text: records in four formats, metadata of models in two.

Text shows scores with two decimals; JSON and CSV have six.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, TextIO

from ..errors import printable
from ..metadata import DetectorInfo, ModelInfo
from ..prediction import Face
from ..runs.records import Record
from ..spreadsheet import to_csv

BAR = 20  # columns of a score of 1
FACE_COLUMNS = ("x", "y", "box_width", "box_height", "detection_score", "whole")


class Writer:
    """Text of records: a head, a row for each, and a tail.

    Attributes:
        labels: labels of the answers, in the order of columns.
        encoding: encoding of the file or stream that the text goes to.
    """

    def __init__(self, labels: Sequence[str], encoding: str = "utf-8") -> None:
        self.labels = labels
        self.encoding = encoding

    def head(self) -> str:
        """Return the text before the first record."""
        return ""

    def row(self, record: Record, number: int) -> str:
        """Return the text of one record; the first is number 0."""
        raise NotImplementedError

    def tail(self, count: int) -> str:
        """Return the text after the last of `count` records."""
        return ""


class TextWriter(Writer):
    """Records for people; failures are reported on stderr instead."""

    def row(self, record: Record, number: int) -> str:
        """Return a line, or a block of lines with bars; nothing for a failure."""
        if record.error is not None:
            return ""
        lines = _describe(record, _choose_bar(self.encoding))
        return "".join(f"{printable(line)}\n" for line in lines)


class JsonWriter(Writer):
    """One JSON array, a record on each of its lines."""

    def head(self) -> str:
        """Return the array's opening bracket."""
        return "["

    def row(self, record: Record, number: int) -> str:
        """Return one element, with the comma that separates it from the one before."""
        return (",\n" if number else "\n") + json.dumps(record.to_dict())

    def tail(self, count: int) -> str:
        """Return the array's closing bracket."""
        return "\n]\n" if count else "]\n"


class JsonLinesWriter(Writer):
    """JSON lines: one object per line."""

    def row(self, record: Record, number: int) -> str:
        """Return one line."""
        return json.dumps(record.to_dict()) + "\n"


class CsvWriter(Writer):
    """A table with one row per face; a picture without a face or with an error is a row too.

    Text that a spreadsheet could take for a formula starts with an apostrophe.
    """

    def head(self) -> str:
        """Return the names of the columns."""
        scores = [f"score_{label}" for label in self.labels]
        picture = ("image", "width", "height", "model")
        row = [*picture, *FACE_COLUMNS, "label", "score", "uncertain", *scores, "error"]
        return to_csv([row])

    def row(self, record: Record, number: int) -> str:
        """Return the rows of one record."""
        start = [record.image, record.width, record.height, record.model]
        blank = [None] * (len(FACE_COLUMNS) + 3 + len(self.labels))
        rows = [_face_to_row(face, record.whole, self.labels) for face in record.faces] or [blank]
        return to_csv([[*start, *row, record.error] for row in rows])


WRITERS: dict[str, type[Writer]] = {
    "text": TextWriter,
    "json": JsonWriter,
    "jsonl": JsonLinesWriter,
    "csv": CsvWriter,
}


def write_records(
    kind: str, records: Iterable[Record], stream: TextIO, labels: Sequence[str]
) -> None:
    """Write records to a stream as they come: as "text", "json", "jsonl" or "csv"."""
    writer = WRITERS[kind](labels, stream.encoding or "ascii")
    stream.write(writer.head())
    count = 0
    for count, record in enumerate(records, 1):
        stream.write(writer.row(record, count - 1))
    stream.write(writer.tail(count))


def describe_model(
    info: ModelInfo | DetectorInfo, evidence: bool | None, bundled: Sequence[str]
) -> str:
    """Return a model file's metadata as lines of text, and which models are bundled.

    Args:
        info: the metadata.
        evidence: whether the model has evidence maps; None for a detector.
        bundled: names of the bundled expression models.
    """
    fields = {**asdict(info), "evidence": evidence, "bundled": bundled}
    fields = {name: value for name, value in fields.items() if value not in ("", None, {})}
    lines = [f"{fields.pop('name')} {fields.pop('version')}"]
    width = max(map(len, fields)) + 2
    for name, value in fields.items():
        lines.append(f"  {name.replace('_', ' '):{width}}{_say(value)}")
    return "".join(f"{printable(line)}\n" for line in lines)


def model_to_json(
    info: ModelInfo | DetectorInfo, evidence: bool | None, bundled: Sequence[str]
) -> str:
    """Return the same as JSON."""
    fields = json.loads(info.to_json())
    if evidence is not None:
        fields["evidence"] = evidence
    fields["bundled"] = list(bundled)
    return json.dumps(fields, indent=2) + "\n"


MODEL_WRITERS = {"text": describe_model, "json": model_to_json}


def _describe(record: Record, bar: str) -> list[str]:
    if not record.faces:
        return [f"{record.image}: no face found"]
    if len(record.faces) == 1:
        face = record.faces[0]
        return [f"{record.image}: {_answer(face)}", *_scores(face, bar, "  ")]
    lines = [f"{record.image}: {len(record.faces)} faces"]
    for number, face in enumerate(record.faces, 1):
        x, y, width, height = face.box
        place = f"{width}x{height} at {x},{y}"
        lines += [f"  face {number}, {place}: {_answer(face)}", *_scores(face, bar, "    ")]
    return lines


def _answer(face: Face) -> str:
    prediction = face.prediction
    return f"{prediction.label} {prediction.score:.2f}" + " (uncertain)" * prediction.uncertain


def _scores(face: Face, bar: str, indent: str) -> list[str]:
    scores = face.prediction.scores
    width = max(map(len, scores))
    return [
        f"{indent}{label:{width}}  {score:.2f}  {bar * round(score * BAR)}".rstrip()
        for label, score in scores.items()
    ]


def _choose_bar(encoding: str) -> str:
    try:
        "█".encode(encoding)
    except UnicodeEncodeError:
        return "#"
    return "█"


def _face_to_row(face: Face, whole: bool, labels: Sequence[str]) -> list[Any]:
    prediction = face.prediction
    answer = [prediction.label, prediction.score, prediction.uncertain]
    scores = [prediction.scores[label] for label in labels]
    return [*face.box, face.detection_score, whole, *answer, *scores]


def _say(value: Any) -> str:
    if isinstance(value, dict):
        parts = (f"{name.replace('_', ' ')} {_say(part)}" for name, part in value.items())
        return ", ".join(parts)
    if isinstance(value, list | tuple):
        return ", ".join(map(_say, value))
    if isinstance(value, float):
        value = round(value, 4)
    return str(value).lower() if isinstance(value, bool) else str(value)

"""What the command line says: records in four formats, and models in two."""

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TextIO, TypeAlias

from .metadata import DetectorInfo, ModelInfo
from .prediction import Face

BAR = 20  # columns of a score of 1
FACE_COLUMNS = ("x", "y", "box_width", "box_height", "detection_score")


@dataclass(frozen=True, slots=True)
class Record:
    """Hold what was answered for one picture.

    Attributes:
        image: the picture as the user named it.
        width: of the upright picture, in pixels; None if it could not be read.
        height: likewise.
        model: name of the model that answered.
        faces: what was found, without evidence; empty after a failure.
        error: what failed, in one line, or None.
    """

    image: str
    width: int | None
    height: int | None
    model: str
    faces: tuple[Face, ...] = ()
    error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give the record as JSON has it."""
        return {
            "image": self.image,
            "width": self.width,
            "height": self.height,
            "model": self.model,
            "faces": [_face_to_dict(face) for face in self.faces],
            "error": self.error,
        }


Writer: TypeAlias = Callable[[Iterable[Record], TextIO, Sequence[str]], None]


def write_text(records: Iterable[Record], stream: TextIO, labels: Sequence[str]) -> None:
    """Write for people; what failed is told on stderr instead."""
    bar = _choose_bar(stream)
    for record in records:
        if record.error is None:
            lines = _describe(record, bar)
            stream.write("".join(f"{printable(line)}\n" for line in lines))


def write_json(records: Iterable[Record], stream: TextIO, labels: Sequence[str]) -> None:
    """Write one JSON array, a record on each of its lines."""
    before = "[\n"
    for record in records:
        stream.write(before + json.dumps(record.to_dict()))
        before = ",\n"
    stream.write("[]\n" if before == "[\n" else "\n]\n")


def write_jsonl(records: Iterable[Record], stream: TextIO, labels: Sequence[str]) -> None:
    """Write one JSON object a line."""
    for record in records:
        stream.write(json.dumps(record.to_dict()) + "\n")


def write_csv(records: Iterable[Record], stream: TextIO, labels: Sequence[str]) -> None:
    """Write a table, one row a face; a picture without a face or with an error is a row too."""
    scores = [f"score_{label}" for label in labels]
    table = csv.writer(stream, lineterminator="\n")
    picture = ("image", "width", "height", "model")
    table.writerow([*picture, *FACE_COLUMNS, "label", "score", "uncertain", *scores, "error"])
    for record in records:
        start = [record.image, record.width, record.height, record.model]
        blank = [None] * (len(FACE_COLUMNS) + 3 + len(labels))
        for row in [_face_to_row(face, labels) for face in record.faces] or [blank]:
            table.writerow([*start, *row, record.error])


WRITERS: dict[str, Writer] = {
    "text": write_text,
    "json": write_json,
    "jsonl": write_jsonl,
    "csv": write_csv,
}


def describe_model(
    info: ModelInfo | DetectorInfo, evidence: bool | None, bundled: Sequence[str]
) -> str:
    """Say for people what a model file says of itself, and which models are bundled.

    Args:
        info: what it says.
        evidence: whether it says where it looked; None for one that finds faces.
        bundled: names of the models that read faces.
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
    """Give the same as JSON."""
    fields = json.loads(info.to_json())
    if evidence is not None:
        fields["evidence"] = evidence
    fields["bundled"] = list(bundled)
    return json.dumps(fields, indent=2) + "\n"


MODEL_WRITERS = {"text": describe_model, "json": model_to_json}


def printable(line: str) -> str:
    """Escape what would break a line or steer a terminal; file names may hold anything."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


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


def _choose_bar(stream: TextIO) -> str:
    try:
        "█".encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return "#"
    return "█"


def _face_to_dict(face: Face) -> dict[str, Any]:
    return {
        "box": list(face.box),
        "detection_score": face.detection_score,
        "label": face.prediction.label,
        "score": face.prediction.score,
        "scores": face.prediction.scores,
        "uncertain": face.prediction.uncertain,
    }


def _face_to_row(face: Face, labels: Sequence[str]) -> list[Any]:
    prediction = face.prediction
    answer = [prediction.label, prediction.score, str(prediction.uncertain).lower()]
    scores = [prediction.scores[label] for label in labels]
    return [*face.box, face.detection_score, *answer, *scores]


def _say(value: Any) -> str:
    if isinstance(value, dict):
        parts = (f"{name.replace('_', ' ')} {_say(part)}" for name, part in value.items())
        return ", ".join(parts)
    if isinstance(value, list | tuple):
        return ", ".join(map(_say, value))
    return str(value).lower() if isinstance(value, bool) else str(value)

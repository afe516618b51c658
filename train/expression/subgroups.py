"""Groups of faces, told by a table of the user's own, and how well each is answered."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fer_onnx.evaluation.text import bound
from train.data.faceset import FaceSet
from train.data.tables import read_rows
from train.errors import DataError

from .evaluate import Predictions


def read_groups(table: str | Path, column: str, faces: FaceSet) -> npt.NDArray[np.str_]:
    """Read which group each face belongs to.

    Args:
        table: a CSV file; its first column names the face as `FaceSet.names` does.
        column: the header of the column that names the group.
        faces: the faces; those that the table does not name, or gives no group, have none.

    Returns:
        str array (n,), "" for faces without a group.

    Raises:
        DataError: no such table or column, a face in two groups, or no face in any.
    """
    try:
        with Path(table).open(newline="", encoding="utf-8-sig") as file:
            groups: dict[str, str] = {}
            for row in read_rows(file):
                first, *others = row
                if column not in others:
                    there = ", ".join(others) or "none"
                    raise DataError(
                        f"{table}: no column {column!r} after the first; it has {there}"
                    )
                name, group = row[first], row[column].strip()
                if groups.setdefault(name, group) != group:
                    raise DataError(f"{table}: {name} is in two groups of {column!r}")
    except (OSError, ValueError, csv.Error) as exc:
        raise DataError(f"{table}: cannot be read ({exc})") from exc
    found = np.array([groups.get(name, "") for name in faces.names.tolist()], dtype=str)
    if not (found != "").any():
        raise DataError(
            f"{table}: gives none of the faces a group; it names {next(iter(groups), 'none')}, "
            f"the data set {faces.names[0]}"
        )
    return found


def describe_groups(
    column: str, groups: npt.NDArray[np.str_], answers: Predictions, faces: FaceSet
) -> Iterator[str]:
    """Write one line a group: faces that count, accuracy and mean recall with 95 % intervals.

    A group's mean recall is over the labels that occur in it, so their number stands beside it.
    """
    counted = answers.true_labels(faces) >= 0
    names = sorted(set(groups[counted].tolist()) - {""})
    wide = max(map(len, [column, *names]))
    yield f"{column:{wide}} {'faces':>7} {'labels':>7}  {'accuracy':22} mean recall"
    for name in names:
        scores = answers.score(faces, groups == name)
        labels, ends = sum(map(any, scores.confusion)), scores.intervals()
        accuracy = f"{scores.accuracy:.1%} {bound(ends['accuracy'])}"
        recall = f"{scores.mean_recall:.1%} {bound(ends['mean_recall'])}"
        yield f"{name:{wide}} {scores.images:7,} {labels:7}  {accuracy:22} {recall}"
    if left := int((counted & (groups == "")).sum()):
        yield f"{left:,} faces that count are in no group"

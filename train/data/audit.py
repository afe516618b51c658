"""What is wrong with a data set: copies, contradicting labels, blanks, pictures of no face."""

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_onnx.metadata import InputSpec

from .duplicates import (
    ALIKE,
    QUALITY,
    SIDE,
    find_blanks,
    group_alike,
    group_identical,
    try_comparison,
)
from .faceset import ROLES, VOTES, FaceSet
from .formats import read_parts
from .targets import find_nonfaces

GREY = InputSpec(48, 48)  # what pictures are compared as
ORDER = ("train", "validation", "test")


def audit(data: Path) -> dict[str, Any]:
    """Look through a data set, in the parts that it has of its own.

    Returns:
        What was found, for JSON: counts, and the names of the pictures concerned.

    Raises:
        DataError: nothing usable there.
    """
    faces = read_parts(data, GREY)
    identical, alike = group_identical(faces), group_alike(faces)
    found = {
        "data": faces.name,
        "faces": len(faces),
        "parts": {part: _count_labels(faces.split(part)) for part in _list_parts(faces)},
        "identical": _describe_copies(faces, identical),
        "alike": _describe_copies(faces, alike),
        "trial": try_comparison(faces, alike)._asdict(),
        "blank": faces.names[find_blanks(faces)].tolist(),
    }
    if faces.votes is not None:
        every = faces.votes[:, VOTES.index("not a face")] == faces.votes.sum(axis=1)
        found["not_a_face"] = faces.names[find_nonfaces(faces)].tolist()
        found["not_a_face_by_every_vote"] = faces.names[every].tolist()
    return found


def describe_audit(found: dict[str, Any]) -> Iterator[str]:
    """Write what was found as lines of text: counts alone."""
    yield f"{found['data']}: {found['faces']:,} faces"
    for part, labels in found["parts"].items():
        counts = ", ".join(f"{label} {count:,}" for label, count in labels.items())
        yield f"  {part}: {sum(labels.values()):,} ({counts})"
    yield ""
    yield f"{'':40} {'identical':>9} {'or nearly':>9}"
    identical, alike = found["identical"], found["alike"]
    rows = {f"more than once in {part}": ("within", part) for part in identical["within"]}
    rows |= {f"of {pair}": ("across", pair) for pair in identical["across"]}
    for text, (kind, key) in rows.items():
        yield f"{text:40} {identical[kind][key]:9,} {alike[kind][key]:9,}"
    for text, key in (
        ("pictures with contradicting labels", "contradicting"),
        ("faces that these are", "contradicting_faces"),
    ):
        yield f"{text:40} {identical[key]:9,} {alike[key]:9,}"
    yield ""
    yield f"{'of one tone throughout':40} {len(found['blank']):9,}"
    if "not_a_face" in found:
        yield f"{'not a face, by most votes':40} {len(found['not_a_face']):9,}"
        yield f"{'not a face, by every vote':40} {len(found['not_a_face_by_every_vote']):9,}"
    yield ""
    trial = found["trial"]
    yield f"Nearly: thumbnails of {SIDE}×{SIDE} that correlate by {ALIKE} or more. Tried on"
    yield f"{trial['tried']:,} faces: re-encoded as JPEG of quality {QUALITY}, {trial['found']:,}"
    yield f"were found again; mirrored, {trial['mistaken']:,} were taken for another picture."


def _list_parts(faces: FaceSet) -> list[str]:
    parts = set(faces.splits.tolist())
    return sorted(parts, key=lambda part: (ORDER.index(ROLES[part]), part))


def _count_labels(part: FaceSet) -> dict[str, int]:
    counts = np.bincount(part.original, minlength=len(part.labels))
    return dict(zip(part.labels, counts.tolist(), strict=True))


def _describe_copies(faces: FaceSet, groups: npt.NDArray[np.int64]) -> dict[str, Any]:
    """Count copies: within a part all but the first, across parts those of the later part."""
    parts = {part: groups[faces.splits == part] for part in _list_parts(faces)}
    pairs = combinations(parts, 2)
    copies = np.bincount(groups)[groups] > 1
    members: dict[int, list[int]] = {}
    for index in np.flatnonzero(copies).tolist():
        members.setdefault(int(groups[index]), []).append(index)
    contradicting = [m for m in members.values() if len(set(faces.original[m].tolist())) > 1]
    return {
        "within": {part: len(found) - len(np.unique(found)) for part, found in parts.items()},
        "across": {
            f"{later} also in {earlier}": int(np.isin(parts[later], parts[earlier]).sum())
            for earlier, later in pairs
        },
        "contradicting": len(contradicting),
        "contradicting_faces": sum(map(len, contradicting)),
        "groups": [
            [
                {
                    "name": str(faces.names[index]),
                    "part": str(faces.splits[index]),
                    "label": faces.labels[faces.original[index]],
                }
                for index in group
            ]
            for group in members.values()
        ],
    }

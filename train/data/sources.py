"""Data sets beside the first: `--also NAME=PATH`."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Self

from fer_onnx.metadata import InputSpec

from .faceset import FaceSet, hold_out
from .formats import hold_out_tenth, read_parts
from .targets import HEADS

HELD_OUT = 1 / 3  # of a data set without labels; the names decide which


class Source(NamedTuple):
    """Where a data set lies, and what it is called.

    Attributes:
        name: of its head.
        path: in any form that `read_faces` takes.
        split: the part that is measured after each epoch.
    """

    name: str
    path: Path
    split: str = "validation"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read NAME=PATH or NAME=PATH:SPLIT.

        Raises:
            ValueError: something else, or the name of a head that every training has.
        """
        name, equals, rest = text.partition("=")
        if not (name and equals and rest) or name in HEADS:
            raise ValueError(f"expected NAME=PATH or NAME=PATH:SPLIT, received {text!r}")
        path, colon, split = rest.rpartition(":")
        if not colon or "/" in split or "\\" in split:  # C:\faces is a path
            return cls(name, Path(rest))
        return cls(name, Path(path), split)


class Part(NamedTuple):
    """The training and the validation faces of one more data set; without labels, none of these."""

    name: str
    train: FaceSet
    validation: FaceSet | None


def read_sources(sources: Sequence[Source], spec: InputSpec) -> list[Part]:
    """Read data sets; of one without labels, a third is held out.

    Raises:
        DataError: nothing usable at a path, or no such split.
    """
    parts = []
    for source in sources:
        faces = read_parts(source.path, spec)
        if not faces.labels:
            part = Part(source.name, hold_out(faces, HELD_OUT).split("train"), None)
        else:
            if source.split == "validation":
                faces = hold_out_tenth(faces)
            part = Part(source.name, faces.split("train"), faces.split(source.split))
        parts.append(part)
    return parts


def labels_of(part: Part, labels: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the labels that a data set has, in their order."""
    return tuple(label for label in labels if label in part.train.labels)

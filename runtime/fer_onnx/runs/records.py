"""What was answered for one picture, faces and all, or why nothing could be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from ..prediction import Face


@dataclass(frozen=True, slots=True)
class Record:
    """What was answered for one picture.

    Attributes:
        image: the picture as the user named it.
        width: of the upright picture, in pixels; None if it could not be read.
        height: likewise.
        model: name of the model that answered.
        faces: what was found, without evidence; empty after a failure.
        whole: whether the picture was taken whole, as one face.
        annotated: path of the annotated picture, or None if none was written.
        error: what failed, in one line, or None.
    """

    image: str
    width: int | None
    height: int | None
    model: str
    faces: tuple[Face, ...] = ()
    error: str | None = None
    annotated: str | None = None
    whole: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON has it."""
        return {
            "image": self.image,
            "width": self.width,
            "height": self.height,
            "model": self.model,
            "faces": [face.to_dict() for face in self.faces],
            "whole": self.whole,
            "annotated": self.annotated,
            "error": self.error,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the record that `to_dict` wrote."""
        return cls(**{**values, "faces": tuple(map(Face.from_dict, values["faces"]))})

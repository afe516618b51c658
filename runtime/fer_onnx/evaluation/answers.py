"""One answer to evaluate: a labelled picture, and what a model says of the face in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, TypeVar

from ..crop import Box
from ..prediction import Prediction
from ..runs.records import Record
from .examples import Example

CLEAR = 2  # times the area of any other face: it is the one that the label is about

Reason: TypeAlias = Literal["other label", "no face", "several faces", "failed"]


class Boxed(Protocol):
    """Anything that has its place in a picture: a face, or what a detector found."""

    @property
    def box(self) -> Box:
        """The place: x, y, width, height in pixels."""


BoxedT = TypeVar("BoxedT", bound=Boxed)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model says of a labelled picture.

    Attributes:
        image: the picture's name.
        label: its right label, as the model calls it, or as it was given if the model does not
            have it.
        prediction: the model's answer; None if the picture is left out.
        left_out: why it is: its label is not the model's, no face was found, or several of like
            size, or it could not be read; None if it counts.
        error: what failed, in one line.
    """

    image: str
    label: str
    prediction: Prediction | None
    left_out: Reason | None = None
    error: str | None = None

    @property
    def right(self) -> bool:
        """Whether the answer is the right label."""
        return self.prediction is not None and self.prediction.label == self.label


def make_answer(example: Example, record: Record | None) -> Answer:
    """Return what a record says of an example; None: its label is not the model's."""
    image = example.picture.name
    if example.label is None or record is None:
        return Answer(image, example.given, None, "other label")
    if record.error is not None:
        return Answer(image, example.label, None, "failed", record.error)
    face = choose_face(record.faces)
    if face is None:
        reason: Reason = "several faces" if record.faces else "no face"
        return Answer(image, example.label, None, reason)
    return Answer(image, example.label, face.prediction)


def choose_face(faces: Sequence[BoxedT]) -> BoxedT | None:
    """Return the face that a picture's label is about: the only one, or by far the largest.

    None if there is none, or the largest has less than twice the area of another.
    """
    order = sorted(faces, key=_area, reverse=True)
    if not order or (len(order) > 1 and _area(order[0]) < CLEAR * _area(order[1])):
        return None
    return order[0]


def _area(face: Boxed) -> int:
    return face.box[2] * face.box[3]

"""What a model file says of itself: the contract between export and runtime.

The text lies in the model file's `metadata_props` under the key `KEY`, as one JSON object.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

from .errors import ModelError

KEY = "fer_onnx"
FORMAT = 1

Colour = Literal["grey", "rgb"]
Resize = Literal["nearest", "bilinear"]
Border = Literal["edge", "black"]
Precision = Literal["float32", "int8"]


@dataclass(frozen=True, slots=True)
class InputSpec:
    """Describe the tensor that a model reads.

    Attributes:
        height: rows, in pixels.
        width: columns, in pixels.
        colour: "grey" (one channel, ITU-R 601) or "rgb" (three).
        resize: Pillow's filter of that name; "bilinear" is antialiased when it shrinks.
    """

    height: int
    width: int
    colour: Colour = "grey"
    resize: Resize = "bilinear"

    def __post_init__(self) -> None:
        if self.height < 1 or self.width < 1:
            raise ValueError(f"input size must be positive: {self.height}x{self.width}")
        if self.colour not in ("grey", "rgb"):
            raise ValueError(f"unknown colour: {self.colour!r}")
        if self.resize not in ("nearest", "bilinear"):
            raise ValueError(f"unknown resize filter: {self.resize!r}")

    @property
    def channels(self) -> int:
        """Channels of the tensor: 1 for grey, 3 for RGB."""
        return 1 if self.colour == "grey" else 3


@dataclass(frozen=True, slots=True)
class Crop:
    """Describe how a detected box becomes the square that the model was trained on.

    Attributes:
        scale: side of the square ÷ the longer side of the box.
        shift_x: centre of the square, moved right by this share of the box's longer side.
        shift_y: the same, moved down.
        border: what stands where the square leaves the picture: its edge repeated, or black.
    """

    scale: float = 1.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    border: Border = "edge"

    def __post_init__(self) -> None:
        if not self.scale > 0:
            raise ValueError(f"crop scale must be positive: {self.scale}")
        if self.border not in ("edge", "black"):
            raise ValueError(f"unknown border: {self.border!r}")


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Hold everything that the runtime must know of a model file.

    Attributes:
        name: the model's name, as `fer_onnx.load` takes it.
        version: version of the weights.
        labels: in the order of the model's outputs.
        label_set: where the labels come from: "FER2013", "FER+", or a name of the user's own.
        trained_on: data set and part, such as "FER2013 Training".
        input: the tensor that the model reads.
        crop: how a face is cut out of a photograph.
        precision: the arithmetic of its convolutions; "int8" is smaller and, on most processors,
            faster.
        uncertain_below: an answer whose score is lower is `uncertain`.
        temperature: what the logits were divided by to calibrate them; None if they were not.
        prior_removed: what was taken off the logit of each label, so that labels that are rare in
            training are not passed over; empty if nothing was.
        metrics: figures measured on this file, each with the split it was measured on.
        checkpoint_sha256: of the Keras checkpoint that the file was made from.
        data_sha256: of the training images and labels.
        licence: terms of the weights, and a word on the pictures they were learned from.
        tools: name and version of what made the file.
    """

    name: str
    version: str
    labels: tuple[str, ...]
    label_set: str
    trained_on: str
    input: InputSpec
    crop: Crop = field(default_factory=Crop)
    precision: Precision = "float32"
    uncertain_below: float = 0.0
    temperature: float | None = None
    prior_removed: dict[str, float] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    checkpoint_sha256: str = ""
    data_sha256: str = ""
    licence: str = ""
    tools: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.labels) < 2 or len(set(self.labels)) != len(self.labels):
            raise ValueError(f"labels must be two or more, all different: {self.labels}")
        if not all(isinstance(label, str) for label in self.labels):
            raise ValueError(f"labels must be text: {self.labels}")
        _check_precision(self.precision)
        if not 0 <= self.uncertain_below <= 1:
            raise ValueError(f"uncertain_below must be from 0 to 1: {self.uncertain_below}")

    def to_json(self) -> str:
        """Write the object as one line of JSON."""
        return _write_fields(self)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote.

        Raises:
            ModelError: not JSON, a `format` this version does not know, or a field that is
                missing, unknown or out of range.
        """
        fields = _read_fields(text)
        if "min_score" in fields:
            raise ModelError("finds faces and cannot read them; --detector faces is its place")
        try:
            fields["labels"] = tuple(fields["labels"])
            fields["input"] = InputSpec(**fields["input"])
            fields["crop"] = Crop(**fields["crop"])
            return cls(**fields)
        except (KeyError, TypeError, ValueError) as exc:
            raise ModelError(f"its {KEY!r} metadata is not usable: {exc}") from exc


@dataclass(frozen=True, slots=True)
class DetectorInfo:
    """Hold everything that the runtime must know of a model file that finds faces.

    Attributes:
        name: the model's name.
        version: version of the weights.
        min_score: what scores less is no face.
        multiple: height and width of its input are multiples of this, in pixels; below and to the
            right of the picture stands black.
        precision: the arithmetic of its convolutions, as in `ModelInfo`.
        trained_on: pictures, and who said what is a face.
        metrics: figures measured on this file, each with the pictures it was measured on.
        checkpoint_sha256: of the Keras checkpoint that the file was made from.
        data_sha256: of the archive of pictures.
        licence: terms of the weights, and a word on the pictures they were learned from.
        tools: name and version of what made the file.
    """

    name: str
    version: str
    min_score: float
    multiple: int
    trained_on: str
    precision: Precision = "float32"
    metrics: dict[str, Any] = field(default_factory=dict)
    checkpoint_sha256: str = ""
    data_sha256: str = ""
    licence: str = ""
    tools: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 < self.min_score <= 1:
            raise ValueError(f"min_score must be above 0, to 1: {self.min_score}")
        if self.multiple < 1:
            raise ValueError(f"multiple must be 1 or more: {self.multiple}")
        _check_precision(self.precision)

    def to_json(self) -> str:
        """Write the object as one line of JSON."""
        return _write_fields(self)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote.

        Raises:
            ModelError: as `ModelInfo.from_json` does.
        """
        try:
            return cls(**_read_fields(text))
        except (TypeError, ValueError) as exc:
            raise ModelError(f"its {KEY!r} metadata is not usable: {exc}") from exc


def _check_precision(precision: str) -> None:
    if precision not in ("float32", "int8"):
        raise ValueError(f"unknown precision: {precision!r}")


def _write_fields(info: ModelInfo | DetectorInfo) -> str:
    return json.dumps({"format": FORMAT, **asdict(info)}, ensure_ascii=False)


def _read_fields(text: str) -> dict[str, Any]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise ModelError(f"its {KEY!r} metadata is not JSON: {exc}") from exc
    found = fields.pop("format", None) if isinstance(fields, dict) else None
    if found != FORMAT:
        raise ModelError(f"its metadata has format {found!r}; this version reads {FORMAT}")
    return dict(fields)

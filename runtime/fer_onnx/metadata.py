"""What a model file says of itself: the contract between export and runtime.

The text lies in the model file's `metadata_props` under the key `KEY`, as one JSON object.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self, get_args

from .errors import ModelError
from .modelfile.fields import (
    check_choice,
    check_figures,
    check_labels,
    check_number,
    check_numbers,
    check_text,
    check_texts,
    check_whole,
    make,
    show,
)

KEY = "fer_onnx"
FORMAT = 1
MAX_SIDE = 1024  # pixels of what a network that reads faces is given, high and wide
MAX_CROP = 4  # of the longer side of a face's box
MAX_LABELS = 1024
MAX_MULTIPLE = 64  # pixels
MAX_LOGIT = 1000  # of what calibration has taken off or divided by

Colour = Literal["grey", "rgb"]
Resize = Literal["nearest", "bilinear"]
Border = Literal["edge", "black"]
Precision = Literal["float32", "int8"]


@dataclass(frozen=True, slots=True)
class InputSpec:
    """The tensor that a model reads.

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
        check_whole("height", self.height, 1, MAX_SIDE)
        check_whole("width", self.width, 1, MAX_SIDE)
        check_choice("colour", self.colour, get_args(Colour))
        check_choice("resize", self.resize, get_args(Resize))

    @property
    def channels(self) -> int:
        """Channels of the tensor: 1 for grey, 3 for RGB."""
        return 1 if self.colour == "grey" else 3


@dataclass(frozen=True, slots=True)
class Crop:
    """How a detected box becomes the square that the model was trained on.

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
        check_number("scale", self.scale, 0, MAX_CROP, above=True)
        check_number("shift_x", self.shift_x, -MAX_CROP, MAX_CROP)
        check_number("shift_y", self.shift_y, -MAX_CROP, MAX_CROP)
        check_choice("border", self.border, get_args(Border))


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Everything that the runtime must know of a model file.

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
        check_text("label_set", self.label_set)
        check_labels("labels", self.labels, MAX_LABELS)
        check_number("uncertain_below", self.uncertain_below, 0, 1)
        if self.temperature is not None:
            check_number("temperature", self.temperature, 0, MAX_LOGIT, above=True)
        check_numbers("prior_removed", self.prior_removed, self.labels, MAX_LOGIT)
        _check_origin(self)

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
        found = _read_fields(text)
        if "min_score" in found:
            raise ModelError("is a face detector, not an expression model; use --detector faces")
        try:
            for part, kind in (("input", InputSpec), ("crop", Crop)):
                if part in found:
                    found[part] = make(kind, found[part], f"{part}.")
            if isinstance(found.get("labels"), list):
                found["labels"] = tuple(found["labels"])
            return make(cls, found, needed=("crop",))
        except (ValueError, RecursionError) as exc:
            raise ModelError(f"its {KEY!r} metadata is not usable: {exc}") from exc


@dataclass(frozen=True, slots=True)
class DetectorInfo:
    """Everything that the runtime must know of a model file that detects faces.

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
        check_number("min_score", self.min_score, 0, 1, above=True)
        check_whole("multiple", self.multiple, 1, MAX_MULTIPLE)
        _check_origin(self)

    def to_json(self) -> str:
        """Write the object as one line of JSON."""
        return _write_fields(self)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote.

        Raises:
            ModelError: as `ModelInfo.from_json` does.
        """
        found = _read_fields(text)
        try:
            return make(cls, found)
        except (ValueError, RecursionError) as exc:
            raise ModelError(f"its {KEY!r} metadata is not usable: {exc}") from exc


def _check_origin(info: ModelInfo | DetectorInfo) -> None:
    """Check the fields that both kinds of model files have."""
    check_choice("precision", info.precision, get_args(Precision))
    check_text("name", info.name, longest=100, least=1)
    for name in ("version", "checkpoint_sha256", "data_sha256"):
        check_text(name, getattr(info, name))
    for name in ("trained_on", "licence"):  # may be several lines; escaped where it is shown
        check_text(name, getattr(info, name), longest=2000, printable=False)
    check_figures("metrics", info.metrics)
    check_texts("tools", info.tools)


def _write_fields(info: ModelInfo | DetectorInfo) -> str:
    return json.dumps({"format": FORMAT, **asdict(info)}, ensure_ascii=False)


def _read_fields(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise ModelError(f"its {KEY!r} metadata is not JSON: {exc}") from exc
    number = found.pop("format", None) if isinstance(found, dict) else None
    if type(number) is not int or number != FORMAT:
        raise ModelError(f"its metadata has format {show(number)}; this version reads {FORMAT}")
    return dict(found)

"""What a checkpoint says of its origin."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from math import inf
from numbers import Real
from typing import Any, Literal, Self, get_args, get_origin

import keras

from fer_onnx.metadata import InputSpec

Kind = Literal["fit", "average", "widen", "mix", "detector", "finetune"]


@dataclass(frozen=True)
class Record:
    """The origin of a checkpoint.

    Attributes:
        preset: name of the preset that trained it, or what it was made from.
        heads: labels of each head, in order of its outputs; none of a detector.
        input: what the network reads.
        data: name of the data set.
        data_sha256: digest of the training part as used.
        splits: own name and size of the parts used, by role.
        seed: of initialisation, order and augmentation.
        epochs: in the whole training; 0 where nothing was trained.
        history: one row of figures for each finished epoch.
        tools: versions of what trained it.
        weights: what training started from: "imagenet", or a file's name and digest.
        frozen: epochs, the first of all, in which only the heads learned.
        teachers: digests of the checkpoints whose predictions are in the targets, by file.
        teacher_weight: share of these predictions.
        also: name and digest of the training part of each further data set, by name.
        batch: faces a step; 0 in records that do not say.
        kind: what made it: a training of expressions, the average of several checkpoints, a
            wider copy of one, a mixture of its heads, a training of the detector, or a head fitted
            to a person's own pictures.
        sources: name and digest of each checkpoint that it was made from without training.
        mixture: weight of each head in a mixture.
        metrics: figures of an average on the validation part, of a fitted head on faces held out.
        detectors: versions of the packaged detectors that helped to label a detector's photographs.
        held_out: of a fitted head: figures on faces that were held out in turn, as a model file
            lists them, those of its start, and what came of the comparison.
        calibration: of a fitted head: temperature, threshold, and whose they are.
    """

    preset: str
    heads: dict[str, tuple[str, ...]]
    input: InputSpec
    data: str
    data_sha256: str
    splits: dict[str, dict[str, int]]
    seed: int
    epochs: int
    history: list[dict[str, Any]] = field(default_factory=list)
    tools: dict[str, str] = field(default_factory=dict)
    weights: str = ""
    frozen: int = 0
    teachers: dict[str, str] = field(default_factory=dict)
    teacher_weight: float = 0.0
    batch: int = 0
    kind: Kind = "fit"
    sources: tuple[str, ...] = ()
    metrics: dict[str, float] = field(default_factory=dict)
    detectors: dict[str, str] = field(default_factory=dict)
    also: dict[str, str] = field(default_factory=dict)
    mixture: dict[str, float] = field(default_factory=dict)
    held_out: dict[str, Any] = field(default_factory=dict)
    calibration: dict[str, Any] = field(default_factory=dict)

    @property
    def trained_on(self) -> str:
        """Name the data set and its parts that were learned, as model files do."""
        further = "".join(f"; {name}" for name in self.also)
        return f"{self.data} {', '.join(self.splits['train'])}{further}"

    def fits(self, model: keras.Model) -> bool:
        """Check whether a network has the heads of the record."""
        if self.kind == "detector":
            return not isinstance(model.output, dict)
        outputs = model.output if isinstance(model.output, dict) else {}
        return {head: output.shape[-1] for head, output in outputs.items()} == {
            head: len(labels) for head, labels in self.heads.items()
        }

    def to_json(self) -> str:
        """Return the record as JSON."""
        return json.dumps(asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote, in this version or in 0.4.0.

        Raises:
            ValueError: something else.
        """
        try:
            values = _update(json.loads(text))
            values["heads"] = {head: tuple(labels) for head, labels in values["heads"].items()}
            values["input"] = InputSpec(**values["input"])
            values["sources"] = tuple(values["sources"])
            record = cls(**values)
            _check(record)
        except (AttributeError, KeyError, TypeError, RecursionError) as exc:
            raise ValueError(f"not a record ({exc})") from exc
        return record


def rank_epoch(row: Mapping[str, Any]) -> tuple[float, float]:
    """Return what makes an epoch better than another: its accuracy, of equals the lower loss."""
    return row["mean_accuracy"], -row.get("validation_loss", inf)


def _update(values: dict[str, Any]) -> dict[str, Any]:
    """Bring the fields of a record of 0.4.0, which did not say its kind, up to date."""
    if "kind" in values:
        return values
    values |= {"kind": "fit", "sources": ()}
    if values["preset"] == "faces":
        values["detectors"] = values.pop("teachers", {})
        values |= {"kind": "detector", "heads": {}}
    elif values["preset"] == "average":
        (row,) = values["history"]
        values["metrics"] = {name: row[name] for name in row if name.endswith("_accuracy")}
        values["sources"] = values.pop("weights", "").split(", ")
        values |= {"kind": "average", "epochs": 0, "history": []}
    elif not values["epochs"]:
        values |= {"kind": "widen", "sources": [values["weights"]], "weights": ""}
    elif values.get("weights") == "none":
        values["weights"] = ""
    return values


def _check(record: Record) -> None:
    """Check what reading the fields as they are would not find out.

    Raises:
        ValueError: a field of another type, or rows without the figures that each must have.
    """
    for each in fields(record):
        value = getattr(record, each.name)
        expected: Any = get_origin(each.type) or each.type
        if expected is Literal:
            right = value in get_args(each.type)
        else:
            right = isinstance(value, Real if expected is float else expected)
        if not right:
            raise ValueError(f"not a record ({each.name} is {value!r:.60})")
    names = [name for labels in record.heads.values() for name in labels]
    if not all(isinstance(name, str) for name in [*names, *record.sources]):
        raise ValueError("not a record (a label or a source is no text)")
    if not all(isinstance(part, dict) for part in record.splits.values()):
        raise ValueError("not a record (a part is no table)")
    if record.kind != "detector" and not {"train", "validation"} >= set(record.splits) >= {"train"}:
        raise ValueError("not a record (its parts are not those of a training)")
    if record.kind == "finetune":
        _check_calibration(record.calibration)
    chosen = "average_precision" if record.kind == "detector" else "mean_accuracy"
    for row in record.history:
        if not {"epoch", "seconds", chosen} <= set(row):
            raise ValueError("not a record (a row lacks figures)")
        if not all(isinstance(value, Real) for value in row.values()):
            raise ValueError("not a record (a figure is no number)")


def _check_calibration(calibration: dict[str, Any]) -> None:
    temperature, threshold = calibration.get("temperature"), calibration.get("threshold")
    if set(calibration) != {"temperature", "threshold", "source"} or not (
        isinstance(threshold, Real)
        and isinstance(calibration["source"], str)
        and (temperature is None or isinstance(temperature, Real))
    ):
        raise ValueError("not a record (its calibration is not one)")

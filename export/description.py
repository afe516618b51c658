"""What a model file says of itself."""

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from fer_onnx.metadata import Crop, ModelInfo, Precision
from train.data.faceset import FER2013, LABELS
from train.data.targets import FERPLUS, MIXED
from train.runs.record import Record
from train.runs.versions import list_versions

if TYPE_CHECKING:
    from .calibration import Calibration

LICENCE = (
    "Apache-2.0. The weights were learned from pictures released for research; "
    "see the model card before commercial use."
)

TOOLS = ("keras", "tensorflow", "tensorflow-cpu", "tf2onnx", "onnx")
ENDINGS = {MIXED: "", "ferplus": "-ferplus", "original": "-fer2013"}
CROP = Crop(scale=0.95)  # FER2013's faces within detectors' boxes: `python -m benchmarks crop`


class Choice(NamedTuple):
    """What is exported.

    Attributes:
        head: of the checkpoint.
        labels: which it keeps.
        name: of the model; None: made up.
        version: of the weights.
        balance: points of accuracy that taking part of the label prior out may cost; None: nothing
            is taken out.
        precision: of the file's arithmetic.
        development: folder of the development sets, on which it is calibrated for strangers; None:
            on the validation part alone.
    """

    head: str
    labels: tuple[str, ...]
    name: str | None
    version: str
    balance: float | None = None
    precision: Precision = "float32"
    development: Path | None = None


def name_model(head: str, labels: tuple[str, ...], data: str = FER2013) -> str:
    """Name a model after its labels, `emotions` for all seven, and head or data by its ending."""
    ending = ENDINGS.get(head, f"-{head}")
    if head == "original" and data != FER2013:
        ending = f"-{re.sub('[^a-z0-9]+', '-', data.lower()).strip('-') or 'own'}"
    if set(labels) == set(LABELS):
        return "emotions" + ending
    return "-".join(labels) + ("" if head == "original" else ending)


def describe(
    choice: Choice,
    record: Record,
    path: Path,
    calibration: "Calibration",
    metrics: dict[str, Any],
) -> ModelInfo:
    """Return the file's metadata."""
    removed = dict(zip(choice.labels, calibration.prior.tolist(), strict=True))
    return ModelInfo(
        name=choice.name or name_model(choice.head, choice.labels, record.data),
        version=choice.version,
        labels=choice.labels,
        label_set=name_labels(choice.head, record),
        trained_on=record.trained_on,
        input=record.input,
        crop=CROP,
        precision=choice.precision,
        uncertain_below=calibration.threshold,
        temperature=calibration.temperature,
        prior_removed=removed if calibration.prior.any() or choice.balance is not None else {},
        metrics=metrics,
        checkpoint_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        data_sha256=record.data_sha256,
        licence=LICENCE,
        tools=list_versions(TOOLS),
    )


def name_labels(head: str, record: Record) -> str:
    """Name the set of labels that a head has; of a mixture, those of its heads."""
    known = {"ferplus": FERPLUS, "original": record.data}
    heads = record.mixture if head == MIXED else [head]
    return ", ".join(known.get(each, each) for each in heads)

"""What a training starts from: the heads of a checkpoint, as the bundled files release them."""

from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np

import fer_onnx
from fer_onnx.metadata import Crop, ModelInfo
from train.data.targets import MIXED, head_of
from train.errors import TrainError
from train.expression.networks import find_backbone
from train.runs.checkpoint import digest_file, read_checkpoint
from train.runs.record import Record

from .head import Head


class Calibration(NamedTuple):
    """What is done to a head's logits before the last softmax, and when an answer is certain.

    Attributes:
        temperature: divides the logits; None: not calibrated.
        threshold: answers below this score are uncertain.
        source: which faces it was chosen on, or whose it is.
    """

    temperature: float | None
    threshold: float
    source: str


class Start(NamedTuple):
    """A model that a training may have to beat.

    Attributes:
        name: of the model file that has it, or of the checkpoint's head.
        head: on the checkpoint's features, before the temperature.
        calibration: as released.
    """

    name: str
    head: Head
    calibration: Calibration


class Origin(NamedTuple):
    """What a checkpoint brings.

    Attributes:
        model: the network.
        backbone: faces → features.
        record: of its training.
        crop: how its model file cuts faces out of pictures.
        starts: its heads that know all of the labels, those alone that a bundled model file
            releases if there are any; none if it does not know the labels.
        prior: the mean of its heads' logits; zero for labels that none of them knows.
    """

    model: keras.Model
    backbone: keras.Model
    record: Record
    crop: Crop
    starts: tuple[Start, ...]
    prior: Head


def open_origin(path: Path, labels: tuple[str, ...] | None = None) -> Origin:
    """Open a checkpoint to start from.

    Args:
        path: the checkpoint.
        labels: that are to be learned; None: none yet, so that no head is looked at.

    Raises:
        TrainError: not a checkpoint of a network that reads faces.
    """
    model, record = read_checkpoint(path)
    if record.kind == "detector":
        raise TrainError(f"{path}: finds faces, and cannot learn to read them")
    files = find_files(path)
    crop = next(iter(files.values())).crop if files else fer_onnx.load().info.crop
    heads = {name: Head(*model.get_layer(name).get_weights()) for name in record.heads}
    labels = labels or ()
    knowing = [name for name, known in record.heads.items() if labels and set(labels) <= set(known)]
    released = [name for name in knowing if name in files]
    starts = tuple(
        make_start(name, heads[name], record.heads[name], labels, record, files.get(name))
        for name in released or knowing
    )
    prior = mix_heads(heads, record.heads, labels)
    return Origin(model, find_backbone(model), record, crop, starts, prior)


def find_files(path: Path) -> dict[str, ModelInfo]:
    """Find the bundled model files that were made from a checkpoint, by head."""
    digest = digest_file(path)
    found: dict[str, ModelInfo] = {}
    for name in fer_onnx.bundled_models():
        info = fer_onnx.load(name).info
        if info.checkpoint_sha256 == digest:
            head = MIXED if "," in info.label_set else head_of(info.label_set)
            found.setdefault(head, info)
    return found


def make_start(
    name: str,
    head: Head,
    known: tuple[str, ...],
    labels: tuple[str, ...],
    record: Record,
    info: ModelInfo | None,
) -> Start:
    """Return one head of a checkpoint as its model file has it, or as it was trained."""
    columns = [known.index(label) for label in labels]
    head = Head(head.kernel[:, columns].astype(float), head.bias[columns].astype(float))
    if info:
        removed = np.array([info.prior_removed.get(label, 0.0) for label in labels])
        calibration = Calibration(info.temperature, info.uncertain_below, info.name)
        return Start(info.name, head._replace(bias=head.bias - removed), calibration)
    if record.kind == "finetune" and labels == known:
        return Start(name, head, Calibration(**record.calibration))
    return Start(name, head, Calibration(None, 0.0, "none"))


def mix_heads(
    heads: dict[str, Head], known: dict[str, tuple[str, ...]], labels: tuple[str, ...]
) -> Head:
    """Average the logits that heads give to labels; a label that none knows gets none."""
    size = next(iter(heads.values())).kernel.shape[0]
    mixed = Head(np.zeros((size, len(labels))), np.zeros(len(labels)))
    for column, label in enumerate(labels):
        having = [name for name in heads if label in known[name]]
        for name in having:
            index = known[name].index(label)
            mixed.kernel[:, column] += heads[name].kernel[:, index] / len(having)
            mixed.bias[column] += heads[name].bias[index] / len(having)
    return mixed

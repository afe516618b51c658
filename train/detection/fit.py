"""The training of the detector: crops, averaged weights, the best epoch, going on after a kill."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np

from fer_onnx.detector import Detection, remove_overlaps
from fer_onnx.metadata import InputSpec
from fer_onnx.modelfile import FINDER
from train.errors import TrainError
from train.runs.checkpoint import (
    digest_file,
    name_weights,
    read_checkpoint,
    write_checkpoint,
)
from train.runs.folder import RunFolder
from train.runs.progress import describe_time, print_now
from train.runs.record import Record
from train.runs.release import release
from train.runs.schedules import warm_up_and_decay
from train.runs.versions import TOOLS, list_versions

from .archive import list_photographs
from .average_precision import Found, draw_curve, gather
from .batches import draw_batches, group_pictures, read_pictures
from .crops import SIDE, Picture
from .decode import find_boxes
from .network import FaceLoss, build_network
from .pseudo_labels import FIRST, SECOND, ask_detectors

LEAST = 24  # pixels of the height of faces by which the epoch is chosen
FALSE_POSITIVES = 0.1  # a picture


@dataclass(frozen=True)
class Plan:
    """A recipe: how the detector is trained.

    Attributes:
        epochs: in the whole training.
        batch: crops a step.
        seed: of initialisation and crops.
        precision: Keras's name of the arithmetic.
        steps: of an epoch.
        init: a checkpoint whose weights it starts from; None: random ones.
    """

    epochs: int = 16
    batch: int = 32
    seed: int = 42
    precision: str = "float32"
    steps: int = 500
    init: Path | None = None


def fit_detector(
    archive: Path,
    kept: Path,
    out: Path,
    plan: Plan,
    resume: bool,
    say: Callable[[str], None] = print_now,
) -> Record:
    """Train the detector and leave a run folder, as `train.expression.fit` does for faces.

    The epoch is chosen by the average precision on faces of 24 pixels and more in pictures with
    people's boxes that training never sees.

    Args:
        archive: the photographs.
        kept: the file of what the packaged detectors see in them, as `ask_detectors` keeps it.
        out: the run folder.
        plan: the recipe.
        resume: go on from the last whole epoch found in `out`.
        say: receives one line an epoch.

    Returns:
        The record of the finished training.

    Raises:
        TrainError: no such archive, nothing to learn from, another training in the folder, nothing
            to resume.
        DetectionError: a packaged detector is not installed.
    """
    folder = RunFolder(out, resume)
    photographs = list_photographs(archive)
    detections = ask_detectors(archive, photographs, kept, say)
    learned = [photo for photo in photographs if not photo.held_back]
    held_back = [photo for photo in photographs if photo.held_back and photo.kind == "people"]
    pictures = read_pictures(archive, learned, detections)
    validation = read_pictures(archive, held_back, detections)
    groups, shares = group_pictures(learned, pictures)
    model, released = _build_pair(plan)
    record = _describe(archive, plan, len(learned), len(held_back))
    if resume:
        record = folder.restore(model, record)
    say(_describe_size(model, pictures, record))
    best = max((row["average_precision"] for row in record.history), default=-1.0)
    started = time.monotonic()
    for epoch in range(len(record.history), plan.epochs):
        seed = (plan.seed, epoch)
        batches = draw_batches(groups, shares, plan.batch, seed, plan.steps)
        loss = float(np.mean([float(model.train_on_batch(*batch)) for batch in batches]))
        release(model, released)
        row = {"epoch": epoch + 1, "loss": loss, **evaluate(released, validation)}
        row["seconds"] = round(time.monotonic() - started, 1)
        started = time.monotonic()
        record = replace(record, history=[*record.history, row])
        if row["average_precision"] > best:
            best = row["average_precision"]
            write_checkpoint(released, record, folder.best)
        write_checkpoint(model, record, folder.last)
        folder.write(record, model)
        say(_line(record, best))
    return record


def _build_pair(plan: Plan) -> tuple[keras.Model, keras.Model]:
    """Build the model that learns and its float32 twin that is evaluated and saved as best."""
    keras.utils.set_random_seed(plan.seed)
    keras.mixed_precision.set_global_policy(plan.precision)
    model = build_network(SIDE)
    keras.mixed_precision.set_global_policy("float32")
    released = build_network()
    if plan.init:
        start_from(model, plan.init)
    model.compile(_make_optimizer(plan.epochs * plan.steps), FaceLoss())
    model.optimizer.build(model.trainable_variables)
    return model, released


def _describe(archive: Path, plan: Plan, learned: int, held_back: int) -> Record:
    """Write down what is about to be trained, on how many pictures."""
    return Record(
        preset=FINDER,
        kind="detector",
        heads={},
        input=InputSpec(SIDE, SIDE, "rgb"),
        data=archive.name,
        data_sha256=digest_file(archive),
        splits={"train": {"pictures": learned}, "validation": {"people": held_back}},
        seed=plan.seed,
        epochs=plan.epochs,
        batch=plan.batch,
        tools={"backend": keras.backend.backend(), **list_versions(TOOLS)},
        detectors=list_versions((FIRST, SECOND)),
        weights=name_weights(plan.init) if plan.init else "",
    )


def _describe_size(model: keras.Model, pictures: Sequence[Picture], record: Record) -> str:
    faces = sum(len(picture.labelled.faces) for picture in pictures)
    return (
        f"faces: {model.count_params():,} parameters, {faces:,} faces in {len(pictures):,} "
        f"pictures, {len(record.history)} of {record.epochs} epochs done"
    )


def _line(record: Record, best: float) -> str:
    row = record.history[-1]
    return (
        f"epoch {row['epoch']}/{record.epochs}  loss {row['loss']:.3f}  "
        f"AP {row['average_precision']:.3f}  recall {row['recall']:.3f}  best {best:.3f}  "
        f"{describe_time(record.history, record.epochs)}"
    )


def start_from(model: keras.Model, path: Path) -> None:
    """Load the weights of a detector's checkpoint into a network.

    Raises:
        TrainError: a checkpoint of something else.
    """
    trained, record = read_checkpoint(path)
    if record.kind != "detector":
        raise TrainError(f"{path}: not a checkpoint of {FINDER}, but of {record.preset}")
    model.set_weights(trained.get_weights())


def evaluate(network: keras.Model, pictures: Sequence[Picture]) -> dict[str, float]:
    """Measure a network on pictures with people's boxes, on faces of 24 pixels and more."""
    found = [find(network, np.asarray(picture.image)) for picture in pictures]
    faces = [picture.labelled.faces for picture in pictures]
    curve = draw_curve(found, faces, (LEAST, float("inf")))
    return {
        "average_precision": curve.average_precision,
        "recall": curve.recall_at(FALSE_POSITIVES),
    }


def find(network: keras.Model, image: np.ndarray) -> Found:
    """Find the faces of one picture, uint8 (height, width, 3), overlaps removed."""
    height, width, _ = image.shape
    padded = np.pad(image, ((0, -height % 32), (0, -width % 32), (0, 0)))
    boxes, scores = (keras.ops.convert_to_numpy(x) for x in find_boxes(network, padded[None]))
    found = [
        Detection(tuple(box), score)
        for box, score in zip(boxes.tolist(), scores.tolist(), strict=True)
        if score > 0.01
    ]
    return gather(remove_overlaps(found))


def _make_optimizer(steps: int) -> keras.optimizers.Optimizer:
    """Make AdamW with warm-up over the first twentieth, cosine decay, and averaged weights."""
    optimizer = keras.optimizers.AdamW(
        warm_up_and_decay(steps, peak=2e-3), weight_decay=1e-2, use_ema=True, ema_momentum=0.998
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer

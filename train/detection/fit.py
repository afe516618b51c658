"""The training of the detector: crops, averaged weights, the best epoch, going on after a kill."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np

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

from .archive import Photograph, list_photographs, select
from .batches import draw_batches, group_pictures, read_pictures, read_tight
from .crops import SIDE
from .development import Development, evaluate, read_development
from .face_crops import SETS, ask_about_crops, read_face_crops
from .mistakes import find_mistakes
from .network import ADDED, FaceLoss, build_network
from .pseudo_labels import FIRST, SECOND, ask_detectors
from .windows import Picture

PEAK = 2e-3  # highest learning rate; half of it for weights that have learned before


@dataclass(frozen=True)
class Plan:
    """A recipe: how the detector is trained.

    Attributes:
        epochs: in the whole training.
        batch: crops a step.
        seed: of initialisation and crops.
        precision: Keras's name of the arithmetic.
        steps: of an epoch.
        init: a checkpoint whose weights it starts from; None: random ones. What its network takes
            for faces and is none is shown more often.
        faces: a folder of `face_crops.SETS`; None: photographs alone.
    """

    epochs: int = 16
    batch: int = 32
    seed: int = 42
    precision: str = "float32"
    steps: int = 500
    init: Path | None = None
    faces: Path | None = None


class Data(NamedTuple):
    """What is learned from, and what the epoch is chosen by.

    Attributes:
        learned: photographs to learn from.
        pictures: the same, in memory.
        tight: faces of data sets.
        development: pictures that choose the epoch.
        tried: how many photographs were kept for that.
    """

    learned: list[Photograph]
    pictures: list[Picture]
    tight: list[Picture]
    development: Development
    tried: int


def fit_detector(
    archive: Path,
    kept: Path,
    out: Path,
    plan: Plan,
    resume: bool,
    say: Callable[[str], None] = print_now,
) -> Record:
    """Train the detector and leave a run folder, as `train.expression.fit` does for faces.

    The epoch is chosen on pictures for development, which training never sees: by the mean of the
    average precisions on people, on scenes and on close-ups. Weights that it starts from may have
    seen these pictures; then the last epoch is kept.

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
    data = _read(archive, kept, plan, say)
    model, released = _build_pair(plan)
    record = _describe(archive, plan, data)
    pictures = data.pictures
    if plan.init:
        release(model, released)
        pictures = find_mistakes(released, pictures)
    groups, shares = group_pictures(data.learned, pictures, data.tight)
    if resume:
        record = folder.restore(model, record)
    say(_describe_size(model, [*pictures, *data.tight], record))
    best = max((row["mean"] for row in record.history), default=-1.0)
    started = time.monotonic()
    for epoch in range(len(record.history), plan.epochs):
        seed = (plan.seed, epoch)
        batches = draw_batches(groups, shares, plan.batch, seed, plan.steps)
        loss = float(np.mean([float(model.train_on_batch(*batch)) for batch in batches]))
        release(model, released)
        row = {"epoch": epoch + 1, "loss": loss, **evaluate(released, data.development)}
        row["seconds"] = round(time.monotonic() - started, 1)
        started = time.monotonic()
        record = replace(record, history=[*record.history, row])
        if plan.init or row["mean"] > best:
            best = row["mean"]
            write_checkpoint(released, record, folder.best)
        write_checkpoint(model, record, folder.last)
        folder.write(record, model)
        say(_line(record, best))
    return record


def _read(archive: Path, kept: Path, plan: Plan, say: Callable[[str], None]) -> Data:
    """Read all pictures, and ask the packaged detectors where faces are."""
    photographs = list_photographs(archive)
    crops = read_face_crops(plan.faces, "training", "development") if plan.faces else []
    detections = ask_detectors(archive, photographs, kept, say) | ask_about_crops(crops, kept, say)
    learned, tried = (select(photographs, part) for part in ("training", "development"))
    parts = {
        part: [crop for crop in crops if crop.part == part] for part in ("training", "development")
    }
    return Data(
        learned,
        read_pictures(archive, learned, detections),
        read_tight(parts["training"], detections),
        read_development(archive, tried, parts["development"], detections),
        len(tried),
    )


def _build_pair(plan: Plan) -> tuple[keras.Model, keras.Model]:
    """Build the model that learns and its float32 twin that is evaluated and saved as best."""
    keras.utils.set_random_seed(plan.seed)
    keras.mixed_precision.set_global_policy(plan.precision)
    model = build_network(SIDE)
    keras.mixed_precision.set_global_policy("float32")
    released = build_network()
    if plan.init:
        start_from(model, plan.init)
    peak = PEAK / 2 if plan.init else PEAK
    model.compile(_make_optimizer(plan.epochs * plan.steps, peak), FaceLoss())
    model.optimizer.build(model.trainable_variables)
    return model, released


def _describe(archive: Path, plan: Plan, data: Data) -> Record:
    """Write down what is about to be trained, on how many pictures."""
    return Record(
        preset=FINDER,
        kind="detector",
        heads={},
        input=InputSpec(SIDE, SIDE, "rgb"),
        data=archive.name,
        data_sha256=digest_file(archive),
        splits={
            "train": {"pictures": len(data.learned), "faces of data sets": len(data.tight)},
            "validation": {"pictures": data.tried},
        },
        also={
            path.name: digest_file(path)
            for path in ([plan.faces / name for name in SETS] if plan.faces else [])
            if path.is_file()
        },
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
        f"AP {row['average_precision']:.3f}  scenes {row.get('scenes', 0):.3f}  "
        f"close-ups {row.get('close_ups', 0):.3f}  mean {row['mean']:.3f}  best {best:.3f}  "
        f"{describe_time(record.history, record.epochs)}"
    )


def start_from(model: keras.Model, path: Path) -> None:
    """Load the weights of a detector's checkpoint into a network.

    Of a checkpoint of version 2 of the weights or older, whose network has no context, that part
    keeps its initial weights, with which it changes nothing.

    Raises:
        TrainError: a checkpoint of something else.
    """
    trained, record = read_checkpoint(path)
    if record.kind != "detector":
        raise TrainError(f"{path}: not a checkpoint of {FINDER}, but of {record.preset}")
    older = not any(layer.name.startswith(ADDED) for layer in trained.layers)
    known = [layer for layer in model.layers if not (older and layer.name.startswith(ADDED))]
    given = [layer.get_weights() for layer in trained.layers if layer.weights]
    for layer, values in zip([one for one in known if one.weights], given, strict=True):
        layer.set_weights(values)


def _make_optimizer(steps: int, peak: float) -> keras.optimizers.Optimizer:
    """Make AdamW with warm-up over the first twentieth, cosine decay, and averaged weights."""
    optimizer = keras.optimizers.AdamW(
        warm_up_and_decay(steps, peak=peak), weight_decay=1e-2, use_ema=True, ema_momentum=0.998
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer

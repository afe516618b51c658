"""The training loop: epochs, averaged weights, the best checkpoint, and going on after a kill."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from train.data.faceset import FaceSet, resize_faces
from train.data.sources import Part, labels_of
from train.data.targets import heads_of, select_evaluable
from train.errors import DataError
from train.runs.checkpoint import digest_file, write_checkpoint
from train.runs.folder import RunFolder
from train.runs.progress import describe_time, print_now
from train.runs.record import Record, rank_epoch
from train.runs.release import release
from train.runs.versions import TOOLS, list_versions

from .augment import draw_batches
from .evaluate import evaluate_heads, measure_recall
from .incumbent import defend, find_incumbent
from .linear_probe import Phase, make_probe
from .preset import Preset
from .start import describe_start
from .training_set import TrainingSet, make_training_set


def fit(
    preset: Preset,
    name: str,
    train: FaceSet,
    validation: FaceSet,
    out: Path,
    labels: tuple[str, ...],
    parts: Sequence[Part] = (),
    resume: bool = False,
    precision: str = "float32",
    regardless: bool = False,
    say: Callable[[str], None] = print_now,
) -> Record:
    """Train a preset, leave a run folder, and return the record of the finished training.

    After each epoch the averaged weights, in float32 and without optimizer, answer the validation
    part; the best epoch (mean accuracy of the heads, of equals the least loss) is `best.keras`, the
    whole state `last.keras`. A checkpoint that it starts from is a candidate, if it knows the
    labels: in the end `best.keras` is the start unless that is beaten by more than chance.
    While the heads learn alone that state is the one before the first epoch: to go on is then to
    begin again, which takes no longer than a new pass over the faces.

    Args:
        preset: the recipe.
        name: the preset's name, for the record.
        train: faces to learn from.
        validation: faces to choose the epoch by.
        out: the run folder.
        labels: what to tell apart, a subset of the data set's labels.
        parts: more data sets. One with labels has a head of its own name; of one without, what the
            teachers are certain of becomes the target of every head.
        resume: go on from the last whole epoch found in `out`.
        precision: Keras's name of the arithmetic: "float32" or "mixed_bfloat16".
        regardless: whether the best epoch is kept even if it does not beat the start.
        say: receives one line an epoch, and the comparison with the start.

    Raises:
        DataError: fewer faces than a batch, or no votes for the heads.
        TrainError: another training in the folder, nothing to resume, or a full disk.
        ValueError: a network that cannot be built as asked.
    """
    own = _choose_heads(preset, train, labels)
    validation = select_evaluable(validation, own)
    folder = RunFolder(out, resume)
    train, training = make_training_set(train, own, parts, preset, out, say)
    heads = own | {part.name: labels_of(part, labels) for part in parts if part.validation}
    preset = replace(preset, batch=preset.fit_batch(len(train)))
    model, released = _build_pair(preset, heads, _count_steps(preset, training, train), precision)
    record = _describe(preset, name, heads, train, validation, parts)
    incumbent = find_incumbent(preset.start, heads, released, validation, own)
    if resume:
        record = folder.restore(model, record)
    elif preset.frozen:
        write_checkpoint(model, record, folder.last)
    whole = Phase(model, training.images, preset.augmentation, released, validation.images)
    evaluate = partial(_evaluate, validation=validation, own=own, parts=parts, heads=heads)
    record = _run_epochs(whole, training, preset, record, folder, evaluate, say)
    if incumbent:
        defend(incumbent, folder, released, validation, record, own, regardless, say)
    return record


def _count_steps(preset: Preset, training: TrainingSet, train: FaceSet) -> int:
    """Return how many full batches an epoch has."""
    steps = training.faces // preset.batch
    if not steps:
        raise DataError(
            f"{train.name}: {len(train)} faces to learn from, fewer than a batch of {preset.batch}"
        )
    return steps


def _choose_heads(
    preset: Preset, train: FaceSet, labels: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """Choose those of the preset's heads that the faces have targets for."""
    own = {head: labels for head in preset.heads if head in heads_of(train)}
    if not own:
        raise DataError(f"{train.name}: has no votes for {' or '.join(preset.heads)}")
    return own


def _run_epochs(
    whole: Phase,
    training: TrainingSet,
    preset: Preset,
    record: Record,
    folder: RunFolder,
    evaluate: Callable[[Phase], dict[str, float]],
    say: Callable[[str], None],
) -> Record:
    """Train the epochs that are left; after each, write the folder and say how it went."""
    model, released = whole.model, whole.evaluated
    size = f"{model.count_params():,} parameters, {len(training.images):,} faces"
    say(f"{record.preset}: {size}, {len(record.history)} of {preset.epochs} epochs done")
    steps = training.faces // preset.batch
    best = max(map(rank_epoch, record.history), default=(-1.0, 0.0))
    started = time.monotonic()
    for epoch, phase in _plan_phases(whole, preset, steps, len(record.history)):
        row: dict[str, Any] = {"epoch": epoch + 1, "side": preset.side(epoch)}
        row["loss"] = _train_epoch(phase, training, preset, epoch)
        release(model, released)
        row |= evaluate(phase)
        row["seconds"] = round(time.monotonic() - started, 1)
        started = time.monotonic()
        record = replace(record, history=[*record.history, row])
        if rank_epoch(row) > best:
            best = rank_epoch(row)
            write_checkpoint(released, record, folder.best)
        if epoch + 1 >= preset.frozen:  # before, the optimizer that learns is not the model's
            write_checkpoint(model, record, folder.last)
        folder.write(record, model)
        say(_line(row, best[0], preset.epochs, record))
    return record


def _plan_phases(
    whole: Phase, preset: Preset, steps: int, first: int
) -> Iterator[tuple[int, Phase]]:
    """Yield every epoch from `first` on with its phase: the heads, then the whole network."""
    if first < preset.frozen:
        heads = make_probe(whole)
        optimizer = preset.head_optimizer(steps * preset.frozen)
        heads.model.compile(optimizer, _losses(heads.model, preset))
        yield from ((epoch, heads) for epoch in range(first, preset.frozen))
    phase = whole
    for epoch in range(max(first, preset.frozen), preset.epochs):
        side = preset.side(epoch)
        if side != phase.faces.shape[1]:
            spec = replace(preset.input, height=side, width=side)
            phase = whole._replace(faces=resize_faces(whole.faces, spec))
        yield epoch, phase


def _evaluate(
    phase: Phase,
    validation: FaceSet,
    own: dict[str, tuple[str, ...]],
    parts: Sequence[Part],
    heads: dict[str, tuple[str, ...]],
) -> dict[str, float]:
    """Measure each head on its own data set: accuracy at home, mean recall on further sets."""
    row = evaluate_heads(phase.evaluated, phase.validation, validation, own)
    for part in parts:
        if part.validation:
            row[f"{part.name}_accuracy"] = measure_recall(
                phase.evaluated, part.validation, part.name, heads[part.name]
            )
    return row | {"mean_accuracy": float(np.mean([row[f"{head}_accuracy"] for head in heads]))}


def _describe(
    preset: Preset,
    name: str,
    heads: dict[str, tuple[str, ...]],
    train: FaceSet,
    validation: FaceSet,
    parts: Sequence[Part],
) -> Record:
    """Write down what is about to be trained."""
    return Record(
        preset=name,
        heads=heads,
        input=preset.input,
        data=train.name,
        data_sha256=train.digest(),
        splits={"train": train.sizes(), "validation": validation.sizes()},
        seed=preset.seed,
        epochs=preset.epochs,
        batch=preset.batch,
        tools={"backend": keras.backend.backend(), **list_versions(TOOLS)},
        weights=describe_start(preset.start),
        frozen=preset.frozen,
        teachers={str(path): digest_file(path) for path in preset.teachers},
        teacher_weight=preset.teacher_weight if preset.teachers else 0.0,
        also={part.name: f"{part.train.name} {part.train.digest()}" for part in parts},
    )


def _build_pair(
    preset: Preset, heads: dict[str, tuple[str, ...]], steps: int, precision: str
) -> tuple[keras.Model, keras.Model]:
    """Build the model that learns and its float32 twin that is evaluated and saved as best."""
    keras.utils.set_random_seed(preset.seed)
    keras.mixed_precision.set_global_policy(precision)
    model = preset.make(heads)
    keras.mixed_precision.set_global_policy("float32")
    whole = max(steps * (preset.epochs - preset.frozen), 1)
    model.compile(preset.optimizer(whole), _losses(model, preset))
    model.optimizer.build(model.trainable_variables)
    released = preset.make(heads)
    release(model, released)
    return model, released


def _losses(model: keras.Model, preset: Preset) -> dict[str, keras.losses.Loss]:
    loss = keras.losses.CategoricalCrossentropy
    return {head: loss(label_smoothing=preset.label_smoothing) for head in model.output_names}


def _train_epoch(phase: Phase, training: TrainingSet, preset: Preset, epoch: int) -> float:
    """Learn from every full batch once; return the mean loss."""
    model, targets = phase.model, training.targets
    steps = training.faces // preset.batch
    progress = keras.utils.Progbar(steps) if sys.stderr.isatty() else None
    for layer in model.layers:  # Keras saves no state of its random layers: seed them anew
        if seeds := getattr(layer, "seed_generator", None):
            seeds.state.assign(np.array([preset.seed, epoch * steps], dtype=seeds.state.dtype))
    loss = 0.0
    for index, batch in draw_batches(
        phase.faces, preset.batch, preset.seed, epoch, phase.augmentation, training.counts
    ):
        logs = model.train_on_batch(
            batch,
            {head: target.soft[index] for head, target in targets.items()},
            {head: target.weight[index] for head, target in targets.items()},
            return_dict=True,
        )
        loss += float(logs["loss"]) / steps  # of this batch alone
        if progress:
            progress.add(1)
    return loss


def _line(row: dict[str, Any], best: float, epochs: int, record: Record) -> str:
    heads = "  ".join(f"{head} {row[f'{head}_accuracy']:.1%}" for head in record.heads)
    return (
        f"epoch {row['epoch']}/{epochs}  {row['side']} px  loss {row['loss']:.3f}  {heads}  "
        f"best {best:.1%}  {describe_time(record.history, epochs)}"
    )

"""The training loop: epochs, averaged weights, the best checkpoint, and going on after a kill."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from train.data.faceset import FaceSet, resize_faces
from train.data.sources import Part, labels_of
from train.data.targets import find_nonfaces, heads_of, judge, select_judged, select_useful
from train.errors import DataError
from train.runs.checkpoint import (
    Record,
    digest_file,
    name_weights,
    restore_training,
    write_checkpoint,
)
from train.runs.folder import RunFolder
from train.runs.progress import print_now
from train.runs.release import release
from train.runs.versions import TOOLS, list_versions

from .augment import draw_batches
from .distill import ask_teachers, mix_answers
from .evaluate import judge_heads
from .linear_probe import Lesson, make_probe
from .metrics import score_answers
from .preset import Preset
from .training_set import TrainingSet, add_parts


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
    say: Callable[[str], None] = print_now,
) -> Record:
    """Train a preset and leave a run folder.

    After each epoch the averaged weights, in float32 and without optimizer, answer the validation
    part; the best epoch (mean accuracy of the heads) is `best.keras`, the whole state `last.keras`.
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
        say: receives one line an epoch.

    Returns:
        The record of the finished training.

    Raises:
        DataError: fewer faces than a batch, no votes for the heads, another training in the folder,
            nothing to resume.
        ValueError: a network that cannot be built as asked.
    """
    heads = {head: labels for head in preset.heads if head in heads_of(train)}
    if not heads:
        raise DataError(f"{train.name}: has no votes to teach {' or '.join(preset.heads)}")
    train, targets = select_useful(train, heads)
    validation = select_judged(validation, heads)
    folder = RunFolder(out)
    training = TrainingSet(train.images, targets, np.ones(len(train)))
    if preset.teachers and preset.teacher_weight:
        answers = ask_teachers(preset.teachers, train, heads, out, say)
        targets = mix_answers(targets, answers, preset.teacher_weight, find_nonfaces(train))
        training = replace(training, targets=targets)
    training = add_parts(training, train, parts, preset, labels, out, say)
    own = dict(heads)
    heads |= {part.name: labels_of(part, labels) for part in parts if part.validation}
    preset = replace(preset, batch=preset.fit_batch(len(train)))
    steps = int(training.counts.sum()) // preset.batch
    if not steps:
        raise DataError(
            f"{train.name}: {len(train)} faces to learn from, fewer than a batch of {preset.batch}"
        )
    model, released = _build_pair(preset, heads, steps, precision)
    record = _describe(preset, name, heads, train, validation, parts)
    if resume:
        record = restore_training(model, folder.last, record)
        if record.history:
            folder.write(record, model)  # a kill may have come between the checkpoint and this
    elif folder.last.exists():
        raise DataError(f"{out}: holds a training already; --resume goes on with it")
    elif preset.frozen:
        write_checkpoint(model, record, folder.last)
    size = f"{model.count_params():,} parameters, {len(training.images):,} faces"
    say(f"{name}: {size}, {len(record.history)} of {preset.epochs} epochs done")

    whole = Lesson(model, training.images, preset.augmentation, released, validation.images)
    best = max((row["mean_accuracy"] for row in record.history), default=-1.0)
    started = time.monotonic()
    for epoch, lesson in _plan_lessons(whole, preset, steps, len(record.history)):
        row = {"epoch": epoch + 1, "side": preset.side(epoch)}
        row["loss"] = _train_epoch(lesson, training, preset, epoch)
        release(model, released)
        row |= judge_heads(lesson.judged, lesson.validation, validation, own)
        row |= _judge_parts(lesson.judged, parts, heads)
        row["mean_accuracy"] = float(np.mean([row[f"{head}_accuracy"] for head in heads]))
        row["seconds"] = round(time.monotonic() - started, 1)
        started = time.monotonic()
        record = replace(record, history=[*record.history, row])
        if row["mean_accuracy"] > best:
            best = row["mean_accuracy"]
            write_checkpoint(released, record, folder.best)
        if epoch + 1 >= preset.frozen:  # before, the optimizer that learns is not the model's
            write_checkpoint(model, record, folder.last)
        folder.write(record, model)
        say(_line(row, best, preset.epochs, record))
    return record


def _plan_lessons(
    whole: Lesson, preset: Preset, steps: int, first: int
) -> Iterator[tuple[int, Lesson]]:
    """Yield every epoch from `first` on with its lesson: the heads, then the whole network."""
    if first < preset.frozen:
        heads = make_probe(whole)
        optimizer = preset.head_optimizer(steps * preset.frozen)
        heads.model.compile(optimizer, _losses(heads.model, preset))
        yield from ((epoch, heads) for epoch in range(first, preset.frozen))
    lesson = whole
    for epoch in range(max(first, preset.frozen), preset.epochs):
        side = preset.side(epoch)
        if side != lesson.faces.shape[1]:
            spec = replace(preset.input, height=side, width=side)
            lesson = whole._replace(faces=resize_faces(whole.faces, spec))
        yield epoch, lesson


def _judge_parts(
    model: keras.Model, parts: Sequence[Part], heads: dict[str, tuple[str, ...]]
) -> dict[str, float]:
    """Measure the head of each data set on its own validation faces, label by label alike."""
    row = {}
    for part in parts:
        if part.validation:
            answers = model.predict(part.validation.images, batch_size=128, verbose=0)[part.name]
            truth = judge(part.validation, "original", heads[part.name])
            row[f"{part.name}_accuracy"] = score_answers(
                answers, truth, heads[part.name]
            ).mean_recall
    return row


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
        weights=name_weights(preset.weights),
        frozen=preset.frozen,
        teachers={str(path): digest_file(path) for path in preset.teachers},
        teacher_weight=preset.teacher_weight if preset.teachers else 0.0,
        also={part.name: f"{part.train.name} {part.train.digest()}" for part in parts},
    )


def _build_pair(
    preset: Preset, heads: dict[str, tuple[str, ...]], steps: int, precision: str
) -> tuple[keras.Model, keras.Model]:
    """Build the model that learns and its float32 twin that is judged and saved as best."""
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


def _train_epoch(lesson: Lesson, training: TrainingSet, preset: Preset, epoch: int) -> float:
    """Learn from every full batch once; return the mean loss."""
    model, targets = lesson.model, training.targets
    steps = int(training.counts.sum()) // preset.batch
    progress = keras.utils.Progbar(steps) if sys.stderr.isatty() else None
    for layer in model.layers:  # Keras saves no state of its random layers: seed them anew
        if seeds := getattr(layer, "seed_generator", None):
            seeds.state.assign(np.array([preset.seed, epoch * steps], dtype=seeds.state.dtype))
    loss = 0.0
    for index, batch in draw_batches(
        lesson.faces, preset.batch, preset.seed, epoch, lesson.augmentation, training.counts
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
    recent = np.mean([past["seconds"] for past in record.history[-3:]])
    left = recent * (epochs - row["epoch"]) / 60
    heads = "  ".join(f"{head} {row[f'{head}_accuracy']:.1%}" for head in record.heads)
    return (
        f"epoch {row['epoch']}/{epochs}  {row['side']} px  loss {row['loss']:.3f}  {heads}  "
        f"best {best:.1%}  {row['seconds']:.0f} s, {left:.0f} min left"
    )

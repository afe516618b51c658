"""How a network is trained: what every recipe says."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import keras

from fer_onnx.metadata import InputSpec
from train.runs.schedules import decay_adam

from .augment import Augmentation
from .networks import Heads
from .start import RANDOM, Random, Required, Start


@dataclass(frozen=True)
class Preset:
    """A recipe: how a network is trained.

    Attributes:
        build: makes the network from the input, the labels of each head and, unless it is random,
            `start`.
        input: what the finished network reads.
        heads: heads it has at most; a data set without votes teaches `original` alone.
        stages: (side in pixels, epochs) in order: small pictures first cost less.
        optimizer: makes the optimizer from the number of steps in the whole training.
        batch: faces a step; the rest of an epoch that fills no batch is left out.
        augmentation: how training faces are changed; None leaves them as they are.
        label_smoothing: share of each target spread over all labels.
        seed: of initialisation, order and augmentation.
        start: what the network starts from.
        frozen: epochs before those of the stages in which the heads alone learn, from features of
            unchanged faces, computed once.
        head_optimizer: makes the optimizer of those epochs from the number of their steps.
        fixed_norms: whether batch normalisation keeps the statistics and factors it starts with.
        least_steps: the batch shrinks until an epoch has as many; 0 leaves the batch as it is.
        teachers: checkpoints whose answers are mixed into the targets.
        teacher_weight: share of the teachers' answers in the targets.
        repeats: how often an epoch shows each face of a further data set with labels.
        anchor_share: share of the faces without labels that an epoch shows.
    """

    build: Callable[..., keras.Model]
    input: InputSpec
    heads: tuple[str, ...]
    stages: tuple[tuple[int, int], ...]
    optimizer: Callable[[int], keras.optimizers.Optimizer]
    batch: int = 128
    augmentation: Augmentation | None = None
    label_smoothing: float = 0.0
    seed: int = 42
    start: Start = RANDOM
    frozen: int = 0
    head_optimizer: Callable[[int], keras.optimizers.Optimizer] = decay_adam
    fixed_norms: bool = False
    least_steps: int = 0
    teachers: tuple[Path, ...] = ()
    teacher_weight: float = 0.7
    repeats: float = 2.0
    anchor_share: float = 0.4

    @property
    def epochs(self) -> int:
        """All epochs together."""
        return self.frozen + sum(epochs for _, epochs in self.stages)

    def side(self, epoch: int) -> int:
        """Return the side of the training pictures in an epoch, counted from 0."""
        if epoch < self.frozen:
            return self.input.height
        epoch -= self.frozen
        for side, epochs in self.stages:
            if epoch < epochs:
                return side
            epoch -= epochs
        return self.stages[-1][0]

    def make(self, heads: Heads) -> keras.Model:
        """Build the network with the weights it starts from.

        Raises:
            TrainError: a checkpoint that is none.
            ValueError: no checkpoint chosen, weights that cannot be had, or a network that does not
                read such faces.
        """
        match self.start:
            case Required():
                raise ValueError("this preset starts from a checkpoint: give --init CHECKPOINT")
            case Random():
                model = self.build(self.input, heads)
            case start:
                model = self.build(self.input, heads, start)
        side = model.inputs[0].shape[1]
        if side and {side} != {self.side(epoch) for epoch in range(self.epochs)}:
            raise ValueError(f"the network {model.name} reads faces of {side}×{side} pixels alone")
        for layer in model.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.trainable = not self.fixed_norms  # in Keras, False is inference mode as well
        return model

    def fit_batch(self, faces: int) -> int:
        """Return the batch for so many faces."""
        return (
            min(self.batch, max(faces // self.least_steps, 1)) if self.least_steps else self.batch
        )


def rescale_stages(stages: tuple[tuple[int, int], ...], epochs: int) -> tuple[tuple[int, int], ...]:
    """Spread another number of epochs over the stages in the same proportions."""
    whole = sum(count for _, count in stages)
    ends = [round(sum(n for _, n in stages[: i + 1]) * epochs / whole) for i in range(len(stages))]
    return tuple(
        (side, end - start)
        for (side, _), start, end in zip(stages, [0, *ends[:-1]], ends, strict=True)
    )


def resize_preset(preset: Preset, side: int) -> Preset:
    """Change the input size of a preset, in pixels; the sides of its stages change with it."""
    stages = tuple((round(s * side / preset.input.height), n) for s, n in preset.stages)
    return replace(preset, input=replace(preset.input, height=side, width=side), stages=stages)

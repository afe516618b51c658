"""Recipes of training: one module each, found by its name.

A preset is Python: its docstring gives the source, the command, the time it takes and the result.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

import keras

from fer_onnx.metadata import InputSpec

from ..augment import Augmentation
from ..networks import Heads


@dataclass(frozen=True)
class Preset:
    """Say how a network is trained.

    Attributes:
        build: makes the network from the input and the labels of each head.
        input: what the finished network reads.
        heads: heads it has at most; a data set without votes teaches `original` alone.
        stages: (side in pixels, epochs) in order: small pictures first cost less.
        optimizer: makes the optimizer from the number of steps in the whole training.
        batch: faces a step; the rest of an epoch that fills no batch is left out.
        augmentation: how training faces are changed; None leaves them as they are.
        label_smoothing: share of each target spread over all labels.
        seed: of initialisation, order and augmentation.
    """

    build: Callable[[InputSpec, Heads], keras.Model]
    input: InputSpec
    heads: tuple[str, ...]
    stages: tuple[tuple[int, int], ...]
    optimizer: Callable[[int], keras.optimizers.Optimizer]
    batch: int = 128
    augmentation: Augmentation | None = None
    label_smoothing: float = 0.0
    seed: int = 42

    @property
    def epochs(self) -> int:
        """Epochs of all stages together."""
        return sum(epochs for _, epochs in self.stages)

    def side(self, epoch: int) -> int:
        """Give the side of the training pictures in an epoch, counted from 0."""
        for side, epochs in self.stages:
            if epoch < epochs:
                return side
            epoch -= epochs
        return self.stages[-1][0]


def preset_names() -> list[str]:
    """List the presets."""
    return sorted(module.name for module in iter_modules(__path__))


def load_preset(name: str) -> Preset:
    """Load a preset by name.

    Raises:
        ValueError: no preset of that name.
    """
    if name not in preset_names():
        raise ValueError(f"no preset {name!r}; there are {', '.join(preset_names())}")
    preset = import_module(f"{__name__}.{name}").PRESET
    assert isinstance(preset, Preset)
    return preset


def rescale_stages(stages: tuple[tuple[int, int], ...], epochs: int) -> tuple[tuple[int, int], ...]:
    """Spread another number of epochs over the stages in the same proportions."""
    whole = sum(count for _, count in stages)
    ends = [round(sum(n for _, n in stages[: i + 1]) * epochs / whole) for i in range(len(stages))]
    return tuple(
        (side, end - start)
        for (side, _), start, end in zip(stages, [0, *ends[:-1]], ends, strict=True)
    )

"""Training that starts from what another training learned: ImageNet's, or a checkpoint's."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import keras

from fer_onnx.metadata import InputSpec
from train.errors import TrainError
from train.runs.checkpoint import read_checkpoint, read_record
from train.runs.schedules import decay_adam

from .augment import Augmentation
from .networks import Heads, find_backbone
from .networks.heads import attach_heads
from .preset import Preset, resize_preset
from .start import IMAGENET, RANDOM, Checkpoint, ImageNet


def make_transfer(build: Callable[..., keras.Model]) -> Preset:
    """Make the recipe for a network with ImageNet weights.

    The heads learn first, alone; then the whole network at a tenth of their rate, its batch
    normalisation as ImageNet left it.

    Args:
        build: makes the network from input, heads and the name of the weights.
    """
    return Preset(
        build=build,
        input=InputSpec(96, 96),
        heads=("original", "ferplus"),
        stages=((96, 5),),
        optimizer=partial(decay_adam, rate=1e-4),
        batch=64,
        augmentation=Augmentation(),
        label_smoothing=0.1,
        start=IMAGENET,
        frozen=10,
        fixed_norms=True,
    )


def choose_weights(preset: Preset, weights: str) -> Preset:
    """Let a preset start from other weights: "imagenet", a file, or "none" for random ones.

    Random weights have nothing to keep: no epochs for the heads alone, batch normalisation learns,
    and the rate is ten times as high.

    Raises:
        ValueError: a preset whose network does not start from ImageNet's weights.
    """
    if not isinstance(preset.start, ImageNet):
        raise ValueError("--weights is for the presets named transfer-…")
    if weights == "none":
        return replace(preset, start=RANDOM, frozen=0, fixed_norms=False, optimizer=decay_adam)
    return replace(preset, start=ImageNet(None if weights == "imagenet" else Path(weights)))


def start_from(preset: Preset, checkpoint: Path) -> Preset:
    """Let a preset train the network of a checkpoint, with its input and from its weights.

    Raises:
        TrainError: not a checkpoint.
    """
    spec = read_record(checkpoint).input
    preset = resize_preset(preset, spec.height)
    return replace(preset, build=build_on_checkpoint, input=spec, start=Checkpoint(checkpoint))


def build_on_checkpoint(spec: InputSpec, heads: Heads, start: Checkpoint) -> keras.Model:
    """Put heads of one's own on the backbone of a checkpoint.

    A head whose labels the checkpoint's head of that name knows starts with what that one knows of
    them; every other starts anew.

    Args:
        spec: the checkpoint's own input.
        heads: labels of each head.
        start: the checkpoint.

    Returns:
        Model: uint8 (batch, height, width, channels) → {head: (batch, labels) probabilities}.

    Raises:
        TrainError: not a checkpoint of a network that reads faces.
    """
    trained, record = read_checkpoint(start.path)
    if record.kind == "detector":
        raise TrainError(f"{start.path}: finds faces, and cannot learn to read them")
    for layer in trained.layers[1:]:  # all but the input; saved with the arithmetic of its training
        layer.dtype_policy = keras.mixed_precision.dtype_policy()
    model = attach_heads(trained.inputs[0], find_backbone(trained).output, heads, trained.name)
    for head, labels in heads.items():
        known = record.heads.get(head, ())
        if set(labels) <= set(known):
            kernel, bias = trained.get_layer(head).get_weights()
            columns = [known.index(label) for label in labels]
            model.get_layer(head).set_weights([kernel[:, columns], bias[columns]])
    return model

"""Make a network wider that answers the same: a teacher starts from what its student knows.

Net2WiderNet after Chen, Goodfellow & Shlens (2016, arXiv:1511.05641): every new channel is a copy
of an old one, and what reads the copies shares the old weight among them. The shares are drawn at
random, so that the copies, alike at first, learn different things.
"""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from train.errors import TrainError
from train.runs.checkpoint import check_name, name_weights, read_checkpoint, write_checkpoint

from .networks import build_residual

Channels = npt.NDArray[np.int64]  # for each new channel, the old one that it copies


def widen_checkpoint(source: Path, widths: tuple[int, ...], out: Path, seed: int = 42) -> None:
    """Write a wider twin of a checkpoint of the residual network, to train on from.

    Args:
        source: the checkpoint.
        widths: channels of the stem and of each stage; none smaller than now.
        out: the new checkpoint; its record has no epochs and names its source.
        seed: of which channels are copied and of the shares.

    Raises:
        TrainError: not a checkpoint, not the residual network, narrower than it is, or an `out`
            that is not named as a checkpoint.
    """
    check_name(out)
    trained, record = read_checkpoint(source)
    if trained.name != "residual":
        raise TrainError(f"{source}: a network {trained.name!r}; only 'residual' is made wider")
    convolutions = [x for x in trained.layers if isinstance(x, keras.layers.Conv2D)]
    known = [layer.filters for layer in convolutions if "block" not in layer.name]
    if len(widths) != len(known):
        now = ", ".join(map(str, known))
        raise TrainError(f"{len(widths)} widths, but the network has {len(known)}: {now}")
    wider = build_residual(record.input, record.heads, widths)
    copy_weights(wider, trained, np.random.default_rng(seed))
    record = replace(
        record, kind="widen", history=[], metrics={}, epochs=0, sources=(name_weights(source),)
    )
    write_checkpoint(wider, record, out)


def copy_weights(wider: keras.Model, trained: keras.Model, rng: np.random.Generator) -> None:
    """Copy the weights of a residual network into a wider one.

    Raises:
        TrainError: not wider.
    """
    stream = inner = np.arange(trained.inputs[0].shape[-1])
    for layer in trained.layers:
        match layer:
            case keras.layers.Conv2D(name=name) if name.endswith("_b_conv"):
                # added to what the block has read: the same copies
                reads, writes = inner, stream
            case keras.layers.Conv2D(name=name):
                width = wider.get_layer(name).filters
                reads, writes = stream, choose_copies(layer.filters, width, rng)
                if name.endswith("_a_conv"):
                    inner = writes
                else:
                    stream = writes
            case keras.layers.Dense():
                reads, writes = stream, np.arange(layer.units)
            case keras.layers.BatchNormalization():
                pass  # of the convolution before it
            case _:
                continue
        values = [
            share_weights(value, reads, writes, rng) if value.ndim > 1 else value[writes]
            for value in layer.get_weights()
        ]
        wider.get_layer(layer.name).set_weights(values)


def choose_copies(old: int, new: int, rng: np.random.Generator) -> Channels:
    """Return which of the `old` channels each of the `new` copies: all once, then some at random.

    Raises:
        TrainError: fewer than there are.
    """
    if new < old:
        raise TrainError(f"{new} channels: fewer than the {old} of the checkpoint")
    rounds = [rng.permutation(old) for _ in range(-(-new // old) - 1)]
    return np.concatenate([np.arange(old), *rounds])[:new]


def share_weights(
    kernel: npt.NDArray[np.float32], reads: Channels, writes: Channels, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Spread weights over copies of what they read, for copies of what they write.

    Args:
        kernel: float32 array (…, in, out).
        reads: int array (new in,), the old channel behind each.
        writes: int array (new out,), the same.
        rng: of the shares.

    Returns:
        Float32 array (…, new in, new out); over the copies of a channel read, the weights add up
        to the old one.
    """
    shares = rng.uniform(0.5, 1.5, (len(reads), len(writes))).astype(np.float32)
    sums = np.zeros((kernel.shape[-2], len(writes)), np.float32)
    np.add.at(sums, reads, shares)
    return kernel[..., reads, :][..., writes] * (shares / sums[reads])

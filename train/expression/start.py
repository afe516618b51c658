"""What a network starts training from."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from train.runs.checkpoint import name_weights


@dataclass(frozen=True)
class Random:
    """Random weights."""


@dataclass(frozen=True)
class ImageNet:
    """Weights learned from ImageNet: those that the network knows where to find, or a file's."""

    file: Path | None = None


@dataclass(frozen=True)
class Checkpoint:
    """The weights of a checkpoint of ours."""

    path: Path


@dataclass(frozen=True)
class Required:
    """The weights of a checkpoint that is to be chosen for each training."""


Start: TypeAlias = Random | ImageNet | Checkpoint | Required
RANDOM, IMAGENET, REQUIRED = Random(), ImageNet(), Required()


def describe_start(start: Start) -> str:
    """Name a start for the record, a file by its digest; random weights have no name."""
    match start:
        case ImageNet(file):
            return name_weights(file) if file else "imagenet"
        case Checkpoint(path):
            return name_weights(path)
    return ""

"""Network architectures, built from plain Keras layers so that any Keras loads a checkpoint."""

from .applications import build_application
from .efficientnet import build_efficientnet_lite0
from .heads import Heads, find_backbone
from .origin import build_origin
from .residual import build_residual

__all__ = [
    "Heads",
    "build_application",
    "build_efficientnet_lite0",
    "build_origin",
    "build_residual",
    "find_backbone",
]

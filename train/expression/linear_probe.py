"""A linear probe: heads on a frozen backbone, which each face passes once."""

from typing import Any, NamedTuple

import keras
import numpy.typing as npt

from .augment import Augmentation
from .networks import find_backbone

BATCH = 128  # faces answered at once


class Phase(NamedTuple):
    """What learns and what is evaluated, and by which faces, or by features in their place.

    Attributes:
        model: learns; compiled.
        faces: array (n, …) that it learns from.
        augmentation: how these are changed; None leaves them as they are.
        evaluated: answers as the saved checkpoint would.
        validation: array (m, …) that it is evaluated by.
    """

    model: keras.Model
    faces: npt.NDArray[Any]
    augmentation: Augmentation | None
    evaluated: keras.Model
    validation: npt.NDArray[Any]


def make_probe(phase: Phase) -> Phase:
    """Make a phase for the heads alone (a linear probe: Alain & Bengio 2017, arXiv:1610.01644).

    Args:
        phase: of the whole network. The probe shares the heads of its `model`; the backbone of
            `evaluated`, in float32, turns faces into features.

    Returns:
        The phase, its model not compiled yet.
    """
    backbone = find_backbone(phase.evaluated)
    features = keras.Input(backbone.output.shape[1:])
    heads = phase.model.output_names
    probe = keras.Model(features, {h: phase.model.get_layer(h)(features) for h in heads})
    faces = backbone.predict(phase.faces, batch_size=BATCH, verbose=0)
    validation = backbone.predict(phase.validation, batch_size=BATCH, verbose=0)
    return Phase(probe, faces, None, probe, validation)

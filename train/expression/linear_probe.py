"""Heads that learn alone, on a trunk that stays as it is: each face passes the trunk once."""

from typing import Any, NamedTuple

import keras
import numpy.typing as npt

from .augment import Augmentation
from .networks import find_trunk

BATCH = 128  # faces answered at once


class Lesson(NamedTuple):
    """Say what learns and what is judged, and by which faces, or by features in their place.

    Attributes:
        model: learns; compiled.
        faces: array (n, …) that it learns from.
        augmentation: how these are changed; None leaves them as they are.
        judged: answers as the saved checkpoint would.
        validation: array (m, …) that it is judged by.
    """

    model: keras.Model
    faces: npt.NDArray[Any]
    augmentation: Augmentation | None
    judged: keras.Model
    validation: npt.NDArray[Any]


def make_probe(lesson: Lesson) -> Lesson:
    """Make a lesson for the heads alone (a linear probe: Alain & Bengio 2017, arXiv:1610.01644).

    Args:
        lesson: of the whole network. The probe shares the heads of its `model`; the trunk of
            `judged`, in float32, turns faces into features.

    Returns:
        The lesson, its model not compiled yet.
    """
    trunk = find_trunk(lesson.judged)
    features = keras.Input(trunk.output.shape[1:])
    heads = lesson.model.output_names
    probe = keras.Model(features, {h: lesson.model.get_layer(h)(features) for h in heads})
    faces = trunk.predict(lesson.faces, batch_size=BATCH, verbose=0)
    validation = trunk.predict(lesson.validation, batch_size=BATCH, verbose=0)
    return Lesson(probe, faces, None, probe, validation)

"""What a network takes for faces in training pictures that have none: shown more often."""

from collections.abc import Sequence
from dataclasses import replace

import keras
import numpy as np

from .development import find
from .labels import SAME, overlaps
from .windows import Picture

SCORE = 0.2  # from which a detection is a mistake worth learning from
REDUCED = 2  # times, which keeps the scenes at about the size that they are stored in


def find_mistakes(network: keras.Model, pictures: Sequence[Picture]) -> list[Picture]:
    """Let a network search the pictures without faces, and note what it finds there.

    What lies in an ignore region is no mistake (hard negatives: Sung and Poggio 1998).
    """
    return [
        picture if len(picture.labelled.faces) else _note(network, picture) for picture in pictures
    ]


def _note(network: keras.Model, picture: Picture) -> Picture:
    known = picture.labelled
    small = picture.image.resize((known.width // REDUCED, known.height // REDUCED))
    found = find(network, np.asarray(small))
    boxes = REDUCED * found.boxes[found.scores >= SCORE]
    ignored = (overlaps(boxes, known.ignored) >= SAME).any(axis=1)
    return replace(picture, mistakes=boxes[~ignored])

"""What a network takes for faces in training pictures and is none: shown more often."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import keras
import numpy as np

from .labels import Boxes, overlaps, stack_boxes
from .targets import STRIDE
from .windows import Picture

SCORE = 0.2  # from which a cell is a mistake worth learning from
REDUCED = 2  # times, which keeps the scenes at about the size that they are stored in
MOST = 5  # of a picture
TOUCHES = 0.1  # intersection ÷ union above which something lies on a face
BATCH = 16


def find_mistakes(network: keras.Model, pictures: Sequence[Picture]) -> list[Picture]:
    """Let a network look once at every picture, and note what it takes for faces and is none.

    What lies on a face or in an ignore region is no mistake (hard negatives: Sung and Poggio 1998).
    """
    noted = list(pictures)
    by_size: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for index, picture in enumerate(pictures):
        size = picture.labelled.width // REDUCED, picture.labelled.height // REDUCED
        by_size[size].append(index)
    for (width, height), indices in by_size.items():
        whole = width - width % 16, height - height % 16
        for start in range(0, len(indices), BATCH):
            chosen = indices[start : start + BATCH]
            images = [
                np.asarray(pictures[index].image.resize((width, height)).crop((0, 0, *whole)))
                for index in chosen
            ]
            answers = keras.ops.convert_to_numpy(network(np.stack(images)))
            for index, answer in zip(chosen, answers, strict=True):
                noted[index] = _note(pictures[index], answer)
    return noted


def _note(picture: Picture, answer: np.ndarray) -> Picture:
    boxes = REDUCED * _read_boxes(answer)
    known = np.concatenate([picture.labelled.faces, picture.labelled.ignored])
    middles = boxes[:, None, :2] + boxes[:, None, 2:] / 2 - known[None, :, :2]
    inside = ((middles > 0) & (middles < known[None, :, 2:])).all(axis=2)
    no_mistake = (inside | (overlaps(boxes, known) > TOUCHES)).any(axis=1)
    return replace(picture, mistakes=boxes[~no_mistake])


def _read_boxes(answer: np.ndarray) -> Boxes:
    """Return the boxes of the warmest cells, (n, 4) in pixels of what the network saw."""
    heat = answer[..., 0]
    warm = np.argsort(-heat, axis=None)[:MOST]
    rows, columns = np.unravel_index(
        warm[heat.ravel()[warm] >= np.log(SCORE / (1 - SCORE))], heat.shape
    )
    left, top, right, bottom = np.exp(answer[rows, columns, 1:].clip(-4, 5)).T.astype(float)
    across, down = columns + 0.5, rows + 0.5
    return STRIDE * stack_boxes(
        np.stack([across - left, down - top, left + right, top + bottom], axis=1).tolist(), 4
    )

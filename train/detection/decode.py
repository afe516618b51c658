"""From answers to boxes: the part of the model file behind the network."""

import keras
from keras import ops

from .targets import STRIDE

MOST = 200  # boxes
SCALES = 5  # at the picture, at half of it, a quarter, …: large faces are found in a small one


def find_boxes(
    network: keras.Model, image: keras.KerasTensor
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Find the faces of one picture, before overlapping boxes are removed.

    The network is run on five scales of an image pyramid: the picture, a half, a quarter and so on
    of its height and width, so that it sees every face at several sizes. A centre is a cell whose
    heat is above that of its neighbours.

    Args:
        network: what `build_network` makes, for any size.
        image: uint8 (1, height, width, 3), multiples of 32.

    Returns:
        boxes: float32 (200, 4): x, y, width, height in pixels, highest score first.
        scores: float32 (200,), 0–1; 0 where there are fewer boxes.
    """
    boxes, scores = [ops.zeros((MOST, 4))], [ops.zeros((MOST,))]
    picture = ops.cast(image, "float32")
    for look in range(SCALES):
        if look:
            picture = _fill_up(ops.average_pool(picture, 2, 2))
        found = _decode(network(picture), 2**look)
        boxes.append(found[0])
        scores.append(found[1])
    best, order = ops.top_k(ops.concatenate(scores), MOST)
    return ops.take(ops.concatenate(boxes), order, axis=0), best


def _decode(answer: keras.KerasTensor, scale: int) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Return the boxes of all cells, and their scores, 0 for those that are no centre."""
    heat = ops.sigmoid(answer[..., :1])
    peak = ops.cast(heat >= ops.max_pool(heat, 3, 1, padding="same"), "float32")
    distances = ops.exp(ops.clip(answer[0, ..., 1:], -4.0, 5.0))
    shape = ops.shape(answer)
    across = ops.cast(ops.arange(shape[2]), "float32")[None, :, None] + 0.5
    down = ops.cast(ops.arange(shape[1]), "float32")[:, None, None] + 0.5
    left, top, right, bottom = (distances[..., i : i + 1] for i in range(4))
    boxes = ops.concatenate([across - left, down - top, left + right, top + bottom], axis=-1)
    return STRIDE * scale * ops.reshape(boxes, (-1, 4)), ops.reshape(heat * peak, (-1,))


def _fill_up(picture: keras.KerasTensor) -> keras.KerasTensor:
    """Add black rows and columns up to multiples of 16."""
    height, width = ops.shape(picture)[1], ops.shape(picture)[2]
    picture = ops.concatenate([picture, ops.zeros((1, 16, width, 3))], axis=1)
    picture = picture[:, : (height + 15) // 16 * 16]
    height = ops.shape(picture)[1]
    picture = ops.concatenate([picture, ops.zeros((1, height, 16, 3))], axis=2)
    return picture[:, :, : (width + 15) // 16 * 16]

"""The network: strided plain convolutions down to a sixteenth, and back to an eighth."""

import keras
from keras import layers

from .targets import STRIDE

STEM, QUARTER, WIDTH = 16, 32, 48  # channels at a half, at a quarter and from an eighth on
CONTEXT = (1, 2)  # dilation of each further block at a sixteenth: a cell sees 330 pixels around
ADDED = "context"  # how the names of their layers begin
RARE = -4.6  # bias of the heat: a centre in a hundred cells, so that the first steps are calm


def build_network(side: int | None = None) -> keras.Model:
    """Build the network: uint8 RGB (n, height, width, 3) → float32 (n, ⌈h/8⌉, ⌈w/8⌉, 5).

    Plain convolutions throughout: on a CPU they train several times faster than depthwise ones of
    the same work. What an answer holds, `targets` says: the logit of the heat, then the logarithms
    of the four distances in cells.

    Args:
        side: of the pictures, multiples of 16; None for any size.
    """
    image = keras.Input((side, side, 3), dtype="uint8", name="image")
    # the first normalisation does the scaling; bfloat16 holds 0–255 exactly
    x = keras.ops.cast(image, keras.config.dtype_policy().compute_dtype)
    x = _convolve(x, STEM, 2)
    x = _convolve(x, QUARTER, 2)
    fine = _refine(_convolve(x, WIDTH, 2))
    coarse = _refine(_convolve(fine, WIDTH, 2))
    for number, dilation in enumerate(CONTEXT):
        coarse = _add_context(coarse, number, dilation)
    x = layers.Add()([fine, layers.UpSampling2D(2)(coarse)])
    x = _convolve(x, WIDTH)
    heat = layers.Conv2D(1, 1, bias_initializer=keras.initializers.Constant(RARE))(x)
    distances = layers.Conv2D(4, 1, bias_initializer=keras.initializers.Constant(1.0))(x)
    answer = layers.Concatenate(dtype="float32", name="answer")([heat, distances])
    return keras.Model(image, answer, name="faces")


def _convolve(x: keras.KerasTensor, channels: int, stride: int = 1) -> keras.KerasTensor:
    x = layers.Conv2D(channels, 3, stride, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization()(x))


def _refine(x: keras.KerasTensor) -> keras.KerasTensor:
    """Add a residual block (He et al. 2016, arXiv:1512.03385)."""
    y = layers.Conv2D(x.shape[-1], 3, padding="same", use_bias=False)(_convolve(x, x.shape[-1]))
    return layers.ReLU()(layers.Add()([x, layers.BatchNormalization()(y)]))


def _add_context(x: keras.KerasTensor, number: int, dilation: int) -> keras.KerasTensor:
    """Add a residual block that changes nothing until it has learned (Goyal et al. 2017)."""
    y = x
    for step, gamma in (("first", "ones"), ("last", "zeros")):
        name = f"{ADDED}{number}_{step}"
        convolution = layers.Conv2D(
            WIDTH, 3, padding="same", use_bias=False, dilation_rate=dilation, name=name
        )
        y = layers.BatchNormalization(gamma_initializer=gamma, name=f"{name}_norm")(convolution(y))
        y = layers.ReLU()(y) if step == "first" else y
    return layers.ReLU()(layers.Add()([x, y]))


@keras.saving.register_keras_serializable("fer_onnx")
class FaceLoss(keras.losses.Loss):
    """Penalise wrong heat and wrong boxes, for each face of the batch alike.

    Heat: the focal loss of Zhou et al. 2019 (arXiv:1904.07850), which forgives warm cells beside a
    centre. Boxes: 1 - intersection ÷ union (Yu et al. 2016, arXiv:1608.01471).
    """

    def __init__(self, box_share: float = 2.0, name: str = "face_loss") -> None:
        super().__init__(name=name, reduction="sum")
        self.box_share = box_share

    def call(self, y_true: keras.KerasTensor, y_pred: keras.KerasTensor) -> keras.KerasTensor:
        """Return the loss of a batch as one number."""
        ops = keras.ops
        heat, mask, weight = y_true[..., 0], y_true[..., 1], y_true[..., 6]
        logit = y_pred[..., 0]
        hot, cold = ops.log_sigmoid(logit), ops.log_sigmoid(-logit)
        centre = ops.cast(heat >= 1, "float32")
        found = centre * ops.exp(2 * cold) * hot
        refused = (1 - centre) * (1 - heat) ** 4 * ops.exp(2 * hot) * cold
        faces = ops.maximum(ops.sum(centre), 1.0)
        of_heat = -ops.sum(mask * (found + refused)) / faces

        true = y_true[..., 2:6]
        given = STRIDE * ops.exp(ops.clip(y_pred[..., 1:5], -4.0, 5.0))
        shared = ops.minimum(true, given)
        intersection = _area(shared)
        union = _area(true) + _area(given) - intersection
        of_boxes = ops.sum(weight * (1 - intersection / union)) / faces
        return of_heat + self.box_share * of_boxes

    def get_config(self) -> dict[str, object]:
        """Return what `__init__` takes."""
        return {"box_share": self.box_share, "name": self.name}


def _area(distances: keras.KerasTensor) -> keras.KerasTensor:
    left, top, right, bottom = (distances[..., i] for i in range(4))
    return (left + right) * (top + bottom)

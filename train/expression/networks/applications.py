"""Networks of keras.applications, whose ImageNet weights Keras downloads."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import keras
from keras import applications, layers

from fer_onnx.metadata import InputSpec
from train.errors import describe_cause

from ..start import ImageNet
from .heads import Heads, attach_heads, find_backbone, widen

SERVER = "https://storage.googleapis.com/tensorflow/keras-applications"
KERNELS = "weights_tf_dim_ordering_tf_kernels_notop.h5"
# what ResNet50 and VGG16 were trained on: the mean of ImageNet's blue, green and red taken off
CAFFE = (1.0, (-103.939, -116.779, -123.68))


class Application(NamedTuple):
    """What is known of a network of keras.applications.

    Attributes:
        build: Keras's function.
        least: side of the smallest picture that it takes.
        scaling: factor and offset of pixels (0–255), by which its weights were trained.
        file: its ImageNet weights without the last layer, on Keras's server.
        md5: of that file.
    """

    build: Callable[..., keras.Model]
    least: int
    scaling: tuple[float, float | tuple[float, ...]]
    file: str
    md5: str


APPLICATIONS = {
    "inceptionv3": Application(
        applications.InceptionV3,
        75,
        (1 / 127.5, -1.0),
        f"inception_v3/inception_v3_{KERNELS}",
        "bcbd6486424b2319ff4ef7d526e38f63",
    ),
    "resnet50": Application(
        applications.ResNet50,
        32,
        CAFFE,
        f"resnet/resnet50_{KERNELS}",
        "4d473c1dd8becc155b73f8504c6f6626",
    ),
    "vgg16": Application(
        applications.VGG16,
        32,
        CAFFE,
        f"vgg16/vgg16_{KERNELS}",
        "6d6bbae143d832006294945121d1f1fc",
    ),
}


def build_application(
    spec: InputSpec, heads: Heads, start: ImageNet | None = None, *, name: str
) -> keras.Model:
    """Build a network of keras.applications on grey faces, its own scaling inside.

    Args:
        spec: size and colour of the input; the network itself takes any size above its least.
        heads: labels of each head.
        start: weights from Keras's download, or from a local `.h5` or `.keras` file; None: random
            ones.
        name: "inceptionv3", "resnet50" or "vgg16".

    Returns:
        Model: uint8 (batch, height, width, 1) → {head: (batch, labels) probabilities}.

    Raises:
        ValueError: faces too small for it or not grey; weights that cannot be had or do not fit.
    """
    application = APPLICATIONS[name]
    if min(spec.height, spec.width) < application.least or spec.colour != "grey":
        raise ValueError(
            f"{name} reads grey faces of {application.least}×{application.least} pixels or more, "
            f"not {spec.colour} of {spec.width}×{spec.height}"
        )
    inputs = keras.Input((None, None, 1), name="image", dtype="uint8")
    factor, offset = application.scaling
    x = layers.Rescaling(factor, offset, name="scale")(widen(inputs))
    x = application.build(include_top=False, weights=None, input_tensor=x).output
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    model = attach_heads(inputs, layers.Dropout(0.2)(x), heads, name)
    if start:
        load_imagenet(model, start.file or download(application))
    return model


def download(application: Application) -> Path:
    """Have Keras fetch the ImageNet weights, once; it keeps them in its own cache.

    Raises:
        ValueError: the server cannot be reached.
    """
    url = f"{SERVER}/{application.file}"
    try:
        return Path(
            keras.utils.get_file(origin=url, cache_subdir="models", file_hash=application.md5)
        )
    except Exception as exc:  # Keras raises nothing more particular
        raise ValueError(
            f"no ImageNet weights: {url} cannot be reached; fetch it elsewhere and give it as "
            "--weights FILE"
        ) from exc


def load_imagenet(model: keras.Model, path: Path) -> None:
    """Put weights saved by Keras, those of the network without its last layer, into the backbone.

    Raises:
        ValueError: no such file, or another network's weights.
    """
    backbone = find_backbone(model)
    try:
        if path.suffix == ".keras":
            backbone.set_weights(keras.models.load_model(path).get_weights())
        else:
            backbone.load_weights(path)
    except Exception as exc:  # of another file, Keras and h5py raise what they please
        raise ValueError(
            f"{path}: not weights of {model.name} without its last layer ({describe_cause(exc)})"
        ) from exc

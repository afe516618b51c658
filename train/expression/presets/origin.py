"""The origin experiment, to the letter: happy or sad on faces enlarged to 244×244.

    python -m train fit origin --data KAGGLE_FOLDER --labels happy,sad --out runs/origin

Grey 48×48 faces, enlarged by nearest neighbour as Keras's folder loader did it; two convolutions
and a dense layer of 47.6 M weights; plain SGD, batch 32, 10 epochs, steps = samples // batch; the
best epoch on the validation part is kept.
"""

import keras

from fer_onnx.metadata import InputSpec

from ..networks import build_origin
from ..preset import Preset

PRESET = Preset(
    build=build_origin,
    input=InputSpec(244, 244, "grey", "nearest"),
    heads=("original",),
    stages=((244, 10),),
    optimizer=lambda steps: keras.optimizers.SGD(0.01),
    batch=32,
)

"""The network that ships: 0.88 M parameters, 79 MMAC, one backbone with two heads.

    python -m train fit compact --epochs 48 --data DATA --out runs/compact

One head learns the original labels, the other the votes of ten people (FER+); both see every face.
Small pictures first: 32, then 40, then 48 px. SGD with Nesterov momentum 0.9, warm-up over the
first twentieth, cosine to 0.1 %, decoupled weight decay, averaged weights (EMA), label smoothing,
and faces that are shifted, turned, relit and partly covered.

They took 68 minutes on two cores that did other work besides; PublicTest 67.8 % on original labels,
86.7 % on FER+, with a rate that ended at a tenth of its peak
(`python -m train evaluate checkpoints/compact-1.keras --split PublicTest`). Without --epochs there
are 102, not tried yet.
"""

import keras

from fer_onnx.metadata import InputSpec
from train.runs.schedules import warm_up_and_decay

from ..augment import Augmentation
from ..networks import build_residual
from ..preset import Preset


def make_optimizer(steps: int, peak: float = 0.1) -> keras.optimizers.Optimizer:
    """Make SGD with warm-up over the first twentieth of the steps and cosine decay."""
    # weight decay is decoupled in Keras: 5e-3 here is 5e-4 inside the gradient at momentum 0.9
    optimizer = keras.optimizers.SGD(
        warm_up_and_decay(steps, peak),
        momentum=0.9,
        nesterov=True,
        weight_decay=5e-3,
        use_ema=True,
        ema_momentum=0.998,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


PRESET = Preset(
    build=build_residual,
    input=InputSpec(48, 48),
    heads=("original", "ferplus"),
    stages=((32, 56), (40, 24), (48, 22)),
    optimizer=make_optimizer,
    augmentation=Augmentation(),
    label_smoothing=0.1,
)

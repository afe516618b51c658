"""The small network on a person's own few pictures, from random weights, beside `finetune-whole`.

    python -m train fit from-scratch --data FOLDER --out runs/scratch

As many epochs as `finetune-whole` has, all of them for the whole network, at Adam's usual rate.
"""

from dataclasses import replace

from train.runs.schedules import decay_adam

from ..networks import build_residual
from ..start import RANDOM
from .finetune_whole import PRESET as FINETUNE

PRESET = replace(
    FINETUNE,
    build=build_residual,
    stages=((48, FINETUNE.epochs),),
    optimizer=decay_adam,
    start=RANDOM,
    frozen=0,
    fixed_norms=False,
)

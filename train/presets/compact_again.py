"""`compact` once more, from its own weights and with its own answers in the targets.

    python -m train fit compact-again --init checkpoints/compact-1.keras \\
        --teacher checkpoints/compact-1.keras --nonfaces photos.zip --data DATA --out runs/compact-2

A warm restart (Loshchilov & Hutter 2017, arXiv:1608.03983) at a fifth of the first rate, taught by
the network that it starts from (Furlanello et al. 2018, arXiv:1805.04770).
"""

from dataclasses import replace
from functools import partial

from ..transfer import build_on_checkpoint
from .compact import PRESET as FIRST
from .compact import make_optimizer

PRESET = replace(
    FIRST,
    build=build_on_checkpoint,
    stages=((40, 6), (48, 10)),
    optimizer=partial(make_optimizer, rate=0.02),
    weights="",
    teacher_weight=0.5,
)

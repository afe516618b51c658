"""`compact` once more: a long schedule from its weights, with their answers in the targets.

    python -m train fit compact-again --init checkpoints/compact-2.keras \\
        --teacher checkpoints/compact-2.keras --teacher-weight 0.3 --nonfaces photos.zip \\
        --precision mixed_bfloat16 --data DATA --out runs/compact-3

A warm restart (Loshchilov & Hutter 2017, arXiv:1608.03983) at the first rate, taught by the network
that it starts from (Furlanello et al. 2018, arXiv:1805.04770). compact-2 came so from compact-1, at
a weight of 0.5, before faces in little light were part of the training.

The 91 epochs up to the best took 93 minutes on two cores with avx512_bf16 that did other work
besides; PublicTest 69.2 % on original labels, 88.3 % on FER+
(`python -m train compare checkpoints/compact-3.keras`).
"""

from dataclasses import replace

from ..start import REQUIRED
from ..transfer import build_on_checkpoint
from .compact import PRESET as FIRST

PRESET = replace(
    FIRST,
    build=build_on_checkpoint,
    stages=((32, 42), (40, 28), (48, 30)),
    start=REQUIRED,
    teacher_weight=0.5,
)

"""`compact` once more: a long schedule from its first weights, with their answers in the targets.

    python -m train fit compact-again --init checkpoints/compact-1.keras \\
        --teacher checkpoints/compact-1.keras --nonfaces photos.zip --precision mixed_bfloat16 \\
        --data DATA --out runs/compact-2

A warm restart (Loshchilov & Hutter 2017, arXiv:1608.03983) at the first rate, taught by the network
that it starts from (Furlanello et al. 2018, arXiv:1805.04770).

100 epochs took 109 minutes on two cores with avx512_bf16 that did other work besides; PublicTest
68.9 % on original labels, 88.2 % on FER+ (`python -m train compare checkpoints/compact.keras`).
"""

from dataclasses import replace

from ..transfer import build_on_checkpoint
from .compact import PRESET as FIRST

PRESET = replace(
    FIRST,
    build=build_on_checkpoint,
    stages=((32, 42), (40, 28), (48, 30)),
    weights="",
    teacher_weight=0.5,
)

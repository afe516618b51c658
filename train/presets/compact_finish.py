"""`compact-again` at its end: a low rate, faces changed less, the answers of several networks.

    python -m train fit compact-finish --init checkpoints/compact-3.keras \\
        --teacher checkpoints/compact-2.keras --teacher checkpoints/compact-3.keras \\
        --nonfaces photos.zip --precision mixed_bfloat16 --data DATA --out runs/compact-4

Strong changes train a network that holds up, and leave it tuned to faces that are moved, covered
and dark more often than real ones are; a few epochs with milder ones correct that (as Touvron et
al. 2019, arXiv:1906.06423, correct the size of things).

23 minutes on two cores with avx512_bf16; PublicTest 69.5 % on original labels, 88.4 % on FER+
(`python -m train compare checkpoints/compact.keras`).
"""

from dataclasses import replace
from functools import partial

from ..augment import Augmentation
from .compact import make_optimizer
from .compact_again import PRESET as AGAIN

PRESET = replace(
    AGAIN,
    stages=((48, 16),),
    optimizer=partial(make_optimizer, peak=0.02),
    augmentation=Augmentation(
        degrees=10,
        shift=3 / 48,
        log_scale=0.15,
        contrast=0.2,
        brightness=20,
        erase=0.2,
        coarse=0.15,
        grain=0.2,
    ),
)

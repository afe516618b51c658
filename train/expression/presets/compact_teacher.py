"""A wider `compact`, too large to ship, to teach the one that ships.

    python -m train widen checkpoints/compact-4.keras runs/wide.keras --widths 32,64,128,256
    python -m train fit compact-teacher --init runs/wide.keras \\
        --teacher checkpoints/compact-2.keras --teacher checkpoints/compact-3.keras \\
        --nonfaces photos.zip --precision mixed_bfloat16 --data DATA --out runs/teacher

2.24 M parameters, 202 MMAC, which start with all that the small network knows. The small one has
not learned its faces by heart, so here they are changed less and the targets are not smoothed.

63 minutes on two cores with avx512_bf16; PublicTest 69.3 % on original labels, 88.3 % on FER+: no
better than what it started from (`python -m train compare runs/teacher`; docs/experiments.md).
"""

from dataclasses import replace
from functools import partial

from ..augment import Augmentation
from .compact import make_optimizer
from .compact_again import PRESET as AGAIN

PRESET = replace(
    AGAIN,
    stages=((48, 24),),
    optimizer=partial(make_optimizer, peak=0.05),
    augmentation=Augmentation(
        degrees=12,
        shift=3 / 48,
        log_scale=0.2,
        contrast=0.3,
        erase=0.4,
        coarse=0.1,
        grain=0.1,
    ),
    label_smoothing=0.0,
    teacher_weight=0.3,
)

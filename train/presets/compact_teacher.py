"""A wider `compact`, too large to ship, whose answers teach the one that ships.

    python -m train widen checkpoints/compact.keras runs/wide.keras --widths 32,64,128,256
    python -m train fit compact-teacher --init runs/wide.keras \\
        --teacher checkpoints/compact-2.keras --teacher checkpoints/compact.keras \\
        --nonfaces photos.zip --precision mixed_bfloat16 --data DATA --out runs/teacher

2.24 M parameters, 202 MMAC, which start with all that the small network knows. That one is right on
73.6 % of the faces it was taught and on 69.2 % of others, so it is too small for what it is shown
rather than too large: here the faces are changed less and the targets are not smoothed.
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

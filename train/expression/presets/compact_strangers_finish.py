"""`compact-strangers` at its end: a low rate, and faces changed less.

python -m train fit compact-strangers-finish --init runs/strangers/best.keras \\
        --teacher checkpoints/compact-5.keras --also nhfi=nhfi.zip:test \\
        --also utkface=utkface.zip --also lfw=lfw_smiles.zip --nonfaces photos.zip \\
        --precision mixed_bfloat16 --data DATA --out runs/strangers-finish

48 minutes beside other work; PublicTest 68.6 % on original labels, 87.9 % on FER+, NHFI's part
`test` 63.8 % balanced (`python -m train compare checkpoints/strangers-1.keras`).
"""

from dataclasses import replace
from functools import partial

from ..augment import Augmentation
from .compact import make_optimizer
from .compact_strangers import PRESET as STRANGERS

PRESET = replace(
    STRANGERS,
    stages=((48, 9),),
    optimizer=partial(make_optimizer, peak=0.03),
    augmentation=Augmentation(
        degrees=10,
        shift=3 / 48,
        log_scale=0.15,
        contrast=0.25,
        brightness=20,
        erase=0.2,
        coarse=0.2,
        grain=0.2,
        shear=0.08,
        jpeg=0.2,
    ),
)

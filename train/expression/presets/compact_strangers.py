"""`compact` for strangers: posed, everyday and news faces beside FER2013's.

    python -m train fit compact-strangers --init checkpoints/compact-5.keras \\
        --teacher checkpoints/compact-5.keras --also nhfi=nhfi.zip:test \\
        --also utkface=utkface.zip --also lfw=lfw_smiles.zip --nonfaces photos.zip \\
        --precision mixed_bfloat16 --data DATA --out runs/strangers

A third head learns NHFI's labels, the expression that was meant. What version 5 is certain of in
everyday and news faces of all ages is the target of every head, so that age, skin and plain faces
are not mistaken for expression; all faces are compressed, sheared and taken from further away
alike, so that no head can know a source by its pixels.

Stopped after 7 of its 20 epochs, beside other work, 317 to 537 s each; `compact-strangers-finish`
went on from there. Result: docs/experiments.md, section 6.
"""

from dataclasses import replace
from functools import partial

from ..augment import Augmentation
from .compact import make_optimizer
from .compact_again import PRESET as AGAIN

PRESET = replace(
    AGAIN,
    stages=((48, 20),),
    optimizer=partial(make_optimizer, peak=0.05),
    augmentation=Augmentation(
        degrees=12,
        shift=4 / 48,
        log_scale=0.2,
        contrast=0.3,
        erase=0.3,
        coarse=0.3,
        grain=0.2,
        shear=0.1,
        jpeg=0.3,
    ),
    teacher_weight=0.0,  # the teacher answers for faces without labels alone
)

"""The whole network of a checkpoint taught a person's own labels; `finetune` fits a head alone.

    python -m train fit finetune-whole --init CHECKPOINT --data FOLDER --out runs/mine

FOLDER has a sub-folder of face pictures per label. The heads learn first, alone, from features
computed once; then the whole network at a lower rate, its batch normalisation as it was: few
pictures say little of means and variances. The batch shrinks until an epoch has 16 steps.

A hundred pictures of either label teach a network that knows neither to tell happy from sad in
82.9 % of the cases, 59.2 % from scratch (docs/experiments.md, section 4).
"""

from functools import partial

from fer_onnx.metadata import InputSpec
from train.runs.schedules import decay_adam

from ..augment import Augmentation
from ..preset import Preset
from ..start import REQUIRED
from ..transfer import build_on_checkpoint

PRESET = Preset(
    build=build_on_checkpoint,
    input=InputSpec(48, 48),
    heads=("original", "ferplus"),
    stages=((48, 35),),
    optimizer=partial(decay_adam, rate=3e-4),
    batch=64,
    augmentation=Augmentation(),
    label_smoothing=0.1,
    start=REQUIRED,
    frozen=5,
    fixed_norms=True,
    least_steps=16,
)

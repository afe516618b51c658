"""ResNet50 from ImageNet, on faces of 96 pixels: heads first, then all of it slowly.

    python -m train fit transfer-resnet50 --data DATA --out runs/resnet50

He et al. 2016, arXiv:1512.03385. `--weights FILE` where Keras cannot download its weights.
"""

from functools import partial

from ..networks import build_application
from ..transfer import make_transfer

PRESET = make_transfer(partial(build_application, name="resnet50"))

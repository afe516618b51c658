"""VGG16 from ImageNet, on faces of 96 pixels: heads first, then all of it slowly.

    python -m train fit transfer-vgg16 --data DATA --out runs/vgg16

Simonyan & Zisserman 2015, arXiv:1409.1556. `--weights FILE` where Keras cannot download them.
"""

from functools import partial

from ..networks import build_application
from ..transfer import make_transfer

PRESET = make_transfer(partial(build_application, name="vgg16"))

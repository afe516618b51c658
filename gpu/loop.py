"""Training against the clock: the rate follows the share of the time that is gone."""

import copy
import math
import time
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

WARM = 4  # steps that load kernels, and do not count
RISE, END = 0.05, 0.001  # share of the time in which the rate rises; of the peak, at the end
Losses = Callable[[Sequence[nn.Module]], list[Tensor]]


class Averaged:
    """A network whose weights are the moving average of another's."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.decay, self.steps = decay, 0

    @torch.no_grad()
    def follow(self, network: nn.Module) -> None:
        """Move towards a network that has made one more step."""
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        pairs = zip(self.network.state_dict().values(), network.state_dict().values(), strict=True)
        for mine, given in pairs:
            if mine.is_floating_point():
                mine.lerp_(given, 1 - decay)


def rate_at(progress: float) -> float:
    """Return the share of the peak rate at a share of the time: a rise, then half a cosine."""
    if progress < RISE:
        return progress / RISE
    return END + (1 - END) * (1 + math.cos(math.pi * (progress - RISE) / (1 - RISE))) / 2


def group_weights(network: nn.Module, decay: float) -> list[dict]:
    """Return a network's weights for an optimizer: norms and biases do not decay."""
    weights = list(network.parameters())
    return [
        {"params": [w for w in weights if w.ndim > 1], "weight_decay": decay},
        {"params": [w for w in weights if w.ndim <= 1], "weight_decay": 0.0},
    ]


def train(
    networks: Sequence[nn.Module],
    optimizers: Sequence[Optimizer],
    losses: Losses,
    seconds: float,
    decay: float,
) -> tuple[list[nn.Module], int]:
    """Train networks side by side on the same batches; return their averages, and the steps.

    Args:
        networks: what learns.
        optimizers: one for each, at its peak rate.
        losses: draws a batch, and returns the loss of each network on it.
        seconds: when to stop.
        decay: of the moving average of the weights, a step.
    """
    averages = [Averaged(network, decay) for network in networks]
    peaks = [optimizer.param_groups[0]["lr"] for optimizer in optimizers]
    begun = time.monotonic()
    end, step = begun + seconds, 0
    while step <= WARM or time.monotonic() < end:
        if step == WARM:
            begun = time.monotonic()
        gone = (time.monotonic() - begun) / max(end - begun, 1e-9) if step >= WARM else 0.0
        for peak, optimizer in zip(peaks, optimizers, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = peak * rate_at(min(max(gone, 0), 1))
        steps = zip(networks, optimizers, losses(networks), averages, strict=True)
        for network, optimizer, loss, average in steps:
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimizer.step()
            average.follow(network)
        step += 1
        if step % 8 == 0 and torch.cuda.is_available():
            torch.cuda.synchronize()  # or the clock runs ahead of the work
    return [average.network for average in averages], step

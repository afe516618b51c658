"""95 % confidence intervals of shares; none of them is a single point, however few the faces."""

from collections.abc import Sequence
from math import sqrt
from typing import TypeAlias

Interval: TypeAlias = tuple[float, float]  # low, high

CONFIDENCE = 0.95
Z = 1.959963984540054  # of the normal distribution, two-sided


def wilson_interval(hits: int, total: int) -> Interval:
    """Return the interval of a share, `hits` of `total` (Wilson 1927).

    Of nothing, nothing is known: 0 to 1.
    """
    if not total:
        return 0.0, 1.0
    share, spread = hits / total, Z * Z / total
    centre = (share + spread / 2) / (1 + spread)
    half = Z * sqrt(share * (1 - share) / total + Z * Z / (4 * total * total)) / (1 + spread)
    # at the ends of the scale the formula gives exactly 0 and 1, floats nearly
    low = 0.0 if hits == 0 else centre - half
    high = 1.0 if hits == total else centre + half
    return low, high


def mean_interval(counts: Sequence[tuple[int, int]]) -> Interval:
    """Return the interval of the mean of several shares, each of faces of its own.

    The distances from the shares to the ends of their Wilson intervals are added in squares
    (MOVER: Zou & Donner 2008, doi:10.1002/sim.3095). Shares of nothing are left out.

    Args:
        counts: (hits, total) of each share.

    Raises:
        ValueError: no share of anything.
    """
    counts = [(hits, total) for hits, total in counts if total]
    if not counts:
        raise ValueError("no share of anything")
    mean = below = above = 0.0
    for hits, total in counts:
        low, high = wilson_interval(hits, total)
        share = hits / total
        mean += share
        below += (share - low) ** 2
        above += (high - share) ** 2
    n = len(counts)
    return max(0.0, (mean - sqrt(below)) / n), min(1.0, (mean + sqrt(above)) / n)

"""How much two boxes share, and whether they are on the same face."""

from .crop import Box

MAX_OVERLAP = 0.5  # two boxes that share more (intersection ÷ union) are one face
MAX_INSIDE = 0.7  # and so are two of which more of the smaller lies in the other


def overlap(one: Box, other: Box) -> float:
    """Divide the intersection of two boxes (x, y, width, height) by their union."""
    shared = _intersect(one, other)
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


def is_same_face(one: Box, other: Box) -> bool:
    """Check whether two boxes (x, y, width, height) are on the same face."""
    inside = _intersect(one, other) / min(one[2] * one[3], other[2] * other[3])
    return overlap(one, other) > MAX_OVERLAP or inside > MAX_INSIDE


def contains_centre(one: Box, other: Box) -> bool:
    """Check whether the centre of the second box (x, y, width, height) lies in the first."""
    x, y = other[0] + other[2] / 2, other[1] + other[3] / 2
    return one[0] <= x < one[0] + one[2] and one[1] <= y < one[1] + one[3]


def _intersect(one: Box, other: Box) -> int:
    (x, y, width, height), (left, top, across, down) = one, other
    return max(0, min(x + width, left + across) - max(x, left)) * max(
        0, min(y + height, top + down) - max(y, top)
    )

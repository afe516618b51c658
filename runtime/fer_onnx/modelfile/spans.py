"""What is known of a tensor before its model runs: the spans of its sizes and small values.

A size is a span: the least and the greatest it can be, whatever picture and batch are asked about.
Small tensors of whole numbers, of which shapes are computed, have spans as values too (interval
arithmetic, Moore 1966). So the largest that a model can make of any tensor is known beforehand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

MOST_VALUES = 64  # of a tensor whose values are followed
LARGEST = 2**31 - 1  # of a value that was computed; beyond it int32 starts again from below
EXACT = 2**53  # of a value in the file; float64 holds the whole numbers up to here

Values: TypeAlias = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]  # least, greatest


class Span(NamedTuple):
    """The least and the greatest that a size can be."""

    low: int
    high: int


ONE = Span(1, 1)


@dataclass(frozen=True, slots=True)
class Tensor:
    """What is known of a tensor.

    Attributes:
        dims: the span of each axis.
        values: the least and the greatest of each value, arrays of the tensor's shape; None if
            they are not followed.
    """

    dims: tuple[Span, ...]
    values: Values | None = None

    @property
    def elements(self) -> int:
        """How many values it has at most."""
        return prod(dim.high for dim in self.dims)


def know(low: npt.ArrayLike, high: npt.ArrayLike, largest: float = LARGEST) -> Tensor:
    """Return a tensor by its values; where they are too many or too large, by its size alone."""
    least, most = np.asarray(low, np.float64), np.asarray(high, np.float64)
    dims = tuple(Span(size, size) for size in most.shape)
    small = most.size <= MOST_VALUES and max(np.abs([least, most]).max(initial=0), 0) <= largest
    return Tensor(dims, (least, most) if small else None)


def read_spans(tensor: Tensor) -> list[Span]:
    """Return the values of a tensor that says a shape; raise ValueError if they are not known."""
    if tensor.values is None:
        raise ValueError("its size does not follow from the size of the picture alone")
    low, high = (np.atleast_1d(array).ravel().tolist() for array in tensor.values)
    return [Span(int(least), int(most)) for least, most in zip(low, high, strict=True)]


def read_numbers(tensor: Tensor) -> list[int]:
    """Return the same where they must not depend on the picture at all."""
    spans = read_spans(tensor)
    if any(span.low != span.high for span in spans):
        raise ValueError("its size does not follow from the size of the picture alone")
    return [span.low for span in spans]


def find_axis(axis: int, rank: int) -> int:
    """Return an axis counted from 0; raise ValueError if there is none."""
    if not -rank <= axis < rank:
        raise ValueError(f"it has no axis {axis}")
    return axis % rank


def broadcast(tensors: Sequence[Tensor]) -> tuple[Span, ...]:
    """Return the axes of what is computed value by value of tensors."""
    rank = max((len(tensor.dims) for tensor in tensors), default=0)
    result = []
    for place in range(-rank, 0):
        dims = [tensor.dims[place] for tensor in tensors if len(tensor.dims) >= -place]
        several = [dim for dim in dims if dim != ONE] or dims
        result.append(Span(min(d.low for d in several), max(d.high for d in several)))
    return tuple(result)


def with_dims(tensor: Tensor, dims: Sequence[Span]) -> Tensor:
    """Return a tensor with other axes and, if it still has as many, the same values."""
    shape = tuple(dim.high for dim in dims)
    exact = all(dim.low == dim.high for dim in dims)
    if tensor.values is None or not exact or tensor.values[0].size != prod(shape):
        return Tensor(tuple(dims))
    low, high = tensor.values
    return Tensor(tuple(dims), (low.reshape(shape), high.reshape(shape)))


def add(one: Values, other: Values) -> Values:
    """Return the sum."""
    return one[0] + other[0], one[1] + other[1]


def subtract(one: Values, other: Values) -> Values:
    """Return the difference."""
    return one[0] - other[1], one[1] - other[0]


def multiply(one: Values, other: Values) -> Values:
    """Return the product."""
    corners = [a * b for a in one for b in other]
    return np.minimum.reduce(corners), np.maximum.reduce(corners)


def divide(one: Values, other: Values) -> Values:
    """Return the quotient, rounded to whole numbers one way or the other."""
    if not ((other[0] > 0) | (other[1] < 0)).all():  # by zero, perhaps
        unknown = np.full(np.broadcast(one[0], other[0]).shape, np.inf)
        return -unknown, unknown
    corners = [a / b for a in one for b in other]
    return np.floor(np.minimum.reduce(corners)), np.ceil(np.maximum.reduce(corners))


def take_least(*values: Values) -> Values:
    """Return the least of several."""
    lows, highs = zip(*values, strict=True)
    return _fold(np.minimum, lows), _fold(np.minimum, highs)


def take_greatest(*values: Values) -> Values:
    """Return the greatest of several."""
    lows, highs = zip(*values, strict=True)
    return _fold(np.maximum, lows), _fold(np.maximum, highs)


def compare(*values: Values) -> Values:
    """Return what is false or true."""
    shape = np.broadcast(*(low for low, _ in values)).shape
    return np.zeros(shape), np.ones(shape)


def choose(condition: Values, one: Values, other: Values) -> Values:
    """Return one or the other."""
    low, high = np.minimum(one[0], other[0]), np.maximum(one[1], other[1])
    shape = np.broadcast(condition[0], low).shape
    return np.broadcast_to(low, shape), np.broadcast_to(high, shape)


def _fold(function: np.ufunc, arrays: Sequence[npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    result = arrays[0]
    for array in arrays[1:]:
        result = function(result, array)
    return result

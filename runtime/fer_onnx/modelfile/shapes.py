"""What operators of ONNX make of the sizes of their inputs: value by value, and by their shapes.

Semantics: https://onnx.ai/onnx/operators/, opset 17. Each function takes the attributes and inputs
of an operator and returns its output; a ValueError of one line says that the size of the output
does not follow from that of the picture, or that the operator is not used as it may be.
"""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any, TypeAlias

import numpy as np

from .spans import (
    ONE,
    Span,
    Tensor,
    Values,
    broadcast,
    find_axis,
    know,
    read_numbers,
    read_spans,
    with_dims,
)

INT32, INT64 = 6, 7  # onnx.proto's TensorProto.DataType
INFER = Span(-1, -1)  # of Reshape: what is left

Attributes: TypeAlias = Mapping[str, Any]
Inputs: TypeAlias = Sequence[Tensor]
Rule: TypeAlias = Callable[[Attributes, Inputs], Tensor]


def each(compute: Callable[..., Values] | None = None) -> Rule:
    """Make the rule of an operator that works value by value.

    Args:
        compute: makes the least and the greatest result of those of the inputs; None where the
            operator's results say no shape.
    """

    def apply(attributes: Attributes, inputs: Inputs) -> Tensor:
        known = [tensor.values for tensor in inputs if tensor.values is not None]
        if compute and len(known) == len(inputs):
            return know(*compute(*known))
        return Tensor(broadcast(inputs))

    return apply


def same(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return a tensor of the size of the first input."""
    return Tensor(inputs[0].dims)


def identity(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return the input."""
    return inputs[0]


def constant(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return what an attribute holds."""
    if "value" in attributes:
        held: Tensor = attributes["value"]
        return held
    whole = attributes.get("value_ints", attributes.get("value_int"))
    return Tensor(()) if whole is None else know(whole, whole)


def cast(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return the input; whole numbers stay what they are."""
    tensor = inputs[0]  # float32 rounds, and bytes begin again from 0: those are not followed
    if tensor.values is None or attributes.get("to") not in (INT32, INT64):
        return Tensor(tensor.dims)
    return know(*tensor.values)


def reshape(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return the input in the shape that the second input says."""
    tensor, dims = inputs[0], read_spans(inputs[1])
    for place, dim in enumerate(dims):
        if dim == (0, 0) and place < len(tensor.dims):
            dims[place] = tensor.dims[place]
        elif dim.low == 0 and place < len(tensor.dims):  # 0 would mean the same size as before
            dims[place] = Span(0, max(dim.high, tensor.dims[place].high))
        elif dim.low < 0 and dim != INFER:
            raise ValueError("its size does not follow from the size of the picture alone")
    others = [dim for dim in dims if dim != INFER]
    if len(others) < len(dims):
        if len(others) < len(dims) - 1:
            raise ValueError("its size is left open twice")
        low = prod(dim.low for dim in tensor.dims) // max(prod(dim.high for dim in others), 1)
        high = tensor.elements // prod(max(dim.low, 1) for dim in others)
        dims[dims.index(INFER)] = Span(low, high)
    return with_dims(tensor, dims)


def transpose(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return the input with its axes in another order."""
    tensor = inputs[0]
    order = list(attributes.get("perm", range(len(tensor.dims))[::-1]))
    if sorted(order) != list(range(len(tensor.dims))):
        raise ValueError("it does not name every axis once")
    if tensor.values is not None:
        low, high = tensor.values
        return know(low.transpose(order), high.transpose(order))
    return Tensor(tuple(tensor.dims[axis] for axis in order))


def squeeze(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return the input without axes of one."""
    tensor = inputs[0]
    gone = {find_axis(axis, len(tensor.dims)) for axis in read_numbers(inputs[1])}
    return with_dims(tensor, [dim for i, dim in enumerate(tensor.dims) if i not in gone])


def unsqueeze(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return the input with new axes of one."""
    tensor, new = inputs[0], read_numbers(inputs[1])
    rank = len(tensor.dims) + len(new)
    places, dims = {find_axis(axis, rank) for axis in new}, iter(tensor.dims)
    if len(places) < len(new):
        raise ValueError("it names an axis twice")
    return with_dims(tensor, [ONE if i in places else next(dims) for i in range(rank)])


def flatten(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return the input as a matrix."""
    dims, axis = inputs[0].dims, attributes.get("axis", 1)
    axis = axis if axis == len(dims) else find_axis(axis, len(dims))
    parts = (dims[:axis], dims[axis:])
    return Tensor(tuple(Span(prod(d.low for d in p), prod(d.high for d in p)) for p in parts))


def concatenate(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return the inputs joined along an axis."""
    rank = len(inputs[0].dims)
    axis = find_axis(attributes.get("axis", 0), rank)
    if {len(tensor.dims) for tensor in inputs} != {rank}:
        raise ValueError("it joins tensors of different ranks")
    known = [tensor.values for tensor in inputs if tensor.values is not None]
    if len(known) == len(inputs):
        lows, highs = zip(*known, strict=True)
        return know(np.concatenate(lows, axis), np.concatenate(highs, axis))
    columns = list(zip(*(tensor.dims for tensor in inputs), strict=True))
    dims = [Span(min(d.low for d in c), max(d.high for d in c)) for c in columns]
    dims[axis] = Span(sum(d.low for d in columns[axis]), sum(d.high for d in columns[axis]))
    return Tensor(tuple(dims))


def take_slice(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return a part of the input."""
    tensor, starts, ends, *rest = inputs
    rank = len(tensor.dims)
    count = starts.elements
    axes = [find_axis(a, rank) for a in read_numbers(rest[0])] if rest else list(range(count))
    steps = read_numbers(rest[1]) if len(rest) > 1 else [1] * count
    if not len(axes) == len(steps) == count <= rank or 0 in steps:
        raise ValueError("it does not say for every axis where it starts, ends and steps")
    whole = tuple(
        Span(0, dim.high) if axis in axes else dim for axis, dim in enumerate(tensor.dims)
    )
    if tensor.values is None or None in (starts.values, ends.values):
        return Tensor(whole)  # no slice is longer than what it is taken from
    index = [slice(None)] * rank
    for axis, start, end, step in zip(
        axes, read_numbers(starts), read_numbers(ends), steps, strict=True
    ):
        size = tensor.dims[axis].high
        index[axis] = slice(start, None if step < 0 and end < -size else end, step)
    low, high = tensor.values
    return know(low[tuple(index)], high[tuple(index)])


def gather(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return what the second input picks of the first."""
    tensor, indices = inputs
    axis = find_axis(attributes.get("axis", 0), len(tensor.dims))
    if tensor.values is not None and indices.values is not None:
        places = np.reshape(read_numbers(indices), [dim.high for dim in indices.dims])
        size = tensor.dims[axis].high
        if not ((-size <= places) & (places < size)).all():
            raise ValueError("it takes what lies outside")
        low, high = (array.take(places.astype(int), axis) for array in tensor.values)
        return know(low, high)
    return Tensor((*tensor.dims[:axis], *indices.dims, *tensor.dims[axis + 1 :]))


def tell_shape(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return the size of the input as values."""
    dims = inputs[0].dims
    return know([dim.low for dim in dims], [dim.high for dim in dims])


def expand(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return the input broadcast to a shape."""
    return Tensor(broadcast([inputs[0], Tensor(_sizes(inputs[1]))]))


def tile(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return the input repeated."""
    dims, times = inputs[0].dims, _sizes(inputs[1])
    pairs = zip(dims, times, strict=True)
    return Tensor(tuple(Span(dim.low * n.low, dim.high * n.high) for dim, n in pairs))


def fill(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return a tensor of the shape that the input says."""
    return Tensor(_sizes(inputs[0]))


def count_up(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return the numbers of a range."""
    start, limit, step = (read_spans(tensor)[0] for tensor in inputs)
    if step.low < 1:
        raise ValueError("it does not count upwards")
    return Tensor((Span(0, max(0, -(-(limit.high - start.low) // step.low))),))


def pad(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return the input with a border."""
    dims, pads = inputs[0].dims, _sizes(inputs[1])
    before, after = pads[: len(dims)], pads[len(dims) :]
    rows = zip(dims, before, after, strict=True)
    return Tensor(tuple(Span(d.low + a.low + b.low, d.high + a.high + b.high) for d, a, b in rows))


def take_top(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return the greatest values along an axis."""
    dims = list(inputs[0].dims)
    (count,) = _sizes(inputs[1])
    dims[find_axis(attributes.get("axis", -1), len(dims))] = count
    return Tensor(tuple(dims))


def _sizes(tensor: Tensor) -> tuple[Span, ...]:
    """Read spans of which none may be below 0."""
    spans = read_spans(tensor)
    if any(span.high < 0 for span in spans):
        raise ValueError("its size is negative")
    return tuple(Span(max(span.low, 0), span.high) for span in spans)

"""What the layers of a network make of the sizes of their inputs, as `shapes` does.

A picture is (n, channels, height, width), a kernel (outputs, channels, height, width).
"""

from collections.abc import Sequence

from .shapes import Attributes, Inputs
from .spans import ONE, Span, Tensor, broadcast, find_axis


def convolve(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return what a convolution of (n, channels, …) by (channels, …) makes."""
    picture, weights = inputs[:2]
    kernel = [dim.high for dim in weights.dims[2:]]
    return Tensor((picture.dims[0], weights.dims[0], *_slide(attributes, picture, kernel)))


def pool(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return what a pool over a window makes."""
    sizes = _slide(attributes, inputs[0], attributes.get("kernel_shape", []))
    return Tensor((*inputs[0].dims[:2], *sizes))


def pool_globally(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return what a pool over everything makes."""
    dims = inputs[0].dims
    return Tensor((*dims[:2], *[ONE] * (len(dims) - 2)))


def reduce(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return what is left of axes that are reduced."""
    dims = inputs[0].dims
    axes = {find_axis(axis, len(dims)) for axis in attributes.get("axes", range(len(dims)))}
    kept = [ONE if i in axes else dim for i, dim in enumerate(dims)]
    if not attributes.get("keepdims", 1):
        kept = [dim for i, dim in enumerate(dims) if i not in axes]
    return Tensor(tuple(kept))


def multiply_matrices(attributes: Attributes, inputs: Inputs) -> Tensor:
    """Return a product of matrices, or of several."""
    one, other = (tensor.dims for tensor in inputs[:2])
    if min(len(one), len(other)) < 2:
        raise ValueError("it multiplies what are no matrices")
    if attributes.get("transA"):
        one = one[::-1]
    if attributes.get("transB"):
        other = other[::-1]
    return Tensor((*broadcast([Tensor(one[:-2]), Tensor(other[:-2])]), one[-2], other[-1]))


def _slide(attributes: Attributes, picture: Tensor, kernel: Sequence[int]) -> list[Span]:
    """Return the spans of height and width after a kernel has gone over a picture."""
    axes = len(kernel)
    strides = attributes.get("strides", [1] * axes)
    dilations = attributes.get("dilations", [1] * axes)
    pads = attributes.get("pads", [0] * 2 * axes)
    if (
        len(picture.dims) != axes + 2
        or (len(strides), len(dilations), len(pads)) != (axes, axes, 2 * axes)
        or min([1, *kernel, *strides, *dilations]) < 1
        or min([0, *pads]) < 0
    ):
        raise ValueError("its kernel, strides or pads are not usable")
    if attributes.get("auto_pad", b"NOTSET") in (b"SAME_UPPER", b"SAME_LOWER"):
        reaches = [1] * axes
    else:
        reaches = [
            dilations[i] * (kernel[i] - 1) + 1 - pads[i] - pads[axes + i] for i in range(axes)
        ]
    return [
        Span(*(max(0, (size - reach) // stride + 1) for size in dim))
        for dim, reach, stride in zip(picture.dims[2:], reaches, strides, strict=True)
    ]

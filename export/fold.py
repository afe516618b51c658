"""Scaling of the picture, folded into the first convolution: one pass over the pixels less."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

LAYOUT = ("Reshape", "Transpose")  # from channels last to channels first


def fold_scaling(graph: onnx.ModelProto) -> None:
    """Fold `x · factor + offset` before the first convolution into its weights and bias, in place.

    The convolution then reads the picture's own 0–255. Where it pads with zero, which was
    mid-grey, the picture is padded with that grey instead, so that answers stay the same. A graph
    that starts otherwise is left as it is.
    """
    nodes = graph.graph.node
    constants = {tensor.name: tensor for tensor in graph.graph.initializer}
    if [node.op_type for node in nodes[:3]] != ["Cast", "Mul", "Add"]:
        return
    cast, mul, add, layout, conv = nodes[:5]
    attributes = {a.name: helper.get_attribute_value(a) for a in conv.attribute}
    if (
        layout.op_type not in LAYOUT
        or conv.op_type != "Conv"
        or attributes.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID")
        or not {mul.input[1], add.input[1], *conv.input[1:]} <= constants.keys()
    ):
        return
    factor, offset, kernel, *bias = (
        numpy_helper.to_array(constants[name]).astype(np.float64)
        for name in (mul.input[1], add.input[1], *conv.input[1:])
    )
    if factor.size != 1 or offset.size != 1:
        return
    values = {
        "picture_kernel": kernel * factor,
        "picture_bias": sum(bias) + offset * kernel.sum(axis=(1, 2, 3)),
    }
    _add(graph, values)
    for name in (mul.input[1], add.input[1], *conv.input[1:]):
        graph.graph.initializer.remove(constants[name])
    conv.input[1:] = values
    layout.input[0] = cast.output[0]
    pads = attributes.get("pads", [0] * 4)
    if any(pads):
        _pad(graph, pads, float((-offset / factor).item()))
    for node in (mul, add):
        nodes.remove(node)


def _pad(graph: onnx.ModelProto, pads: list[int], grey: float) -> None:
    """Pad what the first convolution reads with a grey, and let it pad no more."""
    place, conv = next((i, n) for i, n in enumerate(graph.graph.node) if n.op_type == "Conv")
    rows, columns = pads[: len(pads) // 2], pads[len(pads) // 2 :]
    values = {
        "picture_pads": np.array([0, 0, *rows, 0, 0, *columns]),
        "picture_grey": np.array(grey),
    }
    _add(graph, values)
    node = helper.make_node("Pad", [conv.input[0], *values], ["padded"], name="pad_picture")
    conv.input[0] = "padded"
    next(a for a in conv.attribute if a.name == "pads").ints[:] = [0] * len(pads)
    graph.graph.node.insert(place, node)


def _add(graph: onnx.ModelProto, values: Mapping[str, npt.NDArray[Any]]) -> None:
    for name, value in values.items():
        kind = np.int64 if value.dtype.kind == "i" else np.float32
        graph.graph.initializer.append(numpy_helper.from_array(value.astype(kind), name))

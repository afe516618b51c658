"""The operators that a model file may use: what `python -m export` makes, and no other.

docs/model-file.md has the reasons. An operator is allowed if its work and the size of its result
follow from the sizes of its inputs and from whole numbers in the file, so that they are known
before the model runs. None calls another graph, reads a file, or repeats until something happens.
"""

from collections.abc import Callable
from math import prod
from typing import NamedTuple

from . import layers, shapes, spans
from .shapes import Attributes, Inputs, Rule, each
from .spans import Tensor

DOMAINS = ("", "ai.onnx")  # two names of ONNX's own operators
OPSET = 17  # of theirs, and of what `python -m export` makes
MANY = 64  # inputs


class Operator(NamedTuple):
    """An operator that is allowed.

    Attributes:
        rule: makes its output of its attributes and inputs.
        inputs: how many it has, least and most.
        attributes: names of those that it may have, in one text.
        work: counts its multiply-adds, or what takes as long, of attributes, inputs and output.
        outputs: how many it has at most; all are of one size.
    """

    rule: Rule
    inputs: tuple[int, int] = (1, 1)
    attributes: str = ""
    work: Callable[[Attributes, Inputs, Tensor], int] = lambda _, inputs, output: output.elements
    outputs: int = 1


def _count_kernel(attributes: Attributes, inputs: Inputs, output: Tensor) -> int:
    return output.elements * prod(dim.high for dim in inputs[1].dims[1:])


def _count_window(attributes: Attributes, inputs: Inputs, output: Tensor) -> int:
    return output.elements * prod(attributes.get("kernel_shape", ()))


def _count_rows(attributes: Attributes, inputs: Inputs, output: Tensor) -> int:
    return output.elements * inputs[0].dims[-2 if attributes.get("transA") else -1].high


def _count_input(attributes: Attributes, inputs: Inputs, output: Tensor) -> int:
    return inputs[0].elements


WINDOW = "auto_pad kernel_shape pads strides"
ONE_BY_ONE = Operator(each())
TWO = Operator(each(), (2, 2))
COMPARISON = Operator(each(spans.compare), (2, 2))
GLOBAL = Operator(layers.pool_globally, work=_count_input)
REDUCTION = Operator(layers.reduce, (1, 1), "axes keepdims", work=_count_input)

OPERATORS = {
    # the layers of a network
    "Conv": Operator(
        layers.convolve, (2, 3), "auto_pad dilations group kernel_shape pads strides", _count_kernel
    ),
    "MatMul": Operator(layers.multiply_matrices, (2, 2), work=_count_rows),
    "Gemm": Operator(layers.multiply_matrices, (2, 3), "alpha beta transA transB", _count_rows),
    "MaxPool": Operator(layers.pool, (1, 1), WINDOW, _count_window),
    "AveragePool": Operator(layers.pool, (1, 1), f"{WINDOW} count_include_pad", _count_window),
    "GlobalAveragePool": GLOBAL,
    "GlobalMaxPool": GLOBAL,
    "ReduceMean": REDUCTION,
    "ReduceMax": REDUCTION,
    "BatchNormalization": Operator(shapes.same, (5, 5), "epsilon momentum"),
    "QuantizeLinear": Operator(shapes.same, (2, 3), "axis"),
    "DequantizeLinear": Operator(shapes.same, (2, 3), "axis"),
    # activations
    "Relu": ONE_BY_ONE,
    "LeakyRelu": Operator(each(), attributes="alpha"),
    "PRelu": TWO,
    "Elu": Operator(each(), attributes="alpha"),
    "Clip": Operator(shapes.same, (1, 3)),
    "Sigmoid": ONE_BY_ONE,
    "HardSigmoid": Operator(each(), attributes="alpha beta"),
    "HardSwish": ONE_BY_ONE,
    "Tanh": ONE_BY_ONE,
    "Softplus": ONE_BY_ONE,
    "Erf": ONE_BY_ONE,
    "Exp": ONE_BY_ONE,
    "Softmax": Operator(shapes.same, attributes="axis"),
    # arithmetic
    "Add": Operator(each(spans.add), (2, 2)),
    "Sub": Operator(each(spans.subtract), (2, 2)),
    "Mul": Operator(each(spans.multiply), (2, 2)),
    "Div": Operator(each(spans.divide), (2, 2)),
    "Min": Operator(each(spans.take_least), (1, MANY)),
    "Max": Operator(each(spans.take_greatest), (1, MANY)),
    "Pow": TWO,
    "Sqrt": ONE_BY_ONE,
    "Reciprocal": ONE_BY_ONE,
    "Neg": ONE_BY_ONE,
    # what the detector chooses its boxes by
    "And": COMPARISON,
    "Not": Operator(each(spans.compare)),
    "Equal": COMPARISON,
    "Less": COMPARISON,
    "GreaterOrEqual": COMPARISON,
    "Where": Operator(each(spans.choose), (3, 3)),
    "TopK": Operator(shapes.take_top, (2, 2), "axis largest sorted", _count_input, outputs=2),
    # shapes and places
    "Identity": Operator(shapes.identity),
    "Cast": Operator(shapes.cast, attributes="to"),
    "Shape": Operator(shapes.tell_shape),
    "Reshape": Operator(shapes.reshape, (2, 2)),
    "Flatten": Operator(shapes.flatten, attributes="axis"),
    "Transpose": Operator(shapes.transpose, attributes="perm"),
    "Squeeze": Operator(shapes.squeeze, (2, 2)),
    "Unsqueeze": Operator(shapes.unsqueeze, (2, 2)),
    "Concat": Operator(shapes.concatenate, (1, MANY), "axis"),
    "Slice": Operator(shapes.take_slice, (3, 5)),
    "Gather": Operator(shapes.gather, (2, 2), "axis"),
    "Expand": Operator(shapes.expand, (2, 2)),
    "Tile": Operator(shapes.tile, (2, 2)),
    "Pad": Operator(shapes.pad, (2, 3), "mode"),
    "Range": Operator(shapes.count_up, (3, 3)),
    "Constant": Operator(shapes.constant, (0, 0), "value value_int value_ints value_float"),
    "ConstantOfShape": Operator(shapes.fill, attributes="value"),
}

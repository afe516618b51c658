"""The operators that the runtime allows are those that exports have.

What each network becomes was recorded by converting it with random weights, grey and RGB, float32
and int8; the two that take seconds are converted here, others where they are trained and exported
(`test_transfer`, `test_whole_path`): no file is written that the runtime refuses.
"""

from functools import partial

import onnx
import pytest

from export.calibration import leave
from export.graph import build_release, convert, read_head
from fer_onnx.metadata import InputSpec
from fer_onnx.modelfile import MODELS
from fer_onnx.modelfile.bounds import choose_batch
from fer_onnx.modelfile.guard import check_model
from fer_onnx.modelfile.operators import OPERATORS, OPSET
from train.expression.networks import build_origin, build_residual
from train.expression.presets import load_preset, preset_names
from train.expression.transfer import build_on_checkpoint

INT8 = "DequantizeLinear QuantizeLinear"
BASE = f"Cast Concat Conv GlobalAveragePool Pad Relu Reshape Softmax Squeeze Transpose {INT8}"
RECORDED = {
    "build_residual": f"{BASE} Add",
    "build_origin": f"{BASE} Gather LeakyRelu MatMul MaxPool Mul Shape Slice",
    "build_efficientnet_lite0": f"{BASE} Add Clip Mul",
    "inceptionv3": f"{BASE} Add AveragePool MaxPool Mul",
    "resnet50": f"{BASE} Add MaxPool Mul",
    "vgg16": f"{BASE} Add MaxPool Mul",
}
LABELS = ("awake", "tired")
HEADS = {"original": LABELS}


def list_operators(model: onnx.ModelProto) -> set[str]:
    return {node.op_type for node in model.graph.node}


@pytest.mark.parametrize("network", RECORDED)
def test_what_a_network_becomes_is_allowed(network):
    assert set(RECORDED[network].split()) <= OPERATORS.keys()


@pytest.mark.parametrize("name", preset_names())
def test_the_network_of_every_preset_was_recorded(name):
    build = load_preset(name).build
    if build is not build_on_checkpoint:  # whose network is that of another preset
        network = build.keywords["name"] if isinstance(build, partial) else build.__name__
        assert network in RECORDED


@pytest.mark.parametrize(
    ("build", "spec"),
    [
        (build_residual, InputSpec(48, 48)),
        (build_residual, InputSpec(32, 40, "rgb")),
        (build_origin, InputSpec(32, 32, "grey", "nearest")),
        (build_origin, InputSpec(24, 32, "rgb")),
    ],
)
def test_a_network_becomes_what_was_recorded_and_passes(build, spec):
    model = build(spec, HEADS)
    head = read_head(model, "original", [0, 1], leave(len(LABELS)))
    graph = convert(build_release(model, spec, "original", head), spec)
    assert list_operators(graph) <= set(RECORDED[build.__name__].split())
    contents = check_model(graph.SerializeToString(), "model")
    assert choose_batch(contents, "model") == 32


@pytest.mark.parametrize("path", sorted(MODELS.glob("*.onnx")), ids=lambda path: path.stem)
def test_the_shipped_files_pass_by_another_reader_too(path):
    model = onnx.load(path)
    contents = check_model(path.read_bytes(), path.stem)
    assert [node.kind for node in contents.nodes] == [node.op_type for node in model.graph.node]
    assert contents.constants.keys() == {tensor.name for tensor in model.graph.initializer}
    for tensor in model.graph.initializer:
        assert [dim.high for dim in contents.constants[tensor.name].dims] == list(tensor.dims)
    assert [opset.version for opset in model.opset_import if not opset.domain] == [OPSET]

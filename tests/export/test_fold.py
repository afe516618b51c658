"""The picture's scaling goes into the first convolution, and no answer changes."""

import keras
import numpy as np
import onnx
import pytest
from keras import layers

from export.calibration import leave
from export.fold import fold_scaling
from export.graph import build_release, convert, read_head
from export.parity import TOLERANCE, answer, random_faces
from fer_onnx.metadata import InputSpec
from train.expression.networks import build_residual

LABELS = ("awake", "tired")


def make_graph(model, spec):
    head = read_head(model, "original", [0, 1], leave(2))
    return convert(build_release(model, spec, "original", head), spec)


@pytest.mark.parametrize("colour", ["grey", "rgb"])
def test_the_shipped_network_reads_the_pictures_own_bytes(colour):
    spec = InputSpec(32, 40, colour)
    model = build_residual(spec, {"original": LABELS}, widths=(4, 8), blocks=(1,))
    graph = make_graph(model, spec)
    kinds = [node.op_type for node in graph.graph.node]
    assert kinds[0] == "Cast"
    assert kinds.index("Pad") < kinds.index("Conv")
    assert "Mul" not in kinds
    faces = random_faces(spec, 8)
    expected = model.predict(faces, verbose=0)["original"]
    np.testing.assert_allclose(answer(graph.SerializeToString(), faces), expected, atol=TOLERANCE)


def test_folding_once_more_changes_nothing():
    spec = InputSpec(32, 32)
    graph = make_graph(build_residual(spec, {"original": LABELS}, (4, 8), (1,)), spec)
    before = graph.SerializeToString(deterministic=True)
    fold_scaling(graph)
    assert graph.SerializeToString(deterministic=True) == before


def test_a_network_that_starts_otherwise_is_left_alone():
    spec = InputSpec(32, 32)
    inputs = keras.Input((32, 32, 1), dtype="uint8")
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Dense(4)(layers.Flatten()(x))
    outputs = layers.Dense(2, activation="softmax", name="original")(x)
    model = keras.Model(inputs, {"original": outputs})
    graph = make_graph(model, spec)
    faces = random_faces(spec, 4)
    expected = model.predict(faces, verbose=0)["original"]
    np.testing.assert_allclose(answer(graph.SerializeToString(), faces), expected, atol=TOLERANCE)
    assert not any(node.op_type == "Pad" for node in graph.graph.node)
    onnx.checker.check_model(graph)

"""The ONNX file answers as Keras does: the same array through both graphs."""

import hashlib

import keras
import numpy as np
import onnxruntime as ort
import pytest

import fer_onnx
from export.calibration import Calibration, leave
from export.graph import build_release, convert, read_head
from export.parity import TOLERANCE, ParityError, compare
from fer_onnx.metadata import InputSpec
from fer_onnx.modelfile import bundled_models
from train.data.faceset import LABELS
from train.data.targets import head_of
from train.expression.networks import build_origin, build_residual
from train.runs.checkpoint import read_checkpoint

ORIGIN = InputSpec(60, 60, "grey", "nearest")  # at its own size: test_whole_path
COLOUR = InputSpec(40, 56, "rgb")
INT8_TOLERANCE = 0.1  # on noise; on faces the exporter's gate asks for the same labels


def shake(model: keras.Model) -> keras.Model:
    """Set biases and batch statistics to values of their own; kernels are random already."""
    rng = np.random.default_rng(5)
    for weight in model.weights:
        if len(weight.shape) == 1:
            value = weight.numpy()
            noise = rng.normal(0, 0.1, value.shape).astype(np.float32)
            weight.assign(np.abs(value + noise) if "variance" in weight.path else value + noise)
    return model


def run_onnx(graph, faces):
    session = ort.InferenceSession(graph.SerializeToString())
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {"image": faces}), strict=True))


@pytest.fixture(
    scope="module",
    params=[
        (build_origin, ORIGIN, ("happy", "sad")),
        (build_residual, InputSpec(48, 48), LABELS),
        (build_residual, COLOUR, ("awake", "tired", "asleep")),
    ],
    ids=["origin", "compact", "colour"],
)
def shaken(request):
    """An architecture with random weights, its ONNX graph, and what it reads."""
    build, spec, labels = request.param
    model = shake(build(spec, {"original": labels}))
    head = read_head(model, "original", list(range(len(labels))), leave(len(labels)))
    return model, convert(build_release(model, spec, "original", head), spec), spec


@pytest.mark.parametrize("batch", [1, 3, 6])
def test_graphs_of_random_weights_agree(shaken, batch, faces):
    model, graph, spec = shaken
    asked = faces(spec, batch)
    expected = model.predict(asked, verbose=0)["original"]
    given = run_onnx(graph, asked)
    assert given["probabilities"].shape == expected.shape
    np.testing.assert_allclose(given["probabilities"], expected, atol=TOLERANCE)
    assert ("evidence" in given) == (model.name == "residual")


@pytest.mark.parametrize("batch", [1, 3, 6])
@pytest.mark.parametrize("name", bundled_models())
def test_every_shipped_model_agrees_with_its_checkpoint(name, batch, root, faces):
    model = fer_onnx.load(name)
    checkpoints = {
        hashlib.sha256(path.read_bytes()).hexdigest(): path
        for path in (root / "checkpoints").glob("*.keras")
    }
    assert model.info.checkpoint_sha256 in checkpoints
    checkpoint, record = read_checkpoint(checkpoints[model.info.checkpoint_sha256])
    several = "," in model.info.label_set
    head = "mixed" if several else head_of(model.info.label_set)
    columns = [record.heads[head].index(label) for label in model.labels]
    asked = faces(model.info.input, batch)
    expected = checkpoint.predict(asked, verbose=0)[head][:, columns]
    prior = np.array([model.info.prior_removed.get(label, 0) for label in model.labels])
    expected = Calibration(0, prior, model.info.temperature, 0).apply(expected)
    tolerance = TOLERANCE if model.info.precision == "float32" else INT8_TOLERANCE
    np.testing.assert_allclose(model.run(asked), expected, atol=tolerance)


def test_all_models_of_the_contract_are_shipped():
    precisions = {name: fer_onnx.load(name).info.precision for name in bundled_models()}
    assert precisions == {
        "emotions": "int8",
        "emotions-fer2013": "int8",
        "emotions-ferplus": "int8",
        "emotions-fp32": "float32",
        "happy-sad": "int8",
    }


def test_a_subset_of_labels_a_prior_and_a_temperature_are_folded_into_the_graph(faces):
    spec = InputSpec(48, 48)
    model = shake(build_residual(spec, {"original": LABELS}, widths=(4, 8), blocks=(1,)))
    head = read_head(model, "original", [3, 4], Calibration(1, np.log([0.8, 0.2]), 0.5, 0))
    graph = convert(build_release(model, spec, "original", head), spec)
    asked = faces(spec, 5)
    pair = model.predict(asked, verbose=0)["original"][:, [3, 4]].astype(np.float64)
    expected = (pair / [0.8, 0.2]) ** 2
    expected /= expected.sum(axis=1, keepdims=True)
    given = run_onnx(graph, asked)
    np.testing.assert_allclose(given["probabilities"], expected, atol=TOLERANCE)
    logits = given["evidence"].mean(axis=(2, 3))
    again = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(again, given["probabilities"], atol=TOLERANCE)


def test_a_graph_of_other_weights_is_refused(faces):
    spec = InputSpec(48, 48)
    model = shake(build_residual(spec, {"original": LABELS}, widths=(4, 8), blocks=(1,)))
    asked = faces(spec, 8)
    expected = model.predict(asked, verbose=0)["original"]
    head = read_head(model, "original", list(range(7)), leave(7))
    other = head._replace(bias=head.bias + np.eye(7, dtype=np.float32)[0] * 0.001)
    graph = convert(build_release(model, spec, "original", other), spec)
    with pytest.raises(ParityError, match=r"differs from Keras by \d.*Nothing was written"):
        compare(expected, graph.SerializeToString(), asked)

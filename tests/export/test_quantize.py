"""int8: the same interface, answers close to float32, and a gate that turns bad files away."""

import numpy as np
import onnx
import onnxruntime as ort
import pytest

import export.cli
import export.modelfile as modelfile
import fer_onnx
from export.calibration import leave
from export.gate import SPARED, GateError, pass_gate, quantize_most
from export.graph import build_release, convert, read_head
from export.parity import answer
from export.quantize import FACES, draw_faces, quantize_classifier
from fer_onnx.metadata import InputSpec
from train.expression.networks import build_residual
from train.runs.checkpoint import write_checkpoint
from train.runs.record import Record

LABELS = ("awake", "tired", "asleep")
SPEC = InputSpec(48, 48)


@pytest.fixture(scope="module")
def network():
    import keras

    keras.utils.set_random_seed(0)
    return build_residual(SPEC, {"original": LABELS}, widths=(8, 16), blocks=(1,))


@pytest.fixture(scope="module")
def graph(network):
    head = read_head(network, "original", [0, 1, 2], leave(3))
    return convert(build_release(network, SPEC, "original", head), SPEC)


def count(model, kind):
    return sum(node.op_type == kind for node in model.graph.node)


def test_the_interface_stays_and_the_weights_become_bytes(graph, faces):
    quantized = quantize_classifier(graph, faces(SPEC, 64))
    for before, after in (
        (graph.graph.input, quantized.graph.input),
        (graph.graph.output, quantized.graph.output),
    ):
        assert list(before) == list(after)
    assert count(quantized, "Conv") == count(graph, "Conv")
    kernels = [t for t in quantized.graph.initializer if len(t.dims) == 4]
    assert {t.data_type for t in kernels[:-1]} <= {onnx.TensorProto.INT8, onnx.TensorProto.FLOAT}
    assert sum(t.data_type == onnx.TensorProto.INT8 for t in kernels) == count(graph, "Conv") - 2
    assert {node.domain for node in quantized.graph.node} <= {"", "ai.onnx"}


def test_int8_answers_nearly_as_float32_does(graph, faces):
    asked = faces(SPEC, 64)
    expected = answer(graph.SerializeToString(), asked)
    given = answer(quantize_classifier(graph, asked).SerializeToString(), asked)
    assert 0 < np.abs(given - expected).max() < 0.03


def test_evidence_adds_up_to_the_answer_in_int8_too(graph, faces):
    session = ort.InferenceSession(quantize_classifier(graph, faces(SPEC, 64)).SerializeToString())
    given, maps = session.run(["probabilities", "evidence"], {"image": faces(SPEC, 5)})
    logits = np.exp(maps.mean(axis=(2, 3)))
    np.testing.assert_allclose(given, logits / logits.sum(axis=1, keepdims=True), atol=1e-5)


def test_spared_layers_stay_float32(graph, faces):
    asked = faces(SPEC, 64)
    bytes_of = [
        sum(t.data_type == onnx.TensorProto.INT8 and len(t.dims) == 4 for t in m.graph.initializer)
        for m in (quantize_classifier(graph, asked, spared) for spared in (0, 1, 2))
    ]
    assert bytes_of == [4 - 0, 4 - 1, 4 - 2]


def test_ranges_come_from_at_most_so_many_faces_and_the_seed_fixes_which(faces):
    images = np.arange(2 * FACES, dtype=np.uint32)[:, None, None, None]
    drawn = draw_faces(images, 7)
    assert len(drawn) == len(np.unique(drawn)) == FACES
    assert np.array_equal(drawn, draw_faces(images, 7))
    assert not np.array_equal(drawn, draw_faces(images, 8))
    assert len(draw_faces(images[:9], 7)) == 9


@pytest.mark.parametrize(
    ("changed", "passes"),
    [(0, True), (15, True), (16, False)],  # of a thousand; 98.5 % must keep their label
)
def test_the_gate_asks_for_the_same_labels(changed, passes):
    expected = np.tile([0.9, 0.1], (1000, 1))
    given = expected.copy()
    given[:changed] = [0.4, 0.6]
    answers = np.full(1000, -1)
    answers[500:] = 0  # where labels change nothing can be right or wrong
    if passes:
        pass_gate(expected, given, answers)
    else:
        with pytest.raises(GateError, match=r"98\.4% of 1,000 faces.*at least 98\.5%.*Nothing"):
            pass_gate(expected, given, answers)


@pytest.mark.parametrize(("lost", "passes"), [(3, True), (4, False)])
def test_the_gate_asks_for_the_same_accuracy(lost, passes):
    expected = np.tile([0.9, 0.1], (1000, 1))
    given = expected.copy()
    given[:lost] = [0.4, 0.6]
    answers = np.zeros(1000, dtype=int)
    if passes:
        pass_gate(expected, given, answers)
    else:
        with pytest.raises(GateError, match=r"right on 99\.60%.*float32 on 100\.00%"):
            pass_gate(expected, given, answers)


@pytest.mark.parametrize("passing", SPARED)
def test_as_many_layers_are_quantized_as_pass(passing):
    asked = []

    def attempt(spared):
        asked.append(spared)
        if spared < passing:
            raise GateError("worse")
        return spared

    assert quantize_most(attempt) == passing
    assert asked == list(range(1, passing + 1))


def test_where_none_passes_the_last_says_why():
    def attempt(spared):
        raise GateError(f"{spared} spared")

    with pytest.raises(GateError, match="3 spared"):
        quantize_most(attempt)


@pytest.fixture
def folder(network, tmp_path):
    """A checkpoint, and faces whose labels are what it answers."""
    from PIL import Image

    from export.parity import random_faces

    heads = {"original": LABELS}
    record = Record("compact", heads, SPEC, "mine", "", {"train": {"train": 2}}, 1, 1)
    write_checkpoint(network, record, tmp_path / "best.keras")
    for part, images in {
        "train": random_faces(SPEC, 24, 1),
        "validation": random_faces(SPEC, 24),
    }.items():
        for number, image in enumerate(images):
            place = tmp_path / "data" / part / LABELS[number % 3]
            place.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image[..., 0]).save(place / f"{number}.png")
    return tmp_path


def export_int8(folder, *words):
    return export.cli.main([str(folder / "best.keras"), str(folder / "out"), "--int8", *words])


def test_the_file_says_that_it_is_int8_and_its_figures_are_its_own(folder, monkeypatch, capsys):
    asked = []
    draw = modelfile.draw_faces
    monkeypatch.setattr(modelfile, "pass_gate", lambda *words: None)
    monkeypatch.setattr(
        modelfile, "draw_faces", lambda images, seed: asked.append(images) or draw(images, seed)
    )
    assert export_int8(folder, "--calibration", str(folder / "data")) == 0
    model = fer_onnx.load(folder / "out" / "awake-tired-asleep.onnx")
    assert model.info.precision == "int8"
    assert 0 < model.info.metrics["same_labels_as_float32"] <= 1
    assert "int8 has" in capsys.readouterr().out

    from train.data.formats import read_dataset

    data = read_dataset(folder / "data", SPEC)
    assert np.array_equal(asked[0], data.split("train").images)  # none of the validation part
    given = model.run(data.split("validation").images).argmax(axis=1)
    right = [model.labels[i] for i in given] == np.array(data.labels)[
        data.split("validation").original
    ]
    assert model.info.metrics["accuracy"] == pytest.approx(right.mean(), abs=1e-4)


def test_a_file_that_does_not_pass_is_not_written(folder, monkeypatch, capsys):
    def turn_away(expected, given, answers):
        raise GateError("int8 is bad")

    monkeypatch.setattr(modelfile, "pass_gate", turn_away)
    assert export_int8(folder, "--data", str(folder / "data")) == 2
    assert capsys.readouterr().err == "error: int8 is bad\n"
    assert not (folder / "out").exists()


def test_without_faces_there_is_no_int8(folder, monkeypatch, capsys):
    monkeypatch.delenv("FER_DATA", raising=False)
    assert export_int8(folder) == 2
    assert capsys.readouterr().err.startswith("error: --int8 needs --data")

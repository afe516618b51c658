"""The detector's model file: it answers as the checkpoint does; its threshold follows a rule."""

import hashlib
from types import SimpleNamespace

import keras
import numpy as np
import onnx
import pytest
from PIL import Image

from export.cli import main
from export.detector import compare_detector, convert_detector, make_detector
from export.gate import GateError, pass_detector_gate
from export.graph import OPSET
from export.modelfile import write_model
from export.parity import ParityError
from fer_onnx.detector import FaceFinder
from fer_onnx.metadata import InputSpec
from fer_onnx.modelfile import FINDER, MODELS
from train.detection import network as network_module
from train.detection.decode import MOST, SCALES
from train.detection.development import find
from train.detection.held_out import HeldOut
from train.detection.labels import Labelled, stack_boxes
from train.detection.windows import Picture
from train.runs.checkpoint import read_checkpoint, write_checkpoint
from train.runs.record import Record

NONE = stack_boxes([], 4)


def make_network(seed, context=0.0):
    """A network of random weights that is sure of many things."""
    keras.utils.set_random_seed(seed)
    network = network_module.build_network()
    first = next(x for x in network.layers if isinstance(x, keras.layers.BatchNormalization))
    first.moving_variance.assign(keras.ops.full((network_module.STEM,), 5000.0))  # of pixels
    heat = next(x for x in network.layers if x.name.startswith("conv2d") and x.filters == 1)
    for layer in network.layers:
        if layer.name.startswith(network_module.ADDED) and layer.name.endswith("last_norm"):
            layer.gamma.assign(context * keras.ops.ones_like(layer.gamma))
    heat.bias.assign([0.5])
    heat.kernel.assign(20 * heat.kernel)  # no two cells are alike
    return network


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faces")
    network = make_network(1)
    spec, splits = InputSpec(192, 192, "rgb"), {"train": {"pictures": 1}}
    record = Record("faces", {}, spec, "photos.zip", "", splits, 1, 1, kind="detector")
    write_checkpoint(network, record, folder / "best.keras")
    model, info, parity = make_detector(network, record, folder / "best.keras", "1", None)
    path = write_model(model, info, folder, FaceFinder)
    return SimpleNamespace(network=network, path=path, parity=parity, model=model)


def test_the_file_finds_what_the_checkpoint_finds(trained, blurred):
    image = Image.fromarray(blurred.astype(np.uint8)).resize((250, 170))
    finder = FaceFinder(trained.path, min_score=0.05)
    given = finder.detect(image)
    expected = find(trained.network, np.asarray(image))
    assert len(given) > 3
    count = min(len(given), len(expected.scores))
    scores = [face.score for face in given[:count]]
    assert scores == pytest.approx(expected.scores[:count].tolist(), abs=1e-5)


def test_what_the_comparison_saw_is_told(trained):
    assert trained.parity.faces == 9
    assert trained.parity.difference <= 1e-5


def test_height_and_width_are_free_and_the_outputs_named(trained):
    graph = onnx.load_from_string(trained.model).graph
    shape = graph.input[0].type.tensor_type.shape.dim
    assert [axis.dim_value or axis.dim_param for axis in shape] == [1, "height", "width", 3]
    assert [output.name for output in graph.output] == ["boxes", "scores"]


def test_dilations_are_written_as_such_and_answer_as_keras_does():
    network = make_network(1, context=1.0)
    model = convert_detector(network)
    assert compare_detector(network, model.SerializeToString()).difference < 1e-5
    graph = model.graph
    found = [
        tuple(attribute.ints)
        for node in graph.node
        for attribute in node.attribute
        if node.op_type == "Conv" and attribute.name == "dilations"
    ]
    assert found.count((2, 2)) == 2 * SCALES
    assert set(found) == {(1, 1), (2, 2)}


def test_int8_finds_nearly_the_same_and_decodes_in_float32(trained, blurred):
    spec = InputSpec(192, 192, "rgb")
    record = Record("faces", {}, spec, "photos.zip", "", {}, 1, 1, kind="detector")
    image = Image.fromarray(blurred.astype(np.uint8)).resize((250, 170))
    path = trained.path.parent / "best.keras"
    model, info, _ = make_detector(trained.network, record, path, "1", None, [image] * 3)
    assert info.precision == "int8"
    graph = onnx.load_from_string(model).graph
    kernels = {t.name: t for t in graph.initializer if len(t.dims) == 4}
    quantized = [t for t in kernels.values() if t.data_type == onnx.TensorProto.INT8]
    assert len(quantized) == 12  # of 13 3×3 convolutions the first stays, and both heads
    makers = {out: node.op_type for node in graph.node for out in node.output}
    assert "QuantizeLinear" in makers.values()
    assert (makers["boxes"], makers["scores"]) == ("Gather", "TopK")
    file = write_model(model, info, trained.path.parent / "int8", FaceFinder)
    found = []
    for each in (trained.path, file):
        finder = FaceFinder(each, min_score=0.05)
        found.append(max(finder.detect(image), key=lambda face: face.score))
    assert found[1].score == pytest.approx(found[0].score, abs=0.1)


@pytest.mark.parametrize(("given", "passes"), [(0.937, True), (0.9369, False)])
def test_the_gate_asks_for_the_same_average_precision(given, passes):
    if passes:
        pass_detector_gate(0.94, given)
    else:
        with pytest.raises(GateError, match=r"93\.7%, float32 of 94\.0%.*Nothing was written"):
            pass_detector_gate(0.94, given)


def test_the_command_asks_for_photographs(root, tmp_path, capsys):
    checkpoint = str(root / "checkpoints" / "faces.keras")
    assert main([checkpoint, str(tmp_path / "out"), "--int8"]) == 2
    assert capsys.readouterr().err.endswith(
        "error: --int8 of a detector needs --photos: training pictures tell the ranges\n"
    )
    assert not (tmp_path / "out").exists()


def test_another_network_is_told_from_it(trained):
    with pytest.raises(ParityError, match="Nothing was written"):
        compare_detector(make_network(2), trained.model)


def test_the_threshold_lets_through_one_animal_in_fifty():
    from export import detector

    face = stack_boxes([(0, 0, 30, 30)], 4)
    blank = Image.new("RGB", (64, 64))
    people = [Picture(blank, Labelled(64, 64, face, NONE))] * 10
    animals = [Picture(blank, Labelled(64, 64, NONE, NONE))] * 50
    boxes = [[(0, 0, 30, 30, 0.9), (40, 40, 24, 24, 0.6 - i / 100)] for i in range(10)]
    boxes += [[(0, 0, 9, 9, score)] for score in (0.8, 0.7)] + [[]] * 48

    class Finder:
        def detect(self, image):
            rows = boxes.pop(0)
            return [SimpleNamespace(box=row[:4], score=row[4]) for row in rows]

    finder = Finder()
    finder.info = detector.DetectorInfo("faces", "1", 0.3, 32, "nothing")
    measured = detector._measure(finder, HeldOut(people, [], animals))
    assert measured.min_score == pytest.approx(0.7001)  # above the second dog's
    assert measured.metrics["average_precision"] == 1
    assert measured.metrics["false_positives_on_animals"] == 1 / 50
    assert measured.metrics["recall"] == 1


class TestShipped:
    """The bundled file and the checkpoint that it was made from."""

    def test_it_keeps_the_contract(self):
        path = MODELS / f"{FINDER}.onnx"
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        dims = {
            value.name: [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]
            for value in (*model.graph.input, *model.graph.output)
        }
        assert dims == {
            "image": [1, "height", "width", 3],
            "boxes": [MOST, 4],
            "scores": [MOST],
        }
        assert [(o.domain, o.version) for o in model.opset_import if not o.domain] == [("", OPSET)]
        assert {node.domain for node in model.graph.node} <= {"", "ai.onnx"}
        assert path.stat().st_size < 700_000

    def test_it_finds_nearly_what_the_checkpoint_finds(self, root):
        path = root / "checkpoints" / "faces.keras"
        network, record = read_checkpoint(path)
        finder = FaceFinder()
        assert finder.info.precision == "int8"
        assert finder.info.checkpoint_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert finder.info.data_sha256 == record.data_sha256
        assert network.count_params() <= 230_000
        for name in ("astronaut.png", "hopper.jpg"):
            image = np.asarray(Image.open(root / "samples" / name).convert("RGB"))
            expected = find(network, image)
            sure = max(finder.detect(Image.fromarray(image)), key=lambda face: face.score)
            assert sure.score == pytest.approx(expected.scores[0], abs=0.1)
            assert sure.box == pytest.approx(expected.boxes[0].tolist(), abs=0.04 * sure.box[3])

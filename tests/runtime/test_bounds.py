"""What a model takes at most is known before it runs, and is no more than what is allowed."""

import json
from math import prod

import numpy as np
import onnxruntime as ort
import pytest

from fer_onnx import ModelError, modelfile
from fer_onnx.bench.flops import count_multiply_adds
from fer_onnx.modelfile import FINDER, bounds, read_model
from fer_onnx.modelfile.bounds import MOST_VALUES, choose_batch, count
from fer_onnx.modelfile.guard import check_model

INT64, UINT8 = 7, 2


def profile(data: bytes, image: np.ndarray, folder) -> int:
    """Return how many values onnxruntime makes as it runs a graph as it is."""
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.enable_profiling = True
    options.profile_file_prefix = str(folder / "profile")
    session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    session.run(None, {"image": image})
    with open(session.end_profiling()) as file:  # noqa: PTH123
        events = json.load(file)
    shapes = [e["args"]["output_type_shape"] for e in events if "output_type_shape" in e["args"]]
    return sum(prod(size) for outputs in shapes for each in outputs for size in each.values())


@pytest.fixture
def build(onnx):
    """Make the contents of a model that reads (batch, 8, 8, 1): its nodes, its whole constants."""

    def make(*nodes, shape=("batch", 8, 8, 1), **constants):
        opset = onnx.message((1, ""), (2, 17))
        tensors = []
        for name, value in constants.items():
            array = np.asarray(value, np.int64)
            sizes = [(1, size) for size in array.shape]
            tensors.append(onnx.message(*sizes, (2, INT64), (8, name), (9, array.tobytes())))
        graph = onnx.message(
            *[(1, node) for node in nodes],
            *[(5, tensor) for tensor in tensors],
            (11, onnx.value_info("image", UINT8, shape)),
        )
        return check_model(onnx.message((1, 8), (7, graph), (8, opset)), "brightness")

    return make


class TestAgainstOnnxruntime:
    @pytest.mark.parametrize("name", modelfile.bundled_models())
    @pytest.mark.parametrize("batch", [1, 3])
    def test_the_values_counted_for_a_network_are_those_that_it_makes(self, name, batch, tmp_path):
        data = read_model(name)
        contents = check_model(data, name)
        made = profile(data, np.zeros((batch, 48, 48, 1), np.uint8), tmp_path)
        assert count(contents, name, batch)[0] == made

    @pytest.mark.parametrize("size", [(32, 32), (480, 640), (960, 960)])
    def test_the_detector_makes_no_more_values_than_are_counted(self, size, tmp_path):
        data = read_model(FINDER)
        counted, _ = count(check_model(data, FINDER), FINDER, 1)
        made = profile(data, np.zeros((1, *size, 3), np.uint8), tmp_path)
        assert made < counted < MOST_VALUES
        if size == (960, 960):
            assert made > counted / 2  # at 1,024 × 1,024, the largest it may be given

    @pytest.mark.parametrize("name", modelfile.bundled_models())
    def test_the_work_counted_is_that_of_the_layers_and_little_more(self, name):
        data = read_model(name)
        layers = count_multiply_adds(data, np.zeros((1, 48, 48, 1), np.uint8))
        _, work = count(check_model(data, name), name, 1)
        assert layers < work < 1.05 * layers


class TestBatch:
    def test_a_small_network_is_asked_about_32_faces_at_once(self):
        assert choose_batch(check_model(read_model("emotions"), "emotions"), "emotions") == 32

    def test_a_larger_one_about_fewer(self, build, onnx):
        transpose = onnx.node("Transpose", "image", "y", onnx.ints("perm", (0, 3, 1, 2)))
        contents = build(transpose, shape=("batch", 1024, 1024, 3))
        values = 3 * 1024**2
        assert choose_batch(contents, "large") == 32
        assert count(contents, "large", 32)[0] == 32 * values
        deep = build(
            *[
                onnx.node("Identity", "image" if n == 0 else f"x{n}", f"x{n + 1}")
                for n in range(10)
            ],
            shape=("batch", 1024, 1024, 3),
        )
        assert choose_batch(deep, "deep") == 8

    def test_work_counts_as_well_as_memory(self, build, onnx, monkeypatch):
        contents = build(onnx.node("Identity", "image", "y"))
        monkeypatch.setattr(bounds, "MOST_WORK", 64 * 9)
        assert choose_batch(contents, "slow") == 8
        monkeypatch.setattr(bounds, "MOST_WORK", 63)
        with pytest.raises(ModelError, match=r"^slow: takes more than .* for one picture, which"):
            choose_batch(contents, "slow")


class TestRefused:
    """Small files that would take all memory, or never answer."""

    def refuse(self, contents, reason):
        with pytest.raises(ModelError) as caught:
            choose_batch(contents, "bomb")
        assert reason in str(caught.value)
        assert str(caught.value).startswith("bomb: ")
        assert str(caught.value).isprintable()

    LARGE = "takes more than"
    PIXELS = "its size does not follow from the size of the picture alone"

    @pytest.mark.parametrize(
        ("kind", "inputs", "constant"),
        [
            ("Tile", "image c", [1, 10**6, 10**6, 1]),
            ("Expand", "image c", [10**6, 8, 10**6, 1]),
            ("ConstantOfShape", "c", [10**5, 10**5]),
            ("Pad", "image c", [0, 10**6, 0, 0, 0, 0, 10**6, 0]),
        ],
    )
    def test_what_makes_much_of_little(self, build, onnx, kind, inputs, constant):
        self.refuse(build(onnx.node(kind, inputs, "y"), c=constant), self.LARGE)

    def test_a_range(self, build, onnx):
        node = onnx.node("Range", "a b c", "y")
        self.refuse(build(node, a=0, b=2**31 - 1, c=1), self.LARGE)
        self.refuse(build(node, a=0, b=5, c=0), "it does not count upwards")

    def test_a_tensor_doubled_thirty_times(self, build, onnx):
        nodes = [
            onnx.node("Concat", f"{name} {name}", f"x{n + 1}", onnx.integer("axis", 1))
            for n, name in enumerate(["image", *[f"x{n}" for n in range(1, 30)]])
        ]
        self.refuse(build(*nodes), self.LARGE)

    def test_a_column_times_a_row(self, build, onnx):
        nodes = [
            onnx.node("Expand", "c d", "wide"),
            onnx.node("Transpose", "wide", "high"),
            onnx.node("Add", "wide high", "y"),
        ]
        self.refuse(build(*nodes, c=[[1]], d=[1, 10**5]), self.LARGE)

    def test_a_window_over_more_than_the_picture(self, build, onnx):
        pool = onnx.node(
            "MaxPool",
            "image",
            "y",
            onnx.ints("kernel_shape", (10**6, 10**6)),
            onnx.ints("pads", (10**6,) * 4),
        )
        self.refuse(build(pool, shape=("batch", 1, 8, 8)), self.LARGE)

    def test_a_matrix_product_of_much_work(self, build, onnx):
        nodes = [
            onnx.node("Expand", "one d", "a"),
            *[onnx.node("MatMul", "a a", f"y{n}") for n in range(120)],
        ]
        self.refuse(build(*nodes, one=[[1]], d=[1000, 1000]), self.LARGE)

    def test_a_size_that_is_computed_is_followed(self, build, onnx):
        nodes = [
            onnx.node("Shape", "image", "shape"),
            onnx.node("Mul", "shape c", "larger"),
            onnx.node("Expand", "one larger", "y"),
        ]
        contents = build(*nodes, c=[1, 2, 3, 4], one=1)
        assert count(contents, "fine", 5)[0] == 4 + 4 + 5 * 16 * 24 * 4
        self.refuse(build(*nodes, c=[1, 2, 10**8, 4], one=1), self.LARGE)

    def test_a_size_that_one_batch_alone_has_is_followed(self, build, onnx):
        nodes = [
            onnx.node("Shape", "image", "shape"),
            onnx.node("Equal", "shape c", "hit"),
            onnx.node("Where", "hit d shape", "size"),
            onnx.node("Expand", "one size", "y"),
        ]
        self.refuse(build(*nodes, c=[17, 0, 0, 0], d=[10**9] * 4, one=1), self.LARGE)

    @pytest.mark.parametrize("kind", ["Expand", "Reshape", "Tile"])
    def test_a_size_that_depends_on_pixels(self, build, onnx, kind):
        nodes = [
            onnx.node("Reshape", "image c", "flat"),
            onnx.node("Cast", "flat", "size", onnx.integer("to", INT64)),
            onnx.node(kind, "image size", "y"),
        ]
        self.refuse(build(*nodes, c=[-1]), self.PIXELS)

    def test_a_size_that_went_through_floating_point(self, build, onnx):
        nodes = [
            onnx.node("Shape", "image", "shape"),
            onnx.node("Cast", "shape", "float", onnx.integer("to", 1)),
            onnx.node("Cast", "float", "size", onnx.integer("to", INT64)),
            onnx.node("Expand", "image size", "y"),
        ]
        self.refuse(build(*nodes), self.PIXELS)

    def test_a_size_that_overflows(self, build, onnx):
        nodes = [onnx.node("Mul", "c c", "d"), onnx.node("Expand", "one d", "y")]
        self.refuse(build(*nodes, c=[2**33], one=1), self.PIXELS)

    def test_a_division_by_what_may_be_nothing(self, build, onnx):
        nodes = [onnx.node("Div", "c d", "e"), onnx.node("Expand", "one e", "y")]
        self.refuse(build(*nodes, c=[4], d=[0], one=1), self.PIXELS)

    def test_a_tensor_of_many_axes(self, build, onnx):
        self.refuse(build(onnx.node("Unsqueeze", "image c", "y"), c=range(5)), "more than 8 axes")

    @pytest.mark.parametrize(
        ("node", "reason"),
        [
            (("Transpose", "image", ("perm", (0, 0, 1, 2))), "it does not name every axis once"),
            (("Reshape", "image c", None), "its size is left open twice"),
            (("Squeeze", "image d", None), "it has no axis 7"),
            (("Tile", "image d", None), "is not allowed"),
            (("MatMul", "d d", None), "it multiplies what are no matrices"),
            (("AveragePool", "image", ("kernel_shape", (0, 0))), "are not usable"),
            (("AveragePool", "image", ("strides", (1,))), "are not usable"),
        ],
    )
    def test_an_operator_used_as_it_cannot_be(self, build, onnx, node, reason):
        kind, inputs, attribute = node
        attributes = [onnx.ints(*attribute)] if attribute else []
        self.refuse(build(onnx.node(kind, inputs, "y", *attributes), c=[-1, -1], d=[7]), reason)

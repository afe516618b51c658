"""How much arithmetic a model is, and how fast one core can do it at best."""

import json
from collections.abc import Callable
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from ..errors import ModelError
from ..session import first_line, open_session

SIDE = 512  # of the matrices: three of them are 3 MB, and larger ones gained nothing
FLOAT = 1  # onnx.proto's TensorProto.DataType
WEIGHTY = ("Conv", "Gemm", "MatMul")  # what else a network computes is little beside these


def count_multiply_adds(data: bytes, face: npt.NDArray[np.uint8]) -> int:
    """Count the multiplications, each with an addition, that a model does for one face.

    Nothing is guessed: onnxruntime runs the graph as the file has it, and its profile says which
    shapes every operator got and gave.

    Args:
        data: the model file.
        face: uint8 array (1, height, width, channels).

    Raises:
        ModelError: onnxruntime cannot run the file.
    """
    with TemporaryDirectory() as folder:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 4
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(folder) / "profile")
        try:
            session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
            session.run(["probabilities"], {"image": face})
            events = json.loads(Path(session.end_profiling()).read_text())
        except Exception as exc:  # onnxruntime's errors share no base of their own
            raise ModelError(f"the model cannot be profiled ({first_line(exc)})") from exc
    nodes = [event["args"] for event in events if "output_type_shape" in event.get("args", ())]
    return sum(_multiply_adds(node) for node in nodes if node["op_name"] in WEIGHTY)


def _multiply_adds(node: dict[str, Any]) -> int:
    """Count those of one node of the profile, whose shapes read `{"float": [1, 20, 48, 48]}`.

    Of a matrix product the profile may leave the weights out: what is packed has no shape.
    """
    inputs = [sizes for shape in node["input_type_shape"] for sizes in shape.values()]
    output: list[int] = next(iter(node["output_type_shape"][0].values()))
    each: int = prod(inputs[1][1:]) if node["op_name"] == "Conv" else inputs[0][-1]
    return each * prod(output)


def open_product() -> tuple[Callable[[], object], int]:
    """Return what multiplies two float32 matrices on one thread, and its multiply-adds.

    It runs in onnxruntime as models do; numpy's library may use several threads.
    """
    matrix = np.random.default_rng(0).random((SIDE, SIDE), dtype=np.float32)
    session = open_session(_write_product(), "matrix product", threads=1)
    return lambda: session.run(["c"], {"a": matrix, "b": matrix}), SIDE**3


def _write_product() -> bytes:
    """Write a model file that multiplies `a` by `b`: protobuf, by onnx.proto's field numbers."""
    values = [
        _message((1, name), (2, _message((1, _message((1, FLOAT)))))) for name in (b"a", b"b", b"c")
    ]
    node = _message((1, b"a"), (1, b"b"), (2, b"c"), (4, b"MatMul"))
    graph = _message((1, node), (2, b"product"), (11, values[0]), (11, values[1]), (12, values[2]))
    return _message((1, 8), (7, graph), (8, _message((2, 17))))


def _message(*fields: tuple[int, int | bytes]) -> bytes:
    """Write one protobuf message whose numbers and lengths are below 128."""
    return b"".join(
        bytes([number << 3, value])
        if isinstance(value, int)
        else bytes([number << 3 | 2, len(value)]) + value
        for number, value in fields
    )

"""Model files as bytes: where the bundled ones are, and what a stranger's may not contain.

ONNX is protobuf; a walk over its fields (https://protobuf.dev/programming-guides/encoding/) is
enough to refuse a file that reads other files or calls operators that are not ONNX's own.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from .errors import ModelError, ModelNotFoundError

MODELS = Path(__file__).parent / "models"
SUMS = "SHA256SUMS"  # written by `python -m export`
FINDER = "faces"  # the bundled model that finds faces; the others read them
DOMAINS = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft")

# field numbers of onnx.proto
MODEL_GRAPH, MODEL_OPSET, MODEL_FUNCTION = 7, 8, 25
GRAPH_NODE, GRAPH_INITIALIZER, GRAPH_SPARSE_INITIALIZER = 1, 5, 15
NODE_ATTRIBUTE, NODE_DOMAIN = 5, 7
ATTRIBUTE_TENSOR, ATTRIBUTE_GRAPH, ATTRIBUTE_TENSORS, ATTRIBUTE_GRAPHS = 5, 6, 10, 11
ATTRIBUTE_SPARSE_TENSOR, ATTRIBUTE_SPARSE_TENSORS = 22, 23
TENSOR_EXTERNAL_DATA, TENSOR_DATA_LOCATION = 13, 14
SPARSE_VALUES, SPARSE_INDICES = 1, 2
FUNCTION_NODE = 7
OPSET_DOMAIN = 1


def bundled_names() -> list[str]:
    """List the models that come with the package and read faces."""
    return sorted(path.stem for path in MODELS.glob("*.onnx") if path.stem != FINDER)


def read_model(source: str | Path) -> bytes:
    """Read a model file: a bundled one by name, any other by path.

    Raises:
        ModelNotFoundError: neither a bundled name nor a file.
        ModelError: unreadable, or a bundled file that is not the one that was released.
    """
    name = str(source)
    if name in (*bundled_names(), FINDER):
        return _read_bundled(name)
    try:
        return Path(source).read_bytes()
    except (FileNotFoundError, NotADirectoryError) as exc:
        names = ", ".join(bundled_names()) or "none"
        raise ModelNotFoundError(
            f"{name}: no such model file, nor a bundled model ({names})"
        ) from exc
    except (OSError, ValueError) as exc:
        raise ModelError(f"{name}: cannot be read, expected an ONNX model file") from exc


def check_model(data: bytes, name: str) -> None:
    """Refuse a model that reads other files or calls foreign operators.

    Raises:
        ModelError: not ONNX, external data, or an operator domain that is not ONNX's.
    """
    try:
        model = memoryview(data)
        if not any(number == MODEL_GRAPH for number, _ in _fields(model)):
            raise ValueError("no graph")
        _check(model)
    except ModelError as exc:
        raise ModelError(f"{name}: {exc}") from exc
    except (ValueError, IndexError, RecursionError) as exc:
        raise ModelError(f"{name}: not an ONNX model file") from exc


def _read_bundled(name: str) -> bytes:
    try:
        data = (MODELS / f"{name}.onnx").read_bytes()
    except FileNotFoundError as exc:
        raise ModelNotFoundError(f"{name}: the bundled file is gone; reinstall fer-onnx") from exc
    lines = (MODELS / SUMS).read_text().splitlines()
    recorded = {line.split()[1]: line.split()[0] for line in lines}
    if recorded.get(f"{name}.onnx") != hashlib.sha256(data).hexdigest():
        raise ModelError(f"{name}: the bundled file was changed; reinstall fer-onnx")
    return data


def _check(model: memoryview) -> None:
    for number, value in _fields(model):
        if number == MODEL_GRAPH:
            _check_graph(value)
        elif number == MODEL_OPSET:
            _check_domain(_text(value, OPSET_DOMAIN))
        elif number == MODEL_FUNCTION:
            _check_nodes(value, FUNCTION_NODE)


def _check_graph(graph: memoryview) -> None:
    _check_nodes(graph, GRAPH_NODE)
    for number, value in _fields(graph):
        if number == GRAPH_INITIALIZER:
            _check_tensor(value)
        elif number == GRAPH_SPARSE_INITIALIZER:
            _check_sparse(value)


def _check_nodes(parent: memoryview, node_field: int) -> None:
    for number, node in _fields(parent):
        if number != node_field:
            continue
        _check_domain(_text(node, NODE_DOMAIN))
        for node_number, attribute in _fields(node):
            if node_number != NODE_ATTRIBUTE:
                continue
            for kind, value in _fields(attribute):
                if kind in (ATTRIBUTE_TENSOR, ATTRIBUTE_TENSORS):
                    _check_tensor(value)
                elif kind in (ATTRIBUTE_SPARSE_TENSOR, ATTRIBUTE_SPARSE_TENSORS):
                    _check_sparse(value)
                elif kind in (ATTRIBUTE_GRAPH, ATTRIBUTE_GRAPHS):
                    _check_graph(value)


def _check_tensor(tensor: memoryview) -> None:
    for number, value in _fields(tensor):
        external = number == TENSOR_DATA_LOCATION and bytes(value) != b"\x00"
        if external or number == TENSOR_EXTERNAL_DATA:
            raise ModelError("keeps weights in another file; expected one self-contained file")


def _check_sparse(sparse: memoryview) -> None:
    for number, value in _fields(sparse):
        if number in (SPARSE_VALUES, SPARSE_INDICES):
            _check_tensor(value)


def _check_domain(domain: str) -> None:
    if domain not in DOMAINS:
        raise ModelError(f"uses operators of {domain!r}; expected ONNX's own")


def _text(message: memoryview, field: int) -> str:
    values = [bytes(value) for number, value in _fields(message) if number == field]
    return values[-1].decode("utf-8", "replace") if values else ""


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield (field number, raw value) of one protobuf message."""
    position, end = 0, len(message)
    while position < end:
        tag, position = _varint(message, position)
        if tag >> 32:  # onnxruntime would cut it off, and see another field
            raise ValueError("field number out of range")
        kind, start = tag & 7, position
        if kind == 0:
            _, position = _varint(message, position)
        elif kind == 1:
            position += 8
        elif kind == 5:
            position += 4
        elif kind == 2:
            size, start = _varint(message, position)
            position = start + size
        else:
            raise ValueError(f"wire type {kind}")
        if position > end:
            raise ValueError("truncated")
        yield tag >> 3, message[start:position]


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = message[position]
        value |= (byte & 127) << shift
        position, shift = position + 1, shift + 7
        if byte < 128:
            return value, position
        if shift > 63:
            raise ValueError("varint too long")

"""What a model file may hold: everything else is refused before onnxruntime sees the file.

`schema` lists the fields that a file may have, `operators` the operators, and `bounds` limits
what a model may take of a machine. docs/model-file.md says why the rest is refused.
"""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from ..errors import ModelError
from ..metadata import KEY
from .fields import show
from .operators import DOMAINS, OPERATORS, OPSET
from .protobuf import Message, Reader, SchemaError, read_varints
from .schema import ATTRIBUTE, MODEL
from .spans import EXACT, MOST_VALUES, Span, Tensor, know

UNUSED = "ai.onnx.ml"  # a domain that tf2onnx declares; no operator of it is allowed
PAGE = "docs/model-file.md"
FIRST = b"\x08"  # of every ONNX file: the tag of ir_version
MOST_NODES = 5_000
MOST_AXES = 8
MOST_METADATA = 2**20  # bytes
IR_VERSIONS = range(3, 11)  # of the file format; onnxruntime 1.20 reads up to 10
FLOAT, UINT8 = 1, 2  # onnx.proto's TensorProto.DataType
SIZES = {1: 4, 2: 1, 3: 1, 6: 4, 7: 8, 9: 1}  # bytes of float32, uint8, int8, int32, int64, bool
WHOLE = {6: "<i4", 7: "<i8"}  # those whose values are followed
DATA = {  # where values of which types may lie
    "raw_data": tuple(SIZES),
    "float_data": (1,),
    "int32_data": (2, 3, 6, 9),
    "int64_data": (7,),
}

KINDS = {1: "f", 2: "i", 3: "s", 4: "t", 6: "floats", 7: "ints"}  # by the attribute's type


@dataclass(frozen=True, slots=True)
class Node:
    """One use of an operator: its name, its tensors by name, and its attributes."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Array:
    """An input or output of a model: element type by onnx.proto's number, sizes or their names."""

    kind: int
    dims: tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a model file holds, once it is known to hold nothing else.

    Attributes:
        metadata: its properties, text by key.
        inputs: by name.
        outputs: by name.
        constants: by name.
        nodes: in an order in which every input is there before it is used.
    """

    metadata: dict[str, str]
    inputs: dict[str, Array]
    outputs: dict[str, Array]
    constants: dict[str, Tensor]
    nodes: tuple[Node, ...]

    def maker(self, output: str) -> str | None:
        """Return the operator that makes an output, or None."""
        return next((node.kind for node in self.nodes if output in node.outputs), None)


def check_model(data: bytes, name: str) -> Contents:
    """Refuse a file that holds anything but what an export can hold.

    Args:
        data: the model file.
        name: what it is called in errors.

    Raises:
        ModelError: not ONNX, or with a field, operator, attribute or type that is not allowed.
    """
    try:
        if data[4:8] == b"ORTM":  # onnxruntime would take it for its own format
            raise SchemaError("it is in onnxruntime's own format, not in ONNX")
        if data[:1] != FIRST:
            raise ValueError("not ONNX")
        reader = Reader()
        return _read(reader.read(memoryview(data), MODEL, "model"), reader)
    except SchemaError as exc:
        raise ModelError(f"{name}: {exc}; {PAGE} says what a model file may hold") from exc
    except (ValueError, IndexError, OverflowError) as exc:
        raise ModelError(f"{name}: not an ONNX model file") from exc


def _read(model: Message, reader: Reader) -> Contents:
    if "graph" not in model:
        raise ValueError("no graph")
    if model.get("ir_version") not in IR_VERSIONS:
        raise SchemaError(f"it is of version {model.get('ir_version')} of ONNX's file format")
    versions = [(each.get("domain", ""), each.get("version", 0)) for each in model["opset_import"]]
    for domain, _ in versions:
        if domain not in (*DOMAINS, UNUSED):
            raise SchemaError(f"it uses operators of {show(domain)}, not ONNX's own alone")
    if (own := [version for domain, version in versions if domain in DOMAINS]) != [OPSET]:
        raise SchemaError(f"it uses version {show(own)} of ONNX's operators, not {[OPSET]}")
    graph = model["graph"]
    if len(graph["node"]) > MOST_NODES:
        raise SchemaError(f"it has {len(graph['node']):,} operators, more than {MOST_NODES:,}")
    contents = Contents(
        _read_metadata(model["metadata_props"]),
        {key: _read_array(each) for key, each in _name(graph["input"], "inputs").items()},
        {key: _read_array(each) for key, each in _name(graph["output"], "outputs").items()},
        {key: _read_tensor(each) for key, each in _name(graph["initializer"], "constants").items()},
        tuple(_read_node(each, reader) for each in graph["node"]),
    )
    _check_order(contents)
    return contents


def _read_node(node: Message, reader: Reader) -> Node:
    kind, domain = node.get("op_type", ""), node.get("domain", "")
    if domain not in DOMAINS:
        raise SchemaError(f"it uses operators of {show(domain)}, not ONNX's own alone")
    if (operator := OPERATORS.get(kind)) is None:
        raise SchemaError(f"it uses the operator {show(kind)}, which is not allowed")
    attributes: dict[str, Any] = {}
    for data in node["attribute"]:
        each = reader.read(data, ATTRIBUTE, f"{kind}'s attribute")
        label = each.get("name", "")
        if label not in operator.attributes.split() or label in attributes:
            raise SchemaError(f"its {kind} has the attribute {show(label)}, or has it twice")
        attributes[label] = _read_attribute(each, kind)
    inputs = tuple(node["input"])
    least, most = operator.inputs
    if not least <= len(inputs) <= most or not 1 <= len(node["output"]) <= operator.outputs:
        raise SchemaError(f"its {kind} has {len(inputs)} inputs, {len(node['output'])} outputs")
    if kind == "Cast" and attributes.get("to") not in SIZES:
        raise SchemaError(f"its Cast makes values of type {show(attributes.get('to'))}")
    return Node(kind, inputs, tuple(node["output"]), attributes)


def _read_attribute(attribute: Message, kind: str) -> Any:
    """Return the one value of an attribute, which must be of the type that it names."""
    field = KINDS.get(attribute.get("type", 0))
    held = [each for each in KINDS.values() if attribute.get(each) not in (None, [])]
    if field is None or held not in ([field], []):
        raise SchemaError(f"an attribute of its {kind} is of a type that is not allowed")
    if field == "t":
        return _read_tensor(attribute.get("t", {"dims": []}))
    value = attribute.get(field, 0)
    return bytes(value) if field == "s" and value else value


def _read_tensor(tensor: Message) -> Tensor:
    """Return what is known of a tensor whose values lie in the file, all of them."""
    if tensor.get("data_location", 0):
        raise SchemaError("it keeps weights in another file")
    kind, dims = tensor.get("data_type", 0), tensor["dims"]
    if kind not in SIZES:
        raise SchemaError(f"it holds values of type {kind}")
    if len(dims) > MOST_AXES or min(dims, default=0) < 0:
        raise SchemaError("it holds a tensor of impossible size")
    held = [key for key in DATA if len(tensor.get(key, b""))]
    field = held[0] if held else "raw_data"
    if len(held) > 1 or kind not in DATA[field]:
        raise SchemaError("it holds a tensor whose values are not written as ONNX says")
    packed = np.frombuffer(tensor.get(field, b""), np.uint8)
    varints = field in ("int32_data", "int64_data")
    count = int((packed < 128).sum()) if varints else len(packed) / SIZES[kind]
    if count != prod(dims):
        raise SchemaError(f"it holds a tensor of {prod(dims):,} values, and {count:,.0f} of them")
    sizes = tuple(Span(size, size) for size in dims)
    if kind not in WHOLE or count > MOST_VALUES:
        return Tensor(sizes)
    whole = packed.view(WHOLE[kind]) if field == "raw_data" else read_varints(packed.data)
    values = np.reshape(whole, dims)
    return know(values, values, largest=EXACT)


def _read_array(value: Message) -> Array:
    """Return what an input or output is declared as."""
    array = value.get("type", {}).get("tensor_type", {})
    kind, shape = array.get("elem_type", 0), array.get("shape", {"dim": []})
    if kind not in SIZES:
        raise SchemaError(f"its {show(value.get('name', ''))} is of type {kind}")
    dims = tuple(dim.get("dim_value", dim.get("dim_param", "")) for dim in shape["dim"])
    twice = any(len(dim) > 1 for dim in shape["dim"])  # protobuf would keep the later one
    sizes = [dim for dim in dims if isinstance(dim, int)]
    if twice or len(dims) > MOST_AXES or min(sizes, default=0) < 0:
        raise SchemaError(f"its {show(value.get('name', ''))} is of impossible size")
    return Array(kind, dims)


def _name(messages: list[Message], kind: str) -> dict[str, Message]:
    """Return messages by their names, of which none may come twice."""
    named = {each.get("name", ""): each for each in messages}
    if len(named) < len(messages) or "" in named:
        raise SchemaError(f"two of its {kind} have the same name, or one has none")
    return named


def _read_metadata(properties: list[Message]) -> dict[str, str]:
    texts = {each.get("key", ""): each.get("value", b"") for each in properties}
    if len(texts) < len(properties) or sum(map(len, texts.values())) > MOST_METADATA:
        raise SchemaError(f"its metadata is more than {MOST_METADATA:,} bytes, or there twice")
    if KEY in texts and len(texts) > 1:  # onnxruntime may take options from others
        raise SchemaError(f"its metadata has more than {KEY!r}: {show(sorted(texts))}")
    return {key: str(text, "utf-8") for key, text in texts.items()}


def _check_order(contents: Contents) -> None:
    """Refuse tensors that are made twice, or used before they are made."""
    known = {"", *contents.inputs, *contents.constants}
    if len(known) <= len(contents.inputs) + len(contents.constants):
        raise SchemaError("one of its inputs is a constant too")
    for node in contents.nodes:
        if not known.issuperset(node.inputs):
            raise SchemaError(f"its {node.kind} uses what is not made before it")
        made = [output for output in node.outputs if output]
        if len(set(made)) < len(made) or not known.isdisjoint(made):
            raise SchemaError(f"its {node.kind} makes what is there already")
        known.update(made)
    if not known.issuperset(contents.outputs):
        raise SchemaError("one of its outputs is not made")

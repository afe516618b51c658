"""Model files taken apart into fields, changed, and put together again: most stay well formed."""

import random
import struct
from copy import deepcopy
from typing import Any

from fer_onnx.modelfile.operators import OPERATORS
from fer_onnx.modelfile.protobuf import BYTES, FIXED32, FIXED64, VARINT, Reader, Schema
from fer_onnx.modelfile.schema import ATTRIBUTE, MODEL, NODE

Tree = list[list[Any]]  # of [field number, wire type, value]; the value of a message is a tree
NUMBERS = (0, 1, 2, 3, 7, 8, 9, 13, 17, 48, 255, 1024, 2**28, 2**31, 2**32 - 1, 2**63, 2**64 - 1)
FLOATS = (0.0, -1.0, 1e38, float("inf"), float("nan"))
MOST = 8  # changes at a time


def varint(number: int) -> bytes:
    """Write a varint."""
    head = b""
    while number > 127:
        head += bytes([number & 127 | 128])
        number >>= 7
    return head + bytes([number])


def write(tree: Tree) -> bytes:
    """Write a message."""
    parts = []
    for number, wire, value in tree:
        parts.append(varint(number << 3 | wire))
        if wire == VARINT:
            parts.append(varint(value))
        elif wire == BYTES:
            body = write(value) if isinstance(value, list) else value
            parts.append(varint(len(body)) + body)
        else:
            parts.append(value)
    return b"".join(parts)


def parse(data: memoryview, schema: Schema) -> Tree:
    """Take a message apart as far as the schema knows messages.

    Raises:
        ValueError, IndexError: not protobuf.
    """
    tree: Tree = []
    for number, wire, value in Reader()._fields(data):
        below = schema[number].kind if number in schema else None
        if schema is NODE and number == 5:
            below = ATTRIBUTE
        if wire == BYTES:
            value = parse(value, below) if isinstance(below, dict) else bytes(value)
        elif wire in (FIXED32, FIXED64):
            value = bytes(value)
        tree.append([number, wire, value])
    return tree


def mutate(data: bytes, size: int, seed: int) -> bytes:
    """Change some fields of a model file; of what is none, some bytes."""
    import atheris

    rng = random.Random(seed)
    try:
        if rng.random() < 0.05:
            raise ValueError("bytes, for once")
        tree = parse(memoryview(data), MODEL)
    except (ValueError, IndexError):
        return bytes(atheris.Mutate(data, size))
    for _ in range(rng.randint(1, MOST)):
        _change(tree, rng)
    changed = write(tree)
    return changed if len(changed) <= size else data


def _change(tree: Tree, rng: random.Random) -> None:
    messages = [tree]  # all of the file, each as likely
    for message in messages:
        messages += [value for *_, value in message if isinstance(value, list)]
    fields = [(message, place) for message in messages for place in range(len(message))]
    if not fields:
        return
    message, place = rng.choice(fields)
    field = message[place]
    kind = rng.randrange(10)
    if kind == 0:
        del message[place]
    elif kind == 1:
        message.insert(place, deepcopy(field))
    elif kind == 2:  # a field of elsewhere
        other, there = rng.choice(fields)
        message.insert(place, deepcopy(other[there]))
    elif kind == 3:
        rng.shuffle(message)
    elif kind == 4:
        field[0] = rng.choice((*range(1, 26), field[0] + 1))
    else:
        _change_value(field, fields, rng)


def _change_value(field: list[Any], fields: list[tuple[Tree, int]], rng: random.Random) -> None:
    import atheris

    _, wire, value = field
    if wire == VARINT:
        near = (value + rng.randint(-2, 2)) % 2**64
        field[2] = rng.choice((*NUMBERS, near, value ^ 1 << rng.randrange(64)))
    elif wire == FIXED32:
        field[2] = struct.pack("<f", rng.choice(FLOATS))
    elif isinstance(value, bytes):
        texts = [m[p][2] for m, p in fields if m[p][1] == BYTES and isinstance(m[p][2], bytes)]
        choices = [rng.choice(texts), b"", rng.choice(list(OPERATORS)).encode()]
        if rng.random() < 0.5:
            field[2] = bytes(atheris.Mutate(value, len(value) + 16))
        else:
            field[2] = rng.choice(choices)

"""Protobuf read by a schema that lists every field allowed; anything else is refused.

The wire format: https://protobuf.dev/programming-guides/encoding/. A reader that skips what it does
not know can be shown other things than the library that reads the file after it, so here a field
that the schema lacks, that comes twice, or that has another wire type is an error.
"""

import struct
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

MOST_FIELDS = 100_000  # of one file: bounds the time that reading takes
MOST_TEXT = 1000  # bytes of a name
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # wire types; groups (3, 4) are refused
INT64 = 1 << 64  # negative numbers are written as these less their amount

Schema: TypeAlias = Mapping[int, "Field"]
Message: TypeAlias = dict[str, Any]


class Field(NamedTuple):
    """A field that a message may have.

    Attributes:
        name: as onnx.proto calls it.
        kind: "int", "float" (32 bits), "text" (UTF-8), "bytes", the schema of a message, or
            "refused", which gives a field that is not allowed a name in errors.
        repeated: whether it may come several times; its value is a list then.
    """

    name: str
    kind: "Literal['int', 'float', 'text', 'bytes', 'refused'] | Schema"
    repeated: bool = False


class SchemaError(ValueError):
    """A field that the schema does not allow; its text is one line."""


class Reader:
    """A reader of one file, which counts the fields that it has seen."""

    def __init__(self) -> None:
        self._left = MOST_FIELDS

    def read(self, message: memoryview, schema: Schema, what: str) -> Message:
        """Return the fields of a message by name; repeated ones always, others if they are there.

        Args:
            message: its bytes.
            schema: the fields allowed, by number.
            what: what it is called in errors.

        Raises:
            SchemaError: a field that is not allowed, that comes twice, or too many of them.
            ValueError: not protobuf.
        """
        found: Message = {field.name: [] for field in schema.values() if field.repeated}
        for number, wire, value in self._fields(message):
            field = schema.get(number)
            if field is None or field.kind == "refused":
                label = number if field is None else field.name
                raise SchemaError(f"its {what} has the field {label}, which is not allowed")
            if field.repeated:
                found[field.name] += self._values(wire, value, field)
            elif field.name in found:
                raise SchemaError(f"its {what} has two of the field {field.name}")
            else:
                (found[field.name],) = self._values(wire, value, field)
        return found

    def _values(self, wire: int, value: Any, field: Field) -> list[Any]:
        """Return the value of one field, or the several that are packed into it."""
        kind = field.kind
        if kind == "int" and wire == VARINT:
            return [_signed(value)]
        if kind == "float" and wire == FIXED32:
            return list(struct.unpack("<f", value))
        if wire == BYTES and field.repeated and kind in ("int", "float"):
            return self._unpack(value, kind)
        if wire != BYTES or kind in ("int", "float"):
            raise SchemaError(f"its field {field.name} is not written as ONNX says")
        if kind == "bytes":
            return [value]
        if kind != "text":
            assert not isinstance(kind, str)
            return [self.read(value, kind, field.name)]
        if len(value) > MOST_TEXT:
            raise SchemaError(f"its field {field.name} is a text of {len(value):,} bytes")
        return [str(value, "utf-8")]

    def _unpack(self, packed: memoryview, kind: str) -> list[Any]:
        self._count(len(packed) // 4 if kind == "float" else len(packed))
        if kind == "float":
            if len(packed) % 4:
                raise ValueError("cut off")
            return [value for (value,) in struct.iter_unpack("<f", packed)]
        return read_varints(packed)

    def _fields(self, message: memoryview) -> Iterator[tuple[int, int, Any]]:
        """Yield (number, wire type, value): an int of a varint, else bytes."""
        position, end = 0, len(message)
        while position < end:
            self._count(1)
            tag, position = _varint(message, position)
            number, wire = tag >> 3, tag & 7
            if not 0 < number < 1 << 29:
                raise ValueError("field number out of range")
            if wire in (FIXED32, FIXED64):
                size = 4 if wire == FIXED32 else 8
            elif wire in (VARINT, BYTES):
                size, position = _varint(message, position)
            else:
                raise ValueError(f"wire type {wire}")
            if wire == VARINT:
                yield number, wire, size
                continue
            if size > end - position:
                raise ValueError("cut off")
            yield number, wire, message[position : position + size]
            position += size

    def _count(self, fields: int) -> None:
        self._left -= fields
        if self._left < 0:
            raise SchemaError(f"it has more than {MOST_FIELDS:,} fields")


def read_varints(packed: memoryview) -> list[int]:
    """Return the signed integers of a packed field."""
    values, position = [], 0
    while position < len(packed):
        value, position = _varint(packed, position)
        values.append(_signed(value))
    return values


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    """Return an unsigned integer of at most 64 bits, and where it ends."""
    if (byte := message[position]) < 128:
        return byte, position + 1
    value = shift = 0
    while True:
        byte = message[position]
        value |= (byte & 127) << shift
        position, shift = position + 1, shift + 7
        if byte < 128:
            break
        if shift > 63:
            raise ValueError("varint too long")
    if value >= INT64 or byte == 0:  # the shortest form alone, as writers make it
        raise ValueError("varint out of range")
    return value, position


def _signed(value: int) -> int:
    return value - INT64 if value >= INT64 // 2 else value

"""Protobuf by a schema: what it lists is read, and nothing else passes."""

import pytest

from fer_onnx.modelfile import protobuf
from fer_onnx.modelfile.protobuf import Field, Reader, SchemaError, read_varints

INNER = {1: Field("size", "int")}
SCHEMA = {
    1: Field("version", "int"),
    2: Field("name", "text"),
    3: Field("sizes", "int", repeated=True),
    4: Field("factor", "float"),
    5: Field("data", "bytes"),
    6: Field("inner", INNER),
    7: Field("graph", "refused"),
    8: Field("factors", "float", repeated=True),
}


def read(data: bytes):
    return Reader().read(memoryview(data), SCHEMA, "file")


def test_fields_are_read_by_name_and_repeated_ones_are_always_there(onnx):
    data = onnx.message((1, 300), (2, "x"), (5, b"\x00\x01"), (6, onnx.message((1, 2**64 - 3))))
    found = read(data + b"\x25\x00\x00\x80\x3f")
    assert bytes(found.pop("data")) == b"\x00\x01"
    assert found == {
        **{"version": 300, "name": "x", "factor": 1.0},
        **{"inner": {"size": -3}, "sizes": [], "factors": []},
    }


def test_repeated_numbers_may_be_packed_or_not(onnx):
    apart = onnx.message((3, 5), (3, 300))
    packed = onnx.message((3, onnx.varint(7) + onnx.varint(2**64 - 1)))
    assert read(apart + packed)["sizes"] == [5, 300, 7, -1]
    assert read(onnx.message((8, b"\x00\x00\x80\x3f" * 2)))["factors"] == [1.0, 1.0]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ([(9, 1)], "its file has the field 9, which is not allowed"),
        ([(7, b"")], "its file has the field graph, which is not allowed"),
        ([(6, b"\x10\x01")], "its inner has the field 2, which is not allowed"),
        ([(1, 1), (1, 1)], "its file has two of the field version"),
        ([(6, b""), (6, b"")], "its file has two of the field inner"),
        ([(1, "text")], "its field version is not written as ONNX says"),
        ([(2, 1)], "its field name is not written as ONNX says"),
        ([(2, "x" * 1001)], "its field name is a text of 1,001 bytes"),
    ],
)
def test_what_the_schema_does_not_say_is_refused(onnx, fields, message):
    with pytest.raises(SchemaError) as caught:
        read(onnx.message(*fields))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "data",
    [
        b"\x08",  # cut off
        b"\x12\x05abc",
        b"\x0b\x0c",  # a group
        b"\x00\x00",  # field 0
        b"\x88\x00\x05",  # a number written longer than it must be
        b"\x08\x80\x00",
        b"\x08" + b"\xff" * 9 + b"\x7f",  # more than 64 bits
        b"\x08" + b"\xff" * 20,
        b"\x42\x05\x00\x00\x80\x3f\x00",  # a packed number too short
        b"\x12\x02\xff\xfe",  # not UTF-8
        b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",  # a length beyond any file
    ],
)
def test_what_is_no_protobuf_is_refused(data):
    with pytest.raises((ValueError, IndexError)):
        read(data)


def test_the_fields_of_one_file_are_counted_packed_ones_too(onnx, monkeypatch):
    monkeypatch.setattr(protobuf, "MOST_FIELDS", 10)
    assert len(read(onnx.message(*[(3, 1)] * 10))["sizes"]) == 10
    for data in (onnx.message(*[(3, 1)] * 11), onnx.message((3, bytes(10)))):
        with pytest.raises(SchemaError, match=r"^it has more than 10 fields$"):
            read(data)


def test_numbers_of_changing_length_are_signed(onnx):
    numbers = [0, 1, 127, 128, 2**63 - 1, -1, -(2**63)]
    packed = b"".join(onnx.varint(number % 2**64) for number in numbers)
    assert read_varints(memoryview(packed)) == numbers

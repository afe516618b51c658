"""A file of PyTorch's is read without trusting it: whatever it says of itself is checked."""

import pickle
import struct

import numpy as np
import pytest

from train.expression.networks.torchfile import MAGIC, read_state_dict

VALUES = np.arange(6, dtype="<f4")


def write(value: object) -> bytes:
    """Return the operations that make a value of plain Python."""
    return pickle.dumps(value, 2)[2:-1]


def write_file(path, start=0, shape=(2, 3), strides=(3, 1), count=6, **changes):
    """Write a file of one tensor, as PyTorch before 1.6 did."""
    storage = write("storage") + b"ctorch\nFloatStorage\n" + write("0") + write("cpu") + write(6)
    place = b"(" + storage + b"tQ" + write(start) + write(shape) + write(strides) + write(False)
    tensor = changes.get("tensor", b"ctorch._utils\n_rebuild_tensor_v2\n(" + place + b"tR")
    pickles = [write(MAGIC), write(1001), write({}), b"}" + write("kernel") + tensor + b"s"]
    pickles.append(write(["0"]))
    file = b"".join(b"\x80\x02" + each + b"." for each in pickles)
    path.write_bytes(file + struct.pack("<q", count) + VALUES.tobytes())
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "weights.pth"


def test_a_tensor_is_read_by_its_strides(path):
    assert read_state_dict(write_file(path))["kernel"].tolist() == [[0, 1, 2], [3, 4, 5]]
    turned = write_file(path, shape=(3, 2), strides=(1, 3))
    assert read_state_dict(turned)["kernel"].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert read_state_dict(write_file(path, 4, (), ()))["kernel"] == 4
    one = write_file(path, shape=(1, 6), strides=(2**70, 1))  # no step is taken along one value
    assert read_state_dict(one)["kernel"].tolist() == [[0, 1, 2, 3, 4, 5]]


@pytest.mark.parametrize(
    "changes",
    [
        {"strides": (2**70, 1)},
        {"strides": (2**62, 1)},
        {"strides": (-3, 1)},
        {"strides": (3.0, 1)},
        {"strides": (3,)},
        {"strides": None},
        {"strides": (0, 0), "shape": (2**40, 2**20)},
        {"shape": (-2, 3)},
        {"shape": (2**70, 0)},
        {"shape": (2, 4)},
        {"start": 1},
        {"start": -1},
        {"start": 2**70},
        {"start": "0"},
        {"count": -1},
        {"count": 7},
        {"count": 2**62},
        {"tensor": b"cos\nsystem\n(" + write("true") + b"tR"},
        {"tensor": b"X\xff\xff\xff\x7f"},
        {"tensor": b"(" * 1000},
        {"tensor": write(5)},
        {"tensor": write(5) + b"r\xff\xff\xff\x1f"},  # room for all places below: 8 GB
        {"tensor": b"N" + b"".join(b"q%ch%ch%c\x86" % (n, n, n) for n in range(60))},  # 2**60 Nones
        {"tensor": b"I1\n"},
    ],
)
def test_what_cannot_be_is_one_line(path, changes):
    write_file(path, **changes)
    with pytest.raises(ValueError, match=r"not weights saved by PyTorch before 1\.6") as caught:
        read_state_dict(path)
    assert "\n" not in str(caught.value)


def test_whichever_byte_is_flipped_it_is_one_line_or_as_many_values(path):
    whole = write_file(path).read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        found = try_to_read(path)
        assert (
            "\n" not in found if isinstance(found, str) else max(map(np.size, found.values())) <= 6
        )


def try_to_read(path):
    """Return what is read, or the text of the error."""
    try:
        return read_state_dict(path) or {"": 0}
    except ValueError as exc:
        return str(exc)

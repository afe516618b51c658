"""Weights saved by PyTorch before version 1.6, read without PyTorch and without trusting the file.

Such a file is five pickles in a row (magic number, protocol, system, state dict, storage keys) and
then each storage: its length as int64 and its values. Only what names tensors is unpickled.
"""

import math
import pickle
import pickletools
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

MAGIC = 0x1950A86A20F9469CFC6C
# what a wrong file raises
DAMAGED = (
    *(ValueError, LookupError, TypeError, AttributeError, ArithmeticError),
    *(EOFError, MemoryError, RecursionError, RuntimeError, NotImplementedError),
)
# operations of the pickles in such files; there are others that a few bytes of make take gigabytes
OPERATIONS = (
    *("PROTO", "STOP", "MARK", "GLOBAL", "REDUCE", "BUILD", "BINPERSID"),
    *("NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE"),
    *("EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "EMPTY_LIST", "APPEND", "APPENDS"),
    *("EMPTY_DICT", "SETITEM", "SETITEMS", "BINPUT", "LONG_BINPUT", "BINGET", "LONG_BINGET"),
)
SHARED = ("GLOBAL", "BINUNICODE")  # what may be used again; tuples within tuples could double
KINDS: dict[str, np.dtype[Any]] = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class _Tensor(NamedTuple):
    """Where a tensor lies: storage key, first value, shape, and strides counted in values."""

    key: str
    start: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Reader(pickle.Unpickler):
    """Unpickle names, numbers and the places of tensors; refuse everything else."""

    def __init__(self, file: BinaryIO, kinds: dict[str, np.dtype[Any]]) -> None:
        super().__init__(file)
        self.kinds = kinds

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda key, start, shape, strides, *rest: _Tensor(key, start, shape, strides)
        if module == "torch" and name in KINDS:
            return name
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")

    def persistent_load(self, pid: Any) -> str:
        _, kind, key, *_ = pid
        self.kinds[key] = KINDS[kind]
        return str(key)


def read_state_dict(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Read every array of a state dict by its name.

    Raises:
        ValueError: not such a file, or one that holds anything but float32 and int64 arrays.
    """
    kinds: dict[str, np.dtype[Any]] = {}
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            magic, _, _ = (_unpickle(file, kinds) for _ in range(3))
            if magic != MAGIC:
                raise ValueError("wrong magic number")
            places = _unpickle(file, kinds)
            storages = {}
            for key in _unpickle(file, kinds):
                (count,) = np.frombuffer(file.read(8), "<i8").tolist()
                if not 0 <= count * kinds[key].itemsize <= size - file.tell():
                    raise ValueError(f"a storage of {count:,} values")
                storages[key] = np.frombuffer(file.read(count * kinds[key].itemsize), kinds[key])
            return {name: _view(storages[place.key], place) for name, place in places.items()}
    except (pickle.UnpicklingError, *DAMAGED) as exc:
        raise ValueError(f"{path}: not weights saved by PyTorch before 1.6 ({exc})") from exc


def _unpickle(file: BinaryIO, kinds: dict[str, np.dtype[Any]]) -> Any:
    """Read the next pickle, if it has no other operations than PyTorch writes."""
    start, before = file.tell(), ""
    memo: dict[Any, str] = {}
    argument: Any
    for operation, argument, place in pickletools.genops(file):
        name = operation.name
        if name not in OPERATIONS:
            raise ValueError(f"a pickle with {name}")
        if name.endswith("PUT"):
            if argument > (place or 0):  # there is room made for all below it
                raise ValueError("a pickle with a place far off")
            memo[argument] = before
        elif name.endswith("GET") and memo.get(argument) not in SHARED:
            raise ValueError("a pickle that repeats more than names")
        before = name
    file.seek(start)
    return _Reader(file, kinds).load()


def _view(storage: npt.NDArray[Any], place: _Tensor) -> npt.NDArray[Any]:
    numbers = (place.start, *place.shape, *place.strides)
    if not all(type(number) is int and number >= 0 for number in numbers):
        raise ValueError("a tensor without a place")
    pairs = list(zip(place.shape, place.strides, strict=True))
    strides = [step if size > 1 else 0 for size, step in pairs]  # along one value, any is as good
    last = place.start + sum((n - 1) * s for n, s in zip(place.shape, strides, strict=True) if n)
    # with more values than its storage has, it would repeat some, as no weights do
    if last >= len(storage) or math.prod(place.shape) > len(storage):
        raise ValueError("a tensor outside its storage")
    view = np.lib.stride_tricks.as_strided(
        storage[place.start :], place.shape, [step * storage.itemsize for step in strides]
    )
    return view.copy()

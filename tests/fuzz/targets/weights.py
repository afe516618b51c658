"""Weights saved by PyTorch: arrays, or a `ValueError` of one line."""

import io
import os
import pickletools
import random
import struct
from itertools import pairwise

from train.expression.networks.torchfile import read_state_dict

from . import EscapeError
from .models import HOME

FILE = HOME / f"fer-onnx-fuzz-{os.getpid()}.pth"
OPERATIONS = b"()}]./012NQRabcdehlostu\x85\x86\x87\x88\x89\x93\x94"
SIZED = b"BGIJKLMTUVXqrhj\x8a\x8b\x8c\x8d\x8e\x95\x96"  # with a number or a text behind them
MOST = 4  # changes at a time


def answer(data: bytes) -> None:
    """Read a file of weights."""
    FILE.write_bytes(data)
    try:
        arrays = read_state_dict(FILE)
        if sum(array.nbytes for array in arrays.values()) > 100 * len(data) + 4096:
            raise EscapeError("arrays of far more bytes than the file")
    except ValueError as exc:
        if "\n" in str(exc):
            raise EscapeError(f"not one line: {str(exc)!r}") from exc
    finally:
        FILE.unlink()


def mutate(data: bytes, size: int, seed: int) -> bytes:
    """Change operations of the pickles."""
    import atheris

    rng = random.Random(seed)
    parts = split(data)
    if len(parts) < 3 or rng.random() < 0.2:
        return bytes(atheris.Mutate(data, size))
    for _ in range(rng.randint(1, MOST)):
        place = rng.randrange(len(parts))
        kind = rng.randrange(6)
        if kind == 0:
            del parts[place]
        elif kind == 1:
            parts.insert(place, rng.choice(parts))
        elif kind == 2:
            parts.insert(place, bytes([rng.choice(OPERATIONS)]))
        elif kind == 3:
            number = struct.pack("<q", rng.choice((0, 1, 255, 2**16, 2**28, 2**31 - 1, 2**62)))
            parts.insert(place, bytes([rng.choice(SIZED)]) + number)
        else:
            parts[place] = bytes(atheris.Mutate(parts[place], len(parts[place]) + 8))
        if not parts:
            return data
    changed = b"".join(parts)
    return changed if len(changed) <= size else data


def split(data: bytes) -> list[bytes]:
    """Split a file into the operations of its pickles, and the bytes behind them."""
    file, places = io.BytesIO(data), []
    try:
        for _ in range(5):
            places += [place for _, _, place in pickletools.genops(file)]
    except Exception:  # of damaged pickles; bytes follow
        pass
    places = [*dict.fromkeys(places), file.tell(), len(data)]
    return [data[one:other] for one, other in pairwise(places)]

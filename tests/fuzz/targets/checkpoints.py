"""Checkpoints and their records: what was saved, or a `TrainError` of one line."""

import os

from train.errors import TrainError
from train.runs.checkpoint import read_checkpoint, read_run

from . import EscapeError
from .models import HOME

FILE = HOME / f"fer-onnx-fuzz-{os.getpid()}.keras"


def answer(data: bytes) -> None:
    """Read a checkpoint, and bytes as the record beside one."""
    FILE.write_bytes(data)
    try:
        for read in (read_checkpoint, read_run):
            try:
                read(FILE)
            except TrainError as exc:
                if "\n" in str(exc):
                    raise EscapeError(f"not one line: {str(exc)!r}") from exc
    finally:
        FILE.unlink()


def mutate(data: bytes, size: int, seed: int) -> bytes:
    """Change members of the archive."""
    from . import zips

    return zips.mutate(data, size, seed)

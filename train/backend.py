"""Keras, imported without the remarks that TensorFlow makes on stderr meanwhile."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

STDERR = 2  # the file descriptor, to which C++ writes


def import_keras() -> None:
    """Import Keras; of its backend only errors are heard."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if "keras" not in sys.modules:
        with _silence(STDERR):
            import keras  # noqa: F401


@contextmanager
def _silence(descriptor: int) -> Iterator[None]:
    """Drop what is written to a file descriptor, if it is open."""
    try:
        kept = os.dup(descriptor)
    except OSError:  # closed, as by 2>&-
        yield
        return
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, descriptor)
    os.close(nothing)
    try:
        yield
    finally:
        os.dup2(kept, descriptor)
        os.close(kept)

"""Fuzz one target until libFuzzer's flags say stop: `python tests/fuzz/one.py NAME FLAG…`.

Beyond what a target lets through, an input escapes that takes more than `SECONDS` of processor time
or lets the memory of the process grow by more than `MEMORY`.
"""

import importlib
import os
import resource
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import atheris
from targets import EscapeError

SECONDS = 5.0
MEMORY = 500 * 2**20  # bytes: what a picture may take, and what the interpreter adds
INSTRUMENTED = ["fer_onnx", "train"]


def main() -> None:
    """Run libFuzzer on a target."""
    name, *flags = sys.argv[1:]
    with atheris.instrument_imports(include=INSTRUMENTED):
        target = importlib.import_module(f"targets.{name}")
    target.answer(b"")  # what the first call imports does not count
    most = _measure_peak() + MEMORY

    def answer(data: bytes) -> None:
        started = time.process_time()
        target.answer(data)
        seconds = time.process_time() - started
        if seconds > SECONDS:
            raise EscapeError(f"{seconds:.1f} seconds")
        if (peak := _measure_peak()) > most:
            raise EscapeError(f"{peak / 1e6:.0f} MB, {most / 1e6:.0f} allowed")

    options = {"custom_mutator": target.mutate} if hasattr(target, "mutate") else {}
    atheris.Setup([sys.argv[0], *flags], answer, **options)
    atheris.Fuzz()


def _measure_peak() -> int:
    """Return the most memory that this process had in use so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()

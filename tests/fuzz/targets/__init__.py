"""What is fuzzed: one module for each kind of file that comes from strangers.

Each has `answer(data)`, which reads a file of these bytes as the product does and lets through only
what must never happen, and may have `mutate(data, size, seed)`, which knows the format.
"""

from pathlib import Path

NAMES = ("pictures", "models", "metadata", "tables", "weights", "checkpoints")
CORPUS = Path(__file__).parents[1] / "corpus"


class EscapeError(Exception):
    """Something that was answered and should not have been, or took too much."""


def check_line(exc: Exception) -> None:
    """Check that an error of ours is told in one printable line."""
    if not str(exc) or not str(exc).isprintable():
        raise EscapeError(f"no printable line: {str(exc)!r}") from exc

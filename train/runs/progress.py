"""What a training says while it runs."""

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any


def print_now(line: str) -> None:
    """Print a line that whoever follows a log sees at once."""
    print(line, flush=True)


def describe_time(history: Sequence[Mapping[str, Any]], epochs: int) -> str:
    """Return how long the last epoch took, and how long the rest will, by the last three."""
    left = mean(row["seconds"] for row in history[-3:]) * (epochs - len(history)) / 60
    return f"{history[-1]['seconds']:.0f} s, {left:.0f} min left"

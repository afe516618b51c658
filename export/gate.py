"""Is an int8 file as good as the float32 one? It is not written unless this says yes."""

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import numpy as np
import numpy.typing as npt

LEAST_AGREEMENT = 0.985  # share of the validation faces with the same label
MOST_LOSS = 0.003  # of accuracy, or of a detector's average precision
SPARED = 1, 2, 3  # first layers left in float32, tried in turn until int8 passes

Result = TypeVar("Result")


class GateError(Exception):
    """The int8 file answers too differently; its text is one line."""


def quantize_most(attempt: Callable[[int], Result]) -> Result:
    """Quantize as many layers as pass.

    Args:
        attempt: takes how many of the first layers with weights stay float32, and passes a gate.

    Raises:
        GateError: no attempt passes.
    """
    for spared in SPARED[:-1]:
        with suppress(GateError):
            return attempt(spared)
    return attempt(SPARED[-1])


def pass_gate(
    expected: npt.NDArray[np.floating],
    given: npt.NDArray[np.floating],
    answers: npt.NDArray[np.int64],
) -> None:
    """Compare the answers of int8 on validation faces with those of float32.

    Args:
        expected: float array (n, labels), probabilities in float32.
        given: the same in int8.
        answers: int array (n,), right answers, -1 for faces that do not count.

    Raises:
        GateError: fewer than 98.5 % get the same label, or more than 0.3 points of accuracy are
            lost.
    """
    before, after, counted = expected.argmax(axis=1), given.argmax(axis=1), answers >= 0
    agreement = float((before == after).mean())
    right = [int((labels == answers)[counted].sum()) for labels in (before, after)]
    count = int(counted.sum())
    if not (agreement >= LEAST_AGREEMENT and right[0] - right[1] <= MOST_LOSS * count):
        raise GateError(
            f"int8 gives {agreement:.1%} of {len(expected):,} faces the label of float32 "
            f"(at least {LEAST_AGREEMENT:.1%} is asked) and is right on {right[1] / count:.2%} of "
            f"those that count, float32 on {right[0] / count:.2%} (at most {100 * MOST_LOSS:.1f} "
            "points less is allowed). Nothing was written."
        )


def pass_detector_gate(expected: float, given: float) -> None:
    """Compare the average precision of int8 on held-back pictures with that of float32, each 0–1.

    Raises:
        GateError: more than 0.3 points are lost.
    """
    if not expected - given <= MOST_LOSS:
        raise GateError(
            f"int8 has an average precision of {given:.1%}, float32 of {expected:.1%} (at most "
            f"{100 * MOST_LOSS:.1f} points less is allowed). Nothing was written."
        )

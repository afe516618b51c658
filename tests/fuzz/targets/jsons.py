"""JSON taken apart, changed, and put together again."""

import json
import random
from copy import deepcopy
from typing import Any

import atheris

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 48, 1024, 1025, 2**31, 2**63, 10**30, 0.5, 4.0, -0.0, 1e308),
    *(float("inf"), float("nan"), "", "a", "happy", "\x1b[2J", "\ud800", "x" * 3000, "1", "é\n"),
    *([], {}, [[]], {"": []}, ["a", "b"], ["a", "a"], [1, 2], {"a": 1}),
)
MOST = 4  # changes at a time


def mutate(data: bytes, size: int, seed: int) -> bytes:
    """Change some values of a JSON text; of what is none, some bytes."""
    rng = random.Random(seed)
    try:
        if rng.random() < 0.1:
            raise ValueError("bytes, for once")
        value = json.loads(data)
    except (ValueError, RecursionError):
        return bytes(atheris.Mutate(data, size))
    for _ in range(rng.randint(1, MOST)):
        value = _change(value, rng)
    changed = json.dumps(value, ensure_ascii=rng.random() < 0.5).encode(errors="surrogatepass")
    return changed if len(changed) <= size else data


def _change(value: Any, rng: random.Random) -> Any:
    """Return a value with one change somewhere in it."""
    inside = bool(value) and isinstance(value, dict | list) and rng.random() < 0.9
    if not inside:
        if isinstance(value, str) and value and rng.random() < 0.3:
            return value[: rng.randrange(len(value))] + rng.choice("\0\x1b\u202e é\n") + value
        if isinstance(value, int | float) and rng.random() < 0.3:
            return value * rng.choice((-1, 2, 0.5, 1e9)) + rng.choice((0, 1, -1, 0.1))
        return deepcopy(rng.choice(VALUES))
    key = rng.choice(list(value) if isinstance(value, dict) else range(len(value)))
    kind = rng.randrange(8)
    if kind == 0:
        del value[key]
    elif kind == 1 and isinstance(value, dict):
        value[rng.choice(("", "a", key + "x", key.upper()))] = deepcopy(value[key])
    elif kind == 1:
        value.insert(key, deepcopy(value[key]))
    else:
        value[key] = _change(value[key], rng)
    return value

"""Fields of a model file's metadata, checked by type and range.

Every check raises a ValueError of one line that names the field and its value; what a file says is
escaped and cut there, so that it cannot steer a terminal.
"""

from collections.abc import Collection, Mapping
from dataclasses import MISSING, fields
from typing import Any, TypeVar

from ..errors import printable as escape

LONGEST = 500  # characters of a text
DEEPEST = 8  # lists and objects within each other
SHOWN = 60  # characters of a value in a message


def show(value: object) -> str:
    """Return a value as messages have it: escaped, on one line, cut if it is long."""
    text = escape(repr(value))
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def check_number(name: str, value: object, low: float, high: float, above: bool = False) -> None:
    """Refuse what is no number from `low` to `high`; with `above`, `low` itself too."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not low <= value <= high or (above and value == low):  # type: ignore[operator]
        least = f"above {low:g}, to {high:g}" if above else f"from {low:g} to {high:g}"
        raise ValueError(f"{name} is {show(value)}; expected a number {least}")


def check_whole(name: str, value: object, low: int, high: int) -> None:
    """Refuse what is no whole number from `low` to `high`."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"{name} is {show(value)}; expected a whole number from {low} to {high}")


def check_choice(name: str, value: object, choices: Collection[str]) -> None:
    """Refuse what is none of some words."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} is {show(value)}; expected {' or '.join(choices)}")


def check_text(
    name: str, value: object, longest: int = LONGEST, least: int = 0, printable: bool = True
) -> None:
    """Refuse what is no text, is too long, or holds what is not printable."""
    if (
        not isinstance(value, str)
        or not least <= len(value) <= longest
        or not (value.isprintable() or not printable)
    ):
        kind = "printable " if printable else ""
        raise ValueError(
            f"{name} is {show(value)}; expected text of {least} to {longest} {kind}characters"
        )


def check_labels(name: str, value: object, most: int) -> None:
    """Refuse what is no tuple of 2 to `most` short texts, all different."""
    if not isinstance(value, tuple) or not 2 <= len(value) <= most:
        raise ValueError(f"{name} is {show(value)}; expected a list of 2 to {most} texts")
    for label in value:
        check_text("a label", label, longest=60, least=1)
    if len(set(value)) < len(value):
        raise ValueError(f"{name} is {show(value)}; expected them all different")


def check_texts(name: str, value: object) -> None:
    """Refuse what is no object of texts."""
    for key, text in _items(name, value):
        check_text(f"{name}.{show(key)}", text)


def check_numbers(name: str, value: object, keys: Collection[str], limit: float) -> None:
    """Refuse what is no object of numbers from -limit to limit, or has other keys."""
    for key, number in _items(name, value):
        if key not in keys:
            raise ValueError(f"{name} has {show(key)}; expected {show(list(keys))}")
        check_number(f"{name}.{show(key)}", number, -limit, limit)


def check_figures(name: str, value: object, depth: int = 0) -> None:
    """Refuse an object with anything but finite numbers, printable texts, and lists and objects."""
    if depth > DEEPEST:
        raise ValueError(f"{name} has more than {DEEPEST} lists or objects within each other")
    if depth and isinstance(value, list | tuple):
        for each in value:
            check_figures(name, each, depth + 1)
    elif not depth or isinstance(value, Mapping):
        for key, each in _items(name, value):
            check_figures(f"{name}.{show(key)}" if depth < 1 else name, each, depth + 1)
    elif isinstance(value, str):
        check_text(name, value)
    elif value is not None and not isinstance(value, bool):
        check_number(name, value, -1e300, 1e300)


Part = TypeVar("Part")


def make(kind: type[Part], found: object, prefix: str = "", needed: Collection[str] = ()) -> Part:
    """Make a dataclass, which checks its own fields, of what JSON says.

    Args:
        kind: the dataclass.
        found: its fields by name.
        prefix: what stands before their names in errors, such as "input.".
        needed: fields that must be there although the dataclass has a default.
    """
    if not isinstance(found, dict):
        raise ValueError(f"{prefix.rstrip('.')} is {show(found)}; expected an object")
    known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type]
    for name, each in known.items():
        optional = each.default is not MISSING or each.default_factory is not MISSING
        if name not in found and (not optional or name in needed):
            raise ValueError(f"{prefix}{name} is missing")
    if unknown := [name for name in found if name not in known]:
        raise ValueError(f"{prefix}{show(unknown[0])} is no field that is known")
    try:
        return kind(**found)
    except ValueError as exc:
        raise ValueError(f"{prefix}{exc}") from exc


def _items(name: str, value: object) -> list[tuple[Any, Any]]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} is {show(value)}; expected an object")
    for key in value:
        check_text(f"a name in {name}", key)
    return list(value.items())

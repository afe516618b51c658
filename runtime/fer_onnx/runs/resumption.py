"""What a journal says of an unfinished run, and whether it can be gone on with."""

import json
import os
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from ..errors import FerOnnxError

FORMAT = 1
SIGN = b'{"journal": '  # what a journal begins with


class JournalError(FerOnnxError):
    """An unfinished run that stands in the way, or that cannot be gone on with."""


class Item(NamedTuple):
    """What some rows are about.

    Attributes:
        name: the item as the user named it.
        version: what changes when the item does; empty if there is no such thing.
    """

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes:
        done: items whose rows are written.
        size: bytes of what is written.
        counts: what the caller has counted in these items.
        whole: bytes of the complete file, when it is complete.
    """

    done: int = 0
    size: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    whole: int | None = None


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A run as its journal tells it.

    Attributes:
        settings: what decided its rows, by name.
        items: what it is about, in order.
        progress: how far it is for certain.
        end: bytes of the journal up to the last line that is whole.
    """

    settings: Mapping[str, str]
    items: Sequence[Item]
    progress: Progress
    end: int


def encode_start(settings: Mapping[str, str], items: Iterable[Item]) -> bytes:
    """Return the lines that a journal begins with."""
    return _encode({"journal": FORMAT, "settings": dict(settings)}) + encode_items(items)


def encode_items(items: Iterable[Item]) -> bytes:
    """Return the line that adds items to a run."""
    return _encode({"items": list(items)})


def encode_progress(progress: Progress) -> bytes:
    """Return the line that says how far a run is."""
    return _encode({"progress": asdict(progress)})


def lock_journal(journal: int) -> bool:
    """Keep other processes from a journal until it is closed; return whether none has it.

    On Windows, and on disks without locks, every process may have it.

    Args:
        journal: its file descriptor.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        fcntl.flock(journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def starts_journal(journal: int) -> bool:
    """Check whether a file may become a journal: empty, or broken off while it began to be one.

    Args:
        journal: its file descriptor.
    """
    with os.fdopen(os.dup(journal), "rb") as file:
        file.seek(0)
        start = file.read(len(SIGN))
    return SIGN.startswith(start)


def read_unfinished(journal: int) -> Unfinished | None:
    """Read a journal, up to the first line that is not whole.

    Args:
        journal: its file descriptor.

    Returns:
        The run, or None if the journal does not hold all that it begins with.
    """
    with os.fdopen(os.dup(journal), "rb") as file:
        file.seek(0)
        lines = file.read().splitlines(keepends=True)
    settings: Mapping[str, str] | None = None
    items: list[Item] = []
    progress, end = Progress(), 0
    for number, line in enumerate(lines):
        entry = _decode(line)
        if number == 0:
            settings = entry.get("settings") if entry.get("journal") == FORMAT else None
        elif "items" in entry:
            items += [Item(*item) for item in entry["items"]]
        elif "progress" in entry:
            progress = Progress(**entry["progress"])
        else:
            break
        end += len(line)
    return Unfinished(settings, items, progress, end) if settings is not None and items else None


def check_settings(before: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Check that a run is gone on with as it was begun.

    Raises:
        JournalError: it is not; names all that differs.
    """
    names = dict.fromkeys((*before, *now))
    differing = [name for name in names if before.get(name) != now.get(name)]
    if differing:
        raise JournalError(
            "; ".join(
                f"{name} was {before.get(name, 'unknown')}, is now {now.get(name, 'unknown')}"
                for name in differing
            )
        )


def arrange_items(before: Sequence[Item], now: Sequence[Item], done: int, new: bool) -> list[int]:
    """Return the places in `now` of the items of an unfinished run, then those of new ones.

    Args:
        before: the items of the unfinished run.
        now: the items that are given now, in any order.
        done: how many of `before` are answered: these must not have changed.
        new: whether items may come that the run does not know.

    Raises:
        JournalError: items are gone, have changed since they were answered, or have come without
            being allowed to.
    """
    places: defaultdict[str, deque[int]] = defaultdict(deque)
    for place, item in enumerate(now):
        places[item.name].append(place)
    order: list[int] = []
    gone: list[str] = []
    for item in before:
        if places[item.name]:
            order.append(places[item.name].popleft())
        else:
            gone.append(item.name)
    if gone:
        raise JournalError(_say(gone, "is gone", "are gone"))
    answered = zip(before[:done], order[:done], strict=True)
    changed = [item.name for item, place in answered if now[place].version != item.version]
    if changed:
        raise JournalError(_say(changed, "has changed since it was answered", "have changed since"))
    come = sorted(place for left in places.values() for place in left)
    if come and not new:
        names = [now[place].name for place in come]
        raise JournalError(_say(names, "is new", "are new") + "; --new answers what is new last")
    return order + come


def _say(names: Sequence[str], one: str, many: str) -> str:
    return (
        f"{names[0]} {one}" if len(names) == 1 else f"{names[0]} and {len(names) - 1} more {many}"
    )


def _encode(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(entry).encode("ascii") + b"\n"


def _decode(line: bytes) -> dict[str, Any]:
    """Return what a line says; nothing if it is not whole, as after a power failure."""
    try:
        entry = json.loads(line) if line.endswith(b"\n") else {}
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}

"""Memory that is free again, given back to the system.

Pictures and the messages that carry them take memory for a moment. glibc keeps such memory in the
process, so that the server would seem to grow with every visitor; other systems do without this.
"""

import ctypes
import gc
from collections.abc import Callable
from threading import Lock, Timer

DELAY = 1.0  # seconds after which what was drawn has been sent
_waiting = Lock()


def find_trim() -> Callable[[int], int] | None:
    """Return the function of the C library that gives memory back, or None if there is none."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # not glibc; not Linux
        return None


def trim_soon() -> None:
    """Return free memory to the system in a moment: once, however often it is called until then."""
    if _TRIM is not None and _waiting.acquire(blocking=False):
        timer = Timer(DELAY, _trim)
        timer.daemon = True
        timer.start()


def _trim() -> None:
    _waiting.release()
    gc.collect()
    assert _TRIM is not None
    _TRIM(0)


_TRIM = find_trim()

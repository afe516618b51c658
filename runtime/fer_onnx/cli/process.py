"""One process of the command: its streams, the signals that end it, its exit code."""

import io
import os
import signal
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from ..errors import FerOnnxError, printable
from .parser import UsageError, build_parser

UNUSABLE, UNREAD = 2, 141
STOPS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Stopped(KeyboardInterrupt):
    """A signal that asks the process to leave, as Ctrl-C does.

    Attributes:
        number: the signal's.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def run(argv: Sequence[str] | None) -> int:
    """Run one command; return its exit code."""
    # closed, as by >&-
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: PTH123, SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what it cannot print is escaped
            stream.reconfigure(errors="backslashreplace", line_buffering=True)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # a picture's faults are told in one line of our own
    try:
        with _stoppable():
            args = build_parser().parse_args(argv)
            code: int = args.run(args)
            sys.stdout.flush()
    except (UsageError, FerOnnxError) as exc:
        return _fail(str(exc))
    except Stopped as exc:
        return 128 + exc.number
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except OSError as exc:
        if exc.filename is None:
            _drop_stdout()
        if isinstance(exc, BrokenPipeError):
            return UNREAD
        return _fail(f"{exc.filename or 'stdout'}: cannot be written ({exc.strerror or exc})")
    return code


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let signals that ask a process to leave interrupt it; those that are ignored stay ignored."""
    before = {}
    try:
        for number in STOPS:
            if signal.getsignal(number) == signal.SIG_DFL:
                before[number] = signal.signal(number, _stop)
    except ValueError:  # in a thread of a larger program, whose signals are not ours
        pass
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped(number)


def _fail(message: str) -> int:
    print(f"error: {printable(message)}", file=sys.stderr)
    return UNUSABLE


def _drop_stdout() -> None:
    """Send the rest nowhere, or Python would complain of it on leaving."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

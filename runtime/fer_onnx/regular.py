"""Regular files, opened for reading; pipes, devices and sockets are never waited for."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

KINDS = (  # of what is no regular file
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a file for reading, never waiting for one that is a pipe or a device.

    Raises:
        OSError: it cannot be opened; or is no regular file, and then without `errno`, and its
            `strerror` says what it is.
    """
    _check_regular(Path(path).stat(), path)  # opening alone may do something to a device
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    try:
        _check_regular(os.fstat(descriptor), path)  # it may have been replaced since
    except OSError:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "rb")


def _check_regular(status: os.stat_result, path: str | os.PathLike[str]) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = next((name for check, name in KINDS if check(status.st_mode)), "no regular file")
        raise OSError(0, kind, os.fspath(path))

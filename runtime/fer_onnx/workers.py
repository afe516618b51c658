"""Pictures shared among processes; the records come back in the order of the pictures."""

import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from .answers import Answerer, Settings
from .errors import FerOnnxError
from .files import Picture
from .report import Record

AHEAD = 8  # pictures handed out per process before the oldest answer is waited for

_answerer: Answerer  # of a worker process: opened once, used for every picture


def share(pictures: Sequence[Picture], settings: Settings, workers: int) -> Iterator[Record]:
    """Answer pictures in several processes, each with a model of its own.

    Raises:
        FerOnnxError: a process was killed, as happens when memory runs out.
    """
    if sys.platform == "win32":
        workers = min(workers, 61)  # more it cannot wait for
    pool = ProcessPoolExecutor(
        workers,
        multiprocessing.get_context("spawn"),  # onnxruntime's threads do not survive a fork
        _start,
        (settings,),
    )
    waiting: deque[Future[Record]] = deque()
    try:
        for picture in pictures:
            with _no_interrupt():
                waiting.append(pool.submit(_answer, picture))
            if len(waiting) == workers * AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as exc:
        raise FerOnnxError("a worker process was killed; fewer --workers need less memory") from exc
    finally:
        pool.shutdown(cancel_futures=True)


def _start(settings: Settings) -> None:
    global _answerer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # as the parent does
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    _answerer = Answerer(settings)


def _answer(picture: Picture) -> Record:
    return _answerer.answer(picture)


def _leave_with_parent() -> None:
    """End this process when the parent is killed; nobody else would."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Hold Ctrl-C back while a process starts: it would print a traceback of its own."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

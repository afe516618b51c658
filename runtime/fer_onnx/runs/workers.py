"""Pictures shared among processes; the records come back in the order of the pictures.

Each worker is a process with a pipe of its own, over which it gets several pictures at once and
sends each record as soon as there is one. So it is known at any time which picture a worker has in
hand: if the worker dies, or takes too long, that picture costs a record with an error, the others
that it had go to the next worker, and it is replaced.
"""

import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from heapq import heappop, heappush
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import TypeAlias

from ..errors import FerOnnxError
from ..limits import DEFAULT, Limits
from .files import Picture
from .pipeline import Answerer, Settings
from .records import Record

Task: TypeAlias = list[tuple[int, Picture]]  # pictures with their places in the order

Message: TypeAlias = str | FerOnnxError | tuple[int, Record, float]  # ready, unfit, an answer

TASK = 32  # pictures in one message, at most
AHEAD = 4 * TASK  # pictures begun per worker before the oldest is answered
TASK_SECONDS = 0.1  # work in one message: more would wait behind a slow picture
TICK = 0.25  # seconds between looks at the time
STARTS = 3  # workers in a row that may die before they are ready
GRACE = 2.0  # seconds in which a worker may end its picture when the run ends
STOPS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
CONTEXT = multiprocessing.get_context("spawn")  # onnxruntime's threads do not survive a fork


def share(
    pictures: Sequence[Picture], settings: Settings, workers: int, limits: Limits = DEFAULT
) -> Iterator[Record]:
    """Answer pictures in several processes, each with a model of its own.

    Args:
        pictures: what is answered; the records come in their order.
        settings: how.
        workers: how many processes.
        limits: `seconds` of one picture is what is minded here.

    Raises:
        FerOnnxError: a process cannot open the model, or processes die before they are ready.
    """
    if sys.platform == "win32":
        workers = min(workers, 61)  # more it cannot wait for
    pool = _Pool(pictures, settings, workers, limits.seconds)
    try:
        for place in range(len(pictures)):
            while place not in pool.records:
                pool.turn(place)
            yield pool.records.pop(place)
    finally:
        pool.close()


def count_cpus() -> int:
    """Return how many CPUs this process may run on."""
    if hasattr(os, "process_cpu_count"):  # from Python 3.13 on
        return os.process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Worker:
    """One process, and the pictures that it was given and has not answered.

    Attributes:
        pipe: leads to it.
        places: of its pictures; it has the first one in hand.
        model: name of its model; empty until it is ready.
        silent: seconds spent in waiting since it was last heard of.
    """

    def __init__(self, settings: Settings) -> None:
        self.pipe, end = CONTEXT.Pipe()
        self.process = CONTEXT.Process(target=_work, args=(end, settings), daemon=True)
        self.places: deque[int] = deque()
        self.model = ""
        self.silent = 0.0
        with _signals_held():
            self.process.start()
        end.close()  # or its death would not be heard of

    def end(self, seconds: float) -> str:
        """End it when its picture is done, or after so many seconds; say how it ended."""
        self.pipe.close()
        self.process.join(seconds)
        self.process.kill()
        self.process.join()
        code = self.process.exitcode or 0
        with suppress(ValueError):  # a number without a name
            return signal.Signals(-code).name
        return f"exit code {code}"


class _Pool:
    """The workers of one run, what they are to do, and what has come back.

    Attributes:
        records: by place; whoever reads them takes them out.
    """

    def __init__(
        self, pictures: Sequence[Picture], settings: Settings, workers: int, seconds: float | None
    ) -> None:
        self.records: dict[int, Record] = {}
        self._pictures, self._settings, self._seconds = pictures, settings, seconds
        self._next = 0  # place of the first picture that nobody has had
        self._again: list[int] = []  # places of those whose worker is gone, as a heap
        self._cost = 0.0  # seconds of a picture, on average
        self._died = 0  # workers in a row that never were ready
        self._workers: list[_Worker] = []
        try:
            for _ in range(workers):
                self._start()
        except BaseException:
            self.close()
            raise

    def turn(self, oldest: int) -> None:
        """Hand out pictures, wait for something to happen, and see to it.

        Args:
            oldest: place of the picture that is waited for.
        """
        for worker in self._workers:
            if worker.model and len(worker.places) <= self._size() // 2:
                self._hand_out(worker, oldest)
        before = time.monotonic()
        pipes = [worker.pipe for worker in self._workers]
        ready = multiprocessing.connection.wait(pipes, TICK)
        # a machine that slept, or a reader who was slow, is not held against a picture
        waited = min(time.monotonic() - before, TICK)
        for worker in self._workers:
            worker.silent += waited
        for worker in [worker for worker in self._workers if worker.pipe in ready]:
            self._hear(worker)
        for worker in list(self._workers):
            if self._seconds is not None and worker.places and worker.silent > self._seconds:
                self._give_up(worker, f"took longer than {self._seconds:g} s")

    def close(self) -> None:
        """End the workers; each may finish its picture, so that no file stays half written."""
        for worker in self._workers:
            worker.pipe.close()
        end = time.monotonic() + GRACE
        for worker in self._workers:
            worker.end(max(end - time.monotonic(), 0.01))

    def _size(self) -> int:
        """How many pictures one message carries: several where they are many and cheap."""
        left = (len(self._pictures) - self._next) // (2 * len(self._workers))
        return max(1, min(TASK, left, int(TASK_SECONDS / self._cost) if self._cost else 1))

    def _hand_out(self, worker: _Worker, oldest: int) -> None:
        places = []
        end = min(len(self._pictures), oldest + AHEAD * len(self._workers))
        for _ in range(self._size()):
            if self._again:
                places.append(heappop(self._again))
            elif self._next < end:
                places.append(self._next)
                self._next += 1
        if not places:
            return
        if not worker.places:
            worker.silent = 0.0
        worker.places.extend(places)
        with suppress(OSError):  # that it is gone is heard of in a moment
            worker.pipe.send([(place, self._pictures[place]) for place in places])

    def _hear(self, worker: _Worker) -> None:
        try:
            while worker.pipe.poll():
                self._take(worker, worker.pipe.recv())
        except (EOFError, OSError):
            self._give_up(worker)

    def _take(self, worker: _Worker, message: Message) -> None:
        worker.silent = 0.0
        if isinstance(message, FerOnnxError):
            raise message
        if isinstance(message, str):
            worker.model, self._died = message, 0
            return
        place, record, seconds = message
        worker.places.remove(place)
        self.records[place] = record
        self._cost += (seconds - self._cost) / 8 if self._cost else seconds

    def _give_up(self, worker: _Worker, why: str = "") -> None:
        """End a worker at the cost of the picture that it has in hand; start another."""
        in_hand = list(worker.places)[:1]
        if why:
            worker.process.kill()
        with suppress(EOFError, OSError):
            while True:  # what it sent before
                self._take(worker, worker.pipe.recv())
        how = worker.end(GRACE)
        self._workers.remove(worker)
        if not worker.model:
            self._died += 1
            if self._died == STARTS:
                raise FerOnnxError(
                    f"worker processes die on starting ({how}); out of memory? try fewer --workers"
                )
        for place in in_hand:
            if place in worker.places:
                worker.places.remove(place)
                name = self._pictures[place].name
                error = f"{name}: {why or f'its worker process died ({how})'}"
                self.records[place] = Record(name, None, None, worker.model, error=error)
        for place in worker.places:
            heappush(self._again, place)
        if self._again or self._next < len(self._pictures):
            self._start()

    def _start(self) -> None:
        try:
            self._workers.append(_Worker(self._settings))
        except OSError as exc:
            raise FerOnnxError(f"a worker process cannot be started ({exc.strerror})") from exc


def _work(pipe: Connection, settings: Settings) -> None:
    """Answer what comes through the pipe, in a process of its own."""
    for stop in STOPS:  # the parent's to handle: it ends this process by closing the pipe
        signal.signal(stop, signal.SIG_IGN)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # as the parent does
    tasks: SimpleQueue[Task] = SimpleQueue()
    gone = threading.Event()
    threading.Thread(target=_receive, args=(pipe, tasks, gone), daemon=True).start()
    with suppress(OSError):  # nobody reads the answers any more
        try:
            answerer = Answerer(settings)
        except FerOnnxError as exc:
            pipe.send(FerOnnxError(str(exc)))
            return
        pipe.send(answerer.model.info.name)
        while not gone.is_set():
            for place, picture in tasks.get():
                if gone.is_set():
                    return
                start = time.perf_counter()
                record = answerer.answer(picture)
                pipe.send((place, record, time.perf_counter() - start))


def _receive(pipe: Connection, tasks: "SimpleQueue[Task]", gone: threading.Event) -> None:
    """Take in tasks until the parent is gone; then leave, with the picture in hand or without."""
    try:
        while True:
            tasks.put(pipe.recv())
    except (EOFError, OSError):
        gone.set()
        tasks.put([])
    time.sleep(GRACE)
    os._exit(1)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Block signals that end a run while a process starts: it would print its own traceback."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # or the first process would start it, with signals let in
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

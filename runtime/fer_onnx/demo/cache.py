"""What is kept in memory: models for all visitors, and for each visitor what was read."""

import os
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

import streamlit as st

from .. import modelfile
from ..runs.pipeline import Answerer, Settings
from . import hooks, pictures
from .pictures import Closeup, Reading, Source

MAX_SHOWN = 16  # pictures of one visitor that are kept at the size of the page
PAUSE = 0.25  # seconds between two looks at what has been read
Value = TypeVar("Value")


class Recent(OrderedDict[tuple[str, str], Value], Generic[Value]):
    """The last few of what was put in."""

    def keep(self, key: tuple[str, str], value: Value) -> Value:
        """Put in a value, and drop the oldest if there are too many."""
        self[key] = value
        while len(self) > MAX_SHOWN:
            self.popitem(last=False)
        return value


class Memory:
    """What was read for one visitor: dropped when the visitor leaves, or removes the picture.

    Attributes:
        visit: that it belongs to.
        readings: by picture and model.
    """

    def __init__(self, visit: str = "") -> None:
        """Start with nothing."""
        self.visit = visit
        self.readings: dict[tuple[str, str], Reading] = {}
        self._shown: Recent[bytes] = Recent()
        self._closeups: Recent[Closeup] = Recent()
        self._running: dict[tuple[str, str], Future[Reading]] = {}

    def find(self, source: Source, model_name: str) -> Reading | None:
        """Return what was read, or None if it is still to be read."""
        return self.readings.get((pictures.key_of(source), model_name))

    def read(self, source: Source, model_name: str) -> Reading:
        """Read a picture; safe in any thread."""
        key = pictures.key_of(source), model_name
        reading, shown = pictures.read(source, open_model(model_name)[0])
        if shown:
            self._shown.keep((key[0], ""), shown)
        self.readings[key] = reading
        return reading

    def begin(self, source: Source, model_name: str) -> Future[Reading]:
        """Begin to read a picture in a thread of its own, or return the reading that has begun."""
        key = pictures.key_of(source), model_name
        running = self._running.get(key)
        if running is None or running.done():
            running = self._running[key] = open_pool().submit(self.read, source, model_name)
            running.add_done_callback(lambda _: self._running.pop(key, None))
        return running

    def show(self, source: Source) -> bytes:
        """Return a picture that was read as JPEG, small enough for a page."""
        key = pictures.key_of(source), ""
        found = self._shown.get(key)
        return found or self._shown.keep(key, pictures.show(source))

    def look_closer(self, source: Source, reading: Reading, model_name: str) -> Closeup:
        """Return what a second look at a picture shows."""
        key = pictures.key_of(source), model_name
        found = self._closeups.get(key)
        if found is None:
            model = open_model(model_name)[0].model
            found = self._closeups.keep(key, pictures.look_closer(source, reading.record, model))
        return found

    def keep_only(self, sources: Sequence[Source]) -> None:
        """Drop what belongs to other pictures than these."""
        kept = {pictures.key_of(source) for source in sources}
        for known in (self.readings, self._shown, self._closeups):
            for key in [key for key in list(known) if key[0] not in kept]:
                del known[key]


@st.cache_resource(show_spinner="Opening the model …")
def open_model(name: str) -> tuple[Answerer, int]:
    """Open a model once for all visitors.

    Returns:
        What answers pictures, and how many bytes the model file has.

    Raises:
        ModelError: it cannot be used.
    """
    return Answerer(Settings(name)), len(modelfile.read_model(name))


def _leave(memory: Memory) -> None:
    hooks.forget_soon(memory.visit)


@st.cache_resource(scope="session", show_spinner=False, on_release=_leave)
def open_memory() -> Memory:
    """Return what was read for this visitor."""
    return Memory(hooks.name_visit())


@st.cache_resource(show_spinner=False)
def open_pool() -> ThreadPoolExecutor:
    """Return the threads that read pictures, for all visitors: one for each processor core."""
    return ThreadPoolExecutor(os.cpu_count() or 1, "fer-onnx-demo")


def read_in_parallel(
    memory: Memory, sources: Sequence[Source], model_name: str
) -> Iterator[list[Source]]:
    """Read pictures, several at a time.

    Yields:
        Those that have been read since the last time, perhaps none, four times a second or more
        often. What has not begun when the caller stops asking is not read.
    """
    open_model(model_name)  # here, and not in each thread
    waiting = {memory.begin(source, model_name): source for source in sources}
    try:
        while waiting:
            done, _ = wait(waiting, PAUSE, FIRST_COMPLETED)
            for future in done:
                future.result()  # an error that is none of the picture's is one of the page
            yield [waiting.pop(future) for future in done]
    finally:
        for future in waiting:
            future.cancel()

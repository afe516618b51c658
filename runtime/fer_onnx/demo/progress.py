"""Pictures being read: each shown as soon as it is, how long the rest takes, and a way to stop."""

import time
from collections.abc import Callable, Sequence

import streamlit as st

from . import markup
from .cache import read_in_parallel
from .pictures import Source
from .state import State, open_state

AT_ONCE = 0.5  # seconds; what is quicker needs no bar


def read_all(
    state: State, sources: Sequence[Source], show: Callable[[list[Source]], object]
) -> None:
    """Read what has not been read yet, unless the visitor has stopped that.

    Args:
        state: of the visit.
        sources: the pictures.
        show: called with those that have been read since the last time.
    """
    missing = [source for source in sources if state.find(source) is None]
    bar = st.empty()
    if not missing:
        state.stopped = False
        return
    if state.stopped:
        with bar.container(horizontal=True, vertical_alignment="center"):
            st.html(markup.write_note(f"{len(missing)} of {len(sources)} pictures were not read."))
            st.button("Read the rest", on_click=_resume)
        return
    start, done = time.monotonic(), 0
    line = None
    for read in read_in_parallel(state.memory, missing, state.model):
        done += len(read)
        seconds = time.monotonic() - start
        if line is None and seconds > AT_ONCE and len(missing) > 1:
            with bar.container(horizontal=True, vertical_alignment="center"):
                line = st.empty()
                st.button("Stop", on_click=_stop)
        if line is not None:  # a button that was pressed takes effect here
            line.progress(done / len(missing), tell_progress(done, len(missing), seconds))
        show(read)
    bar.empty()


def tell_progress(done: int, total: int, seconds: float) -> str:
    """Describe how many pictures were read in so many seconds, and how long the rest takes."""
    line = f"{done} of {total} pictures read"
    if not done:
        return line
    rest = (total - done) * seconds / done
    left = f"{rest:.0f} s" if rest < 90 else f"{rest / 60:.0f} min"
    return f"{line}, about {left} left"


# What a button is given outlives the visit, so it is given nothing.
def _stop() -> None:
    open_state().stopped = True


def _resume() -> None:
    open_state().stopped = False

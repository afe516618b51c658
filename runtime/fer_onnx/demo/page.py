"""The page: on the left what is asked, on the right what is answered.

Everything that is computed is computed by the rest of `fer_onnx`.
"""

from pathlib import Path

import streamlit as st

from .. import Classifier, images
from . import controls, heap, hooks
from .explanation import show_explanation, show_limits
from .faces import say_answers, show_faces
from .live import watch_camera
from .state import CAMERA, EXPLANATION, FACES, LIVE, TABLE, UPLOAD, State, open_state
from .table import show_table

HERE = Path(__file__).parent
SCRIPT = st.components.v2.component(
    "fer_onnx_page", js=(HERE / "page.js").read_text(encoding="utf-8")
)
STORED = (
    "Pictures are read on the computer that serves this page. They stay in its memory while the "
    "page is open and two minutes longer, and never reach a disk."
)


def main() -> None:
    """Lay out the page."""
    st.set_page_config("fer-onnx: how does this face look?", "🙂", layout="wide")
    hooks.keep_uploads_in_memory()
    state = open_state()
    with st.container(key="page"):
        asking, answering = st.container(key="ask"), st.container(key="answer")
    with asking:
        st.title("How does this face look?", anchor=False)
        controls.ask_question(state)
        controls.ask_pictures(state)
        note = st.empty()  # also without a note, so that what follows keeps its place
        if state.origin in (UPLOAD, CAMERA) and not state.given:
            note.caption("Until then, a sample is shown.")
        with st.expander("Model and threshold"):
            model = controls.ask_model(state)
            st.caption(STORED)
    others = [source for source in (state.shot, state.sample) if source]
    state.memory.keep_only([*state.uploads, *others])
    if model is None:
        return
    with answering:
        show_answers(state, model)
    with st.container(key="in-browser"):
        said = "" if state.origin == LIVE else say_answers(state)
        SCRIPT(key="script", data={"accept": ",".join(images.SUFFIXES), "said": said})
    heap.trim_soon()


def show_answers(state: State, model: Classifier) -> None:
    """Show what was found in pictures: face by face, as a table, or how it came about."""
    with st.container(key="views"):
        if state.origin == LIVE:
            watch_camera(state.model)
        else:
            controls.ask_view(state, model)
            views = {TABLE: show_table, EXPLANATION: show_explanation, FACES: show_faces}
            views[state.view](state)
    show_limits(model)

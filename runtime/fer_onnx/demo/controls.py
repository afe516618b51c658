"""What is asked of the visitor: the question, the pictures, the model, how answers are shown."""

import argparse
import sys
from functools import partial
from pathlib import Path

import streamlit as st

from .. import Classifier, FerOnnxError, limits
from . import markup, samples
from .cache import open_model
from .state import (
    CAMERA,
    EXPLANATION,
    EXPRESSION,
    FACES,
    HAPPY_OR_SAD,
    LIVE,
    SAMPLES,
    TABLE,
    UPLOAD,
    State,
)

MODELS = ("emotions", "emotions-fer2013")
NAMES = {
    EXPRESSION: "Which expression?",
    HAPPY_OR_SAD: "Happy or sad?",
    FACES: "Faces",
    TABLE: "Table",
    EXPLANATION: "How it works",
}
FIRST = next(iter(samples.SAMPLES))
choose = partial(
    st.segmented_control, required=True, label_visibility="collapsed", persist_state="session"
)


def ask_question(state: State) -> None:
    """Ask which labels to choose among."""
    state.question = choose(
        "Question",
        [EXPRESSION, HAPPY_OR_SAD],
        format_func=NAMES.__getitem__,
        default=EXPRESSION,
        key="question",
        bind="query-params",
        width="stretch",
    )


def ask_pictures(state: State) -> None:
    """Ask for pictures; the uploader is always there, so that what it holds stays."""
    ways = [UPLOAD, CAMERA, LIVE, SAMPLES]
    st.session_state.setdefault("origin", UPLOAD)  # not as default: a paste sets it as well
    state.origin = choose("Pictures from", ways, key="origin", width="stretch")
    # hidden by style: in a container of another name the browser would draw it anew, and empty
    shown = "flex" if state.origin == UPLOAD else "none"
    st.html(f"<style>.st-key-uploads {{ display: {shown}; }}</style>")
    with st.container(key="uploads"):
        state.uploads = st.file_uploader(
            "Pictures of faces: choose, drop or paste them",
            accept_multiple_files=True,  # of any type: what is wrong with one is said in words
            max_upload_size=limits.DEFAULT.bytes // 2**20,
            key="uploader",
            on_change=_show_uploads,
        )
    with st.container():  # also where it stays empty, so that what follows keeps its place
        if state.origin == CAMERA:
            shot = st.camera_input("Your face", key="camera-shot", on_change=_take_shot)
            if shot:
                shot.name = "Your face"
                state.shot = shot
        elif state.origin == SAMPLES:
            state.sample = choose(
                "Sample",
                samples.SAMPLES,
                format_func=samples.draw_button,
                default=FIRST,
                key="sample",
                width="stretch",
            )
    state.sample = state.sample or FIRST


def ask_model(state: State) -> Classifier | None:
    """Ask for the model that answers and for a threshold; show what the model says of itself.

    Returns:
        The model, or None if it cannot be used, which is said.
    """
    if state.question == HAPPY_OR_SAD:
        state.model = "happy-sad"
    else:
        names = [*_read_arguments(), *MODELS]
        by_name = {Path(name).name: name for name in reversed(names)}  # no path in the address
        chosen = st.selectbox(
            "Model",
            list(dict.fromkeys(Path(name).name for name in names)),
            key="model",
            bind="query-params",
        )
        state.model = by_name[chosen]
    try:
        answerer, size = open_model(state.model)
    except FerOnnxError as error:
        st.html(markup.write_error(str(error)))
        return None
    _ask_threshold(state, answerer.model)
    st.html(markup.describe_model(answerer.model, size))
    return answerer.model


def ask_view(state: State, model: Classifier) -> None:
    """Ask how answers are shown, and what to show of each face."""
    info = model.info
    size = f"{info.input.width} × {info.input.height}"
    with st.container(key="view-row", horizontal=True, vertical_alignment="center"):
        state.view = choose(
            "View",
            [FACES, TABLE, EXPLANATION],
            format_func=NAMES.__getitem__,
            default=FACES,
            key="view",
            bind="query-params",
        )
        if state.view != FACES:
            return
        state.evidence = st.toggle(
            "Where it looked",
            disabled=not model.has_evidence,
            key="evidence",
            persist_state="session",
        )
        state.evidence &= model.has_evidence
        label = f"The {size} pixels it gets"
        state.pixels = st.toggle(label, key="pixels", persist_state="session")


def _ask_threshold(state: State, model: Classifier) -> None:
    usual = round(model.info.uncertain_below, 2)
    least = st.slider(
        "Certain from a score of",
        0.0,
        1.0,
        usual,
        0.01,
        key=f"certain-{state.model}",
        persist_state="session",
        help="Answers below are marked as not sure, here and in downloads.",
    )
    state.min_score = None if least == usual else least


def _read_arguments() -> list[str]:
    """Return the model files named behind `--`."""
    parser = argparse.ArgumentParser(allow_abbrev=False, add_help=False)
    parser.add_argument("--model", action="extend", nargs="*", default=[])
    arguments, unknown = parser.parse_known_args(sys.argv[1:])
    if unknown:
        line = f"not understood: {' '.join(unknown)}; expected -- --model FILE"
        st.html(markup.write_error(line))
    return arguments.model


def _show_uploads() -> None:
    """Turn to the uploads when one has come, as by pasting it into another view."""
    if st.session_state["uploader"]:
        st.session_state["origin"] = UPLOAD


def _take_shot() -> None:
    """Drop the snapshot when it is cleared."""
    st.session_state["state"].shot = None

"""Pictures with their faces framed, and a card for each face."""

from pathlib import Path

import streamlit as st

from . import markup, pictures, samples
from .pictures import Reading, Source
from .progress import read_all
from .result import draw_result
from .state import State

PAGE = 12  # pictures that are shown at a time
SMALL = 5  # faces from which on cards are small


def show_faces(state: State) -> None:
    """Show pictures one below the other, each as soon as it is read."""
    sources, number = state.sources, 1
    if len(sources) > PAGE:
        number = st.pagination(-(-len(sources) // PAGE), key="turned-to", persist_state="session")
    shown = sources[PAGE * (number - 1) : PAGE * number]
    status = st.container(key="progress")
    slots = {pictures.key_of(source): st.empty() for source in shown}
    for _ in range(len(shown), PAGE):
        st.empty()  # in the place of pictures that were shown before and are no more
    for source in shown:
        if state.find(source) is None:
            note = "Not read." if state.stopped else "Reading …"
            slots[pictures.key_of(source)].html(markup.write_waiting(name_of(source), note))
        else:
            _fill(state, source, slots)
    with status:
        read_all(state, shown, lambda read: [_fill(state, source, slots) for source in read])


def say_answers(state: State) -> str:
    """Return what a screen reader should say of the first picture, if it has been read."""
    source = state.sources[0]
    reading = state.find(source)
    if reading is None:
        return ""
    record = pictures.judge(reading.record, state.min_score)
    if record.error:
        return record.error
    answers = [record.faces[i].prediction for i in pictures.order_faces(record.faces)]
    return f"{name_of(source)}: {', '.join(map(markup.name_answer, answers)) or 'no face found'}"


def name_of(source: Source) -> str:
    """Return the name of a picture as it is shown."""
    return samples.SAMPLES[source] if isinstance(source, Path) else source.name


def _fill(state: State, source: Source, slots: dict[str, "st.delta_generator.DeltaGenerator"]):
    """Show a picture that was read."""
    reading = state.find(source)
    assert reading is not None
    key = pictures.key_of(source)
    with slots[key].container(key=f"picture-{key[-12:]}"):
        st.html(_describe(state, source, reading))
        if reading.record.faces:
            record = pictures.judge(reading.record, state.min_score)
            st.download_button(
                "Save this result",
                lambda: draw_result(source, record),
                f"{source.name.rpartition('.')[0] or source.name}-expressions.png",
                "image/png",
                key=f"save-{key[-12:]}",
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
            )


def _describe(state: State, source: Source, reading: Reading) -> str:
    """Return one picture and its cards as HTML."""
    record = pictures.judge(reading.record, state.min_score)
    if record.error:
        return markup.write_error(record.error)
    order = pictures.order_faces(record.faces)
    faces = [record.faces[i] for i in order]
    closeup = None
    if faces and (state.evidence or state.pixels):
        closeup = state.memory.look_closer(source, reading, state.model)
    picture, seen = state.memory.show(source), reading.crops
    if closeup and state.evidence:
        picture, seen = closeup.picture, closeup.heats
    size = record.width or 1, record.height or 1
    key = pictures.key_of(source)[-12:]
    cards = []
    for number, i in enumerate(order, 1):
        pixels = closeup.pixels[i] if closeup and state.pixels else None
        cards.append(
            markup.write_card(
                record.faces[i].prediction,
                seen[i],
                pixels,
                f"{key}-{number}",
                number if len(order) > 1 else None,
            )
        )
    figure = markup.write_figure(name_of(source), picture, size, faces, key)
    return markup.write_picture(figure, cards, small=len(faces) >= SMALL)

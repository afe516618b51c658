"""Many pictures: a table of all faces, and what can be downloaded."""

import time
import zipfile
from collections import Counter
from collections.abc import Sequence
from functools import partial
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import streamlit as st

from .. import images
from ..cli import writers
from ..runs.files import place_annotated
from ..runs.pipeline import save_annotated
from ..runs.records import Record
from . import markup, pictures
from .cache import open_model
from .pictures import Reading, Source, name_picture
from .progress import read_all
from .state import State

NOT_SURE, NO_FACE, FAILED = "not sure", "no face", "cannot be read"
OFTEN = 1.0  # seconds between two drawings of the table while pictures are read
# pixels; the whole table fits beside what is asked on a screen of 1280
WIDTHS = {"Face": 56, "Answer": 104, "Score": 104, "Picture": 120}
LABEL_WIDTH = 64


def show_table(state: State) -> None:
    """Show every face of the pictures in a row, to sort, to filter and to download."""
    labels = open_model(state.model)[0].labels
    status, filters, place = st.container(key="progress"), st.container(), st.empty()
    drawn = 0.0

    def draw(_: object = None) -> None:
        nonlocal drawn
        if time.monotonic() - drawn > OFTEN:
            drawn = time.monotonic()
            _draw_rows(place, _list_all(state), labels)

    draw()
    with status:
        read_all(state, state.sources, draw)
    rows = _list_all(state)
    with filters:
        rows = _filter(rows, labels)
    _draw_rows(place, rows, labels)
    readings = [(source, state.find(source)) for source in state.sources]
    read = [(source, reading) for source, reading in readings if reading]
    records = [pictures.judge(reading.record, state.min_score) for _, reading in read]
    offer_downloads([source for source, _ in read], records, labels)


def _list_all(state: State) -> list[dict[str, Any]]:
    """Return the rows of all pictures that have been read."""
    readings = [reading for source in state.sources if (reading := state.find(source))]
    return [row for reading in readings for row in list_rows(reading, state.min_score)]


def _filter(rows: list[dict[str, Any]], labels: Sequence[str]) -> list[dict[str, Any]]:
    """Ask which answers to show; return their rows, or all."""
    counts = Counter(row["Answer"] for row in rows)
    chosen = st.pills(
        "Show",
        [kind for kind in (*labels, NOT_SURE, NO_FACE, FAILED) if kind in counts],
        selection_mode="multi",
        format_func=lambda kind: markup.plain(f"{kind} {counts.get(kind, 0)}"),
        help="None chosen: all are shown. A click on a column's head sorts.",
        key="answers",
        persist_state="session",
    )
    return [row for row in rows if row["Answer"] in chosen] if chosen else rows


def _draw_rows(
    place: "st.delta_generator.DeltaGenerator", rows: list[dict[str, Any]], labels: Sequence[str]
) -> None:
    place.dataframe(
        rows,
        hide_index=True,
        row_height=48,
        placeholder="",
        alt="The faces found in the pictures, with label and scores",
        column_config={
            "Face": st.column_config.ImageColumn(width=WIDTHS["Face"]),
            "Answer": st.column_config.TextColumn(width=WIDTHS["Answer"]),
            "Score": st.column_config.ProgressColumn(
                format="%.1f %%", min_value=0, max_value=100, width=WIDTHS["Score"]
            ),
            "Picture": st.column_config.TextColumn(width=WIDTHS["Picture"]),
            **{
                label: st.column_config.NumberColumn(format="%.1f", width=LABEL_WIDTH)
                for label in labels
            },
        },
    )


def list_rows(reading: Reading, min_score: float | None = None) -> list[dict[str, Any]]:
    """Return a row for each face, in the order of the cards, or one that says why there is none."""
    record = pictures.judge(reading.record, min_score)
    if not record.faces:
        kind = FAILED if record.error else NO_FACE
        return [{"Face": None, "Answer": kind, "Score": None, "Picture": record.image}]
    order = pictures.order_faces(record.faces)
    return [
        {
            "Face": markup.to_url(reading.crops[i]),
            "Answer": NOT_SURE if face.prediction.uncertain else face.prediction.label,
            "Score": 100 * face.prediction.score,
            "Picture": record.image,
            **{label: 100 * score for label, score in face.prediction.scores.items()},
        }
        for i, face in ((i, record.faces[i]) for i in order)
    ]


def offer_downloads(
    sources: Sequence[Source], records: Sequence[Record], labels: Sequence[str]
) -> None:
    """Offer the records as the command line writes them, and the pictures with frames drawn in."""
    with st.container(horizontal=True):
        for kind, mime in (("csv", "text/csv"), ("json", "application/json")):
            data = partial(write_records, kind, records, labels)  # when it is asked for
            name = f"expressions.{kind}"
            st.download_button(f"{kind.upper()}", data, name, mime, on_click="ignore")
        st.download_button(
            "Annotated pictures",
            lambda: pack(sources, records, labels),
            "expressions.zip",
            "application/zip",
            on_click="ignore",
            help="A ZIP archive, with CSV and JSON in it",
        )


def write_records(kind: str, records: Sequence[Record], labels: Sequence[str]) -> bytes:
    """Return records as the command line writes them: "csv" or "json"."""
    stream = StringIO(newline="")
    writers.write_records(kind, records, stream, labels)
    return stream.getvalue().encode("utf-8", "backslashreplace")


def pack(sources: Sequence[Source], records: Sequence[Record], labels: Sequence[str]) -> bytes:
    """Put annotated pictures and records into a ZIP archive in memory."""
    file = BytesIO()
    pictures = place_annotated(list(map(name_picture, sources)), Path("annotated"))
    with zipfile.ZipFile(file, "w") as archive:
        for kind in ("csv", "json"):
            archive.writestr(f"expressions.{kind}", write_records(kind, records, labels))
        for picture, record in zip(pictures, records, strict=True):
            if record.error or picture.source is None or picture.annotated is None:
                continue
            drawn = BytesIO()
            image = images.read_image(picture.source)
            save_annotated(image, record.faces, drawn, picture.annotated.suffix)
            archive.writestr(picture.annotated.as_posix(), drawn.getvalue())
    return file.getvalue()

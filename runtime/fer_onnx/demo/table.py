"""Many pictures: a table of all faces, and what can be taken home."""

import base64
import time
import zipfile
from collections import Counter
from collections.abc import Sequence
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import streamlit as st

from .. import images
from ..cli import writers
from ..runs.files import place_annotated
from ..runs.pipeline import save_annotated
from ..runs.records import Record
from .cache import Reading, Source, encode, fit, name_picture, open_model, read_picture
from .markup import plain

NOT_SURE, NO_FACE, FAILED = "not sure", "no face", "cannot be read"
FACE_SIDE = 64  # pixels of a face in the table


def read_all(sources: Sequence[Source], model_name: str) -> list[Reading]:
    """Read pictures, with a bar that says how long it will take; what was read before is kept."""
    start, readings = time.monotonic(), []
    bar = st.empty()
    for source in sources:
        readings.append(read_picture(source, model_name))
        done, seconds = len(readings), time.monotonic() - start
        if seconds > 0.5:  # what is quicker needs no bar
            bar.progress(done / len(sources), tell_progress(done, len(sources), seconds))
    bar.empty()
    return readings


def tell_progress(done: int, total: int, seconds: float) -> str:
    """Describe how many pictures were read in so many seconds, and how long the rest takes."""
    left = seconds / done * (total - done)
    wait = f"{left:.0f} s" if left < 90 else f"{left / 60:.0f} min"
    return f"{done} of {total} pictures read, about {wait} left"


def show_table(sources: Sequence[Source], model_name: str) -> None:
    """Show every face of the pictures in a row, to sort, to filter and to download."""
    answerer, _ = open_model(model_name)
    readings = read_all(sources, model_name)
    rows = [row for reading in readings for row in list_rows(reading)]
    counts = Counter(row["Answer"] for row in rows)
    kinds = [k for k in (*answerer.labels, NOT_SURE, NO_FACE, FAILED) if k in counts]
    chosen = st.pills(
        "Show",
        kinds,
        selection_mode="multi",
        format_func=lambda kind: plain(f"{kind} {counts.get(kind, 0)}"),
        help="None chosen: all are shown. A click on a column's head sorts.",
    )
    st.dataframe(
        [row for row in rows if row["Answer"] in chosen] if chosen else rows,
        hide_index=True,
        row_height=48,
        placeholder="",
        alt="The faces found in the pictures, with label and scores",
        column_config={
            "Face": st.column_config.ImageColumn(width=60),
            "Picture": st.column_config.TextColumn(width="medium"),
            "Score": st.column_config.ProgressColumn(format="%.1f %%", min_value=0, max_value=100),
            **{label: st.column_config.NumberColumn(format="%.1f") for label in answerer.labels},
        },
    )
    offer_downloads(sources, [reading.record for reading in readings], answerer.labels)


def list_rows(reading: Reading) -> list[dict[str, Any]]:
    """Return a row for each face, or one that says why there is none."""
    record = reading.record
    if not record.faces:
        kind = FAILED if record.error else NO_FACE
        return [{"Face": None, "Picture": record.image, "Answer": kind, "Score": None}]
    return [
        {
            "Face": _to_url(encode(fit(crop, FACE_SIDE))),
            "Picture": record.image,
            "Answer": NOT_SURE if face.prediction.uncertain else face.prediction.label,
            "Score": 100 * face.prediction.score,
            **{label: 100 * score for label, score in face.prediction.scores.items()},
        }
        for face, crop in zip(record.faces, reading.crops, strict=True)
    ]


def offer_downloads(
    sources: Sequence[Source], records: Sequence[Record], labels: Sequence[str]
) -> None:
    """Offer the records as the command line writes them, and the pictures with frames drawn in."""
    with st.container(horizontal=True):
        for kind, mime in (("csv", "text/csv"), ("json", "application/json")):
            data = write_records(kind, records, labels)
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


def _to_url(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"

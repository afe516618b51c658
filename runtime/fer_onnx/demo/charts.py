"""How often a model is right, as charts that one can hover over; drawn by the browser itself."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from .. import overlay

ACCENT = "#0b7f9e"  # shows on light and on dark
MOST = 0.8  # of the accent behind a figure: more would leave it too little contrast
INKS = {"light": "#1d2327", "dark": "#e8ebed"}  # as in config.toml
ROW = 38  # pixels


def draw_recall(
    labels: Sequence[str], recall: Mapping[str, float], theme: str = "light"
) -> alt.Chart:
    """Draw how many of the faces of each label were found, in the order of the model.

    Args:
        labels: in the order of the model.
        recall: share found, by label.
        theme: of the page, "light" or "dark"; words are in its ink.
    """
    rows = [
        {"label": label, "found": recall[label], "colour": overlay.colour_of(label)}
        for label in labels
        if label in recall
    ]
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(stroke="#888888", strokeWidth=0.5, height={"band": 0.6})
        .encode(
            x=alt.X("found:Q", title=None, scale=alt.Scale(domain=[0, 1])).axis(
                format="%", tickCount=5
            ),
            y=alt.Y("label:N", title=None, sort=list(labels)),
            color=alt.Color("colour:N", scale=None),
            tooltip=[
                alt.Tooltip("label:N", title="label"),
                alt.Tooltip("found:Q", title="found", format=".1%"),
            ],
        )
        .properties(height=ROW * len(rows))
        .configure_axis(labelColor=INKS[theme])
    )


def draw_confusion(
    labels: Sequence[str], counts: Sequence[Sequence[int]], theme: str = "light"
) -> alt.LayerChart:
    """Draw what faces of each label were taken for: rows the right label, columns the answer.

    Args:
        labels: in the order of the model.
        counts: faces, (right label, answer).
        theme: of the page, "light" or "dark"; words and figures are in its ink.
    """
    cells: list[dict[str, Any]] = [
        {"right": right, "answer": answer, "faces": faces, "share": faces / max(sum(row), 1)}
        for right, row in zip(labels, counts, strict=True)
        for answer, faces in zip(labels, row, strict=True)
    ]
    base = alt.Chart(alt.Data(values=cells)).encode(
        x=alt.X("answer:N", title="the model said", sort=list(labels)).axis(
            orient="top", labelAngle=-40, domain=False, ticks=False
        ),
        y=alt.Y("right:N", title="people said", sort=list(labels)).axis(domain=False, ticks=False),
        tooltip=[
            alt.Tooltip("right:N", title="people said"),
            alt.Tooltip("answer:N", title="the model said"),
            alt.Tooltip("faces:Q", format=","),
            alt.Tooltip("share:Q", title="of the row", format=".1%"),
        ],
    )
    squares = base.mark_rect(color=ACCENT, cornerRadius=3).encode(
        opacity=alt.Opacity(
            "share:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=[0.06, MOST])
        )
    )
    figures = base.mark_text(fontSize=12, color=INKS[theme]).encode(
        text=alt.Text("share:Q", format=".0%")
    )
    chart = (squares + figures).properties(height=ROW * len(labels) + 60)
    return chart.configure_axis(labelColor=INKS[theme], titleColor=INKS[theme])

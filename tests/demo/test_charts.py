"""What the charts show: the figures of the model file, each label in its colour."""

import pytest

from fer_onnx import overlay
from fer_onnx.demo.charts import draw_confusion, draw_recall

LABELS = ("happy", "sad", "neutral")


def values(chart) -> list[dict]:
    spec = chart.to_dict()
    (data,) = spec.get("datasets", {0: spec["data"].get("values")}).values()
    return data


def test_recall_keeps_the_order_and_the_colours_of_the_labels():
    rows = values(draw_recall(LABELS, {"sad": 0.5, "happy": 0.9}))
    assert [(row["label"], row["found"]) for row in rows] == [("happy", 0.9), ("sad", 0.5)]
    assert [row["colour"] for row in rows] == [overlay.colour_of("happy"), overlay.colour_of("sad")]


def test_confusion_gives_each_cell_its_share_of_the_row():
    cells = values(draw_confusion(LABELS, [[8, 2, 0], [1, 3, 0], [0, 0, 0]]))
    assert len(cells) == 9
    assert cells[1] == {"right": "happy", "answer": "sad", "faces": 2, "share": 0.2}
    assert cells[4]["share"] == pytest.approx(0.75)
    assert cells[8]["share"] == 0  # a label that does not occur

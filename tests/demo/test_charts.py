"""What the charts show: the figures of the model file, each label in its colour."""

import tomllib
from pathlib import Path

import pytest
from PIL import ImageColor

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


def brightness(colour) -> float:
    """Return the relative luminance of a colour, as WCAG defines it."""
    parts = [value / 255 for value in colour]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other) -> float:
    dark, light = sorted((brightness(one), brightness(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_figure_has_contrast_with_its_square_and_every_word_with_the_page(theme):
    path = Path(__file__).parents[2] / ".streamlit" / "config.toml"
    page = ImageColor.getrgb(tomllib.loads(path.read_text())["theme"][theme]["backgroundColor"])
    spec = draw_confusion(LABELS, [[8, 2, 0], [1, 3, 0], [0, 0, 9]], theme).to_dict()
    squares, figures = spec["layer"]
    ink, accent = (ImageColor.getrgb(layer["mark"]["color"]) for layer in (figures, squares))
    for strength in squares["encoding"]["opacity"]["scale"]["range"]:
        square = [strength * a + (1 - strength) * p for a, p in zip(accent, page, strict=True)]
        assert contrast(ink, square) >= 4.5
    recall = draw_recall(LABELS, {"sad": 0.5}, theme).to_dict()
    for colour in (spec["config"]["axis"].values(), recall["config"]["axis"].values()):
        assert all(contrast(ImageColor.getrgb(each), page) >= 4.5 for each in colour)

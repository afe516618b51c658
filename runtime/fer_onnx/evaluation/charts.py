"""Figures as pictures, with Pillow alone: the confusion matrix and the reliability diagram."""

from collections.abc import Sequence
from itertools import product

import numpy as np
from PIL import Image, ImageDraw

from ..overlay import fold_text, write_text
from .metrics import Bin, Scores
from .result import Evaluation

SCALE = 2  # everything is drawn twice as large and then halved, so that slanted lines are smooth
PAPER, INK, SOFT, FAINT = (255, 255, 255), (33, 37, 41), (110, 118, 125), (222, 226, 230)
BLUE = (8, 81, 156)  # a cell of 100 %, and the points of the diagram
TITLE, TEXT, SMALL = 17, 13, 11  # pixels of letters
MARGIN = 24
CELL, MIN_CELL, MATRIX = 62, 6, 1400  # pixels of a cell at most and at least, and of all in a row
FILLED = 26  # pixels of a cell from which on its number is written in
SIDE = 380  # pixels of the reliability diagram
LARGEST = 13  # pixels of the radius of a point that stands for all answers


class _Sheet:
    """A white sheet to draw on, in pixels of the picture that comes of it."""

    def __init__(self, width: float, height: float) -> None:
        size = round(width * SCALE), round(height * SCALE)
        self.image = Image.new("RGB", size, PAPER)
        self.draw = ImageDraw.Draw(self.image)

    def line(
        self, *points: tuple[float, float], ink: tuple[int, ...] = FAINT, width: float = 1
    ) -> None:
        """Draw a line through points."""
        self.draw.line([(x * SCALE, y * SCALE) for x, y in points], ink, round(width * SCALE))

    def box(self, x: float, y: float, width: float, height: float, ink: tuple[int, ...]) -> None:
        """Fill a box."""
        ends = x * SCALE, y * SCALE, (x + width) * SCALE - 1, (y + height) * SCALE - 1
        if ends[2] >= ends[0] and ends[3] >= ends[1]:
            self.draw.rectangle(ends, ink)

    def dot(self, x: float, y: float, radius: float, ink: tuple[int, ...]) -> None:
        """Fill a circle."""
        self.draw.circle((x * SCALE, y * SCALE), radius * SCALE, ink)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: int = TEXT,
        ink: tuple[int, ...] = INK,
        anchor: tuple[float, float] = (0, 0),
        upright: bool = False,
    ) -> None:
        """Write a line of text; `anchor`, from 0 to 1 across and down it, lies at x, y."""
        mask = write_text(text or "?", size * SCALE)
        if upright:
            mask = mask.transpose(Image.Transpose.ROTATE_90)
        left, top = x * SCALE - anchor[0] * mask.width, y * SCALE - anchor[1] * mask.height
        self.image.paste(ink, (round(left), round(top)), mask)

    def finish(self) -> Image.Image:
        """Return the picture."""
        return self.image.reduce(SCALE)


def draw_report(evaluations: Sequence[Evaluation]) -> Image.Image:
    """Draw the confusion matrix and the reliability diagram of each model, one below the other."""
    rows = []
    for each in evaluations:
        scores = each.scores
        name = f"{each.model}: {scores.accuracy:.1%} of {scores.images:,} right"
        calibration = f"ECE {scores.ece:.3f}"
        rows.append((draw_confusion(scores, name), draw_reliability(each.reliability, calibration)))
    width = max(left.width + right.width for left, right in rows)
    page = Image.new("RGB", (width, sum(max(a.height, b.height) for a, b in rows)), PAPER)
    top = 0
    for left, right in rows:
        page.paste(left, (0, top))
        page.paste(right, (left.width, top))
        top += max(left.height, right.height)
    return page


def draw_confusion(scores: Scores, title: str) -> Image.Image:
    """Draw a confusion matrix: rows the right label, columns the answer, in percent of the row."""
    labels = [fold_text(label) or f"label {i}" for i, label in enumerate(scores.recall, 1)]
    counts = np.array(scores.confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    cell = max(MIN_CELL, min(CELL, MATRIX // len(labels)))
    size = min(TEXT, cell)
    longest = max(write_text(label, size).width for label in labels)
    upright = longest > cell - 6
    left, top = MARGIN + 24 + longest + 8, MARGIN + TITLE + 2 * SMALL + 20
    side, below = cell * len(labels), (longest if upright else size) + 8
    wide = max(left + side, MARGIN + write_text(title, TITLE).width) + MARGIN
    sheet = _Sheet(wide, top + side + below + SMALL + 12 + MARGIN)
    sheet.text(MARGIN, MARGIN, title, TITLE)
    sheet.text(MARGIN, MARGIN + TITLE + 10, "each row: what was answered, in %", SMALL, SOFT)
    for row, column in product(range(len(labels)), repeat=2):
        share, at = shares[row, column], (left + cell * column, top + cell * row)
        sheet.box(*at, cell, cell, _tint(share))
        if cell >= FILLED and counts[row, column]:
            ink = PAPER if share > 0.5 else INK
            centre = at[0] + cell / 2, at[1] + cell / 2
            sheet.text(*centre, f"{100 * share:.0f}", TEXT, ink, (0.5, 0.5))
    for i in range(len(labels) + 1):
        sheet.line((left, top + cell * i), (left + side, top + cell * i), ink=PAPER)
        sheet.line((left + cell * i, top), (left + cell * i, top + side), ink=PAPER)
    for i, label in enumerate(labels):
        middle = cell * (i + 0.5)
        sheet.text(left - 8, top + middle, label, size, INK, (1, 0.5))
        sheet.text(left + middle, top + side + 8, label, size, INK, (0.5, 0), upright)
    sheet.text(MARGIN, top + side / 2, "right label", SMALL, SOFT, (0, 0.5), upright=True)
    sheet.text(left + side / 2, top + side + below + 10, "answer", SMALL, SOFT, (0.5, 0))
    return sheet.finish()


def draw_reliability(bins: Sequence[Bin], title: str) -> Image.Image:
    """Draw scores against the share of right answers: on the diagonal the two agree.

    The area of a point says how many answers it stands for, the line through it is the 95 %
    interval.
    """
    left, top = MARGIN + 60, MARGIN + TITLE + 2 * SMALL + 20
    sheet = _Sheet(left + SIDE + MARGIN, top + SIDE + TEXT + SMALL + 34 + MARGIN)
    sheet.text(left, MARGIN, title, TITLE)
    sheet.text(left, MARGIN + TITLE + 10, "below the line: scores too high", SMALL, SOFT)

    def place(score: float, accuracy: float) -> tuple[float, float]:
        return left + SIDE * score, top + SIDE * (1 - accuracy)

    for tick in np.linspace(0, 1, 6).tolist():
        sheet.line(place(tick, 0), place(tick, 1))
        sheet.line(place(0, tick), place(1, tick))
        sheet.text(*place(tick, -0.02), f"{tick:.1f}", SMALL, SOFT, (0.5, 0))
        sheet.text(left - 8, place(0, tick)[1], f"{tick:.0%}", SMALL, SOFT, (1, 0.5))
    sheet.line(place(0, 0), place(1, 1), ink=SOFT, width=1.5)
    total = sum(each.faces for each in bins)
    for each in bins:
        low, high = each.interval
        sheet.line(place(each.score, low), place(each.score, high), ink=BLUE, width=1.5)
        radius = max(2.5, LARGEST * (each.faces / total) ** 0.5)
        sheet.dot(*place(each.score, each.accuracy), radius, BLUE)
    sheet.text(left + SIDE / 2, top + SIDE + TEXT + 20, "score", SMALL, SOFT, (0.5, 0))
    middle = (MARGIN, top + SIDE / 2)
    sheet.text(*middle, "share of right answers", SMALL, SOFT, (0, 0.5), upright=True)
    return sheet.finish()


def _tint(share: float) -> tuple[int, ...]:
    """Return the colour of a cell: from nearly white to blue."""
    pale = (247, 249, 252)
    return tuple(round(a + (b - a) * share) for a, b in zip(pale, BLUE, strict=True))

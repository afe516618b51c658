"""Who shows what when: a picture with a band for each track of a film, drawn with Pillow."""

from collections.abc import Sequence
from typing import TypeAlias

from PIL import Image, ImageDraw

from ..overlay import DARK, colour_of, ink_on, write_text
from .summary import Appearance, Summary
from .table import write_time

Box: TypeAlias = tuple[int, int, int, int]  # left, top, right, bottom

WIDTH, MARGIN, NAME = 1600, 24, 90  # pixels: of the picture, around it, of the tracks' names
BAND, GAP, TEXT = 40, 14, 20  # height of a band, space below it, height of letters
MOST = 60  # bands; of more tracks, those that are seen longest are drawn
PAPER, GRID, UNSURE = (255, 255, 255), (200, 200, 200), (235, 235, 235)
STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
TICKS = 12  # at most
# by which labels are told apart in print without colour: steps right and down, distance of lines
HATCHES = ((0, 0, 0), (1, 1, 9), (1, -1, 9), (0, 1, 9), (1, 0, 9), (1, 1, 18), (1, -1, 18))


def draw_chart(summary: Summary, labels: Sequence[str], title: str = "") -> Image.Image:
    """Draw a band for each track: its expressions over time, each with a colour and a hatching.

    The colours are told apart with any kind of colour vision (`fer_onnx.overlay`), the hatchings
    without any; long spells are named besides. What is uncertain is grey.

    Args:
        summary: of a film, finished.
        labels: labels of the model, in order; it decides the hatching.
        title: what stands above.

    Returns:
        A picture in mode "RGB".
    """
    tracks = summary.appearances
    longest = sorted(tracks, key=lambda track: track.moments, reverse=True)[:MOST]
    shown = sorted(longest, key=lambda track: track.number)
    chart = _Chart(summary, labels, len(shown))
    left_out = f"; {len(tracks) - len(shown)} short tracks left out" if len(tracks) > MOST else ""
    chart.write_title(f"{title}{left_out}" if shown else f"{title}: no face")
    chart.draw_axis()
    for place, track in enumerate(shown):
        chart.draw_band(place, track)
    chart.draw_legend(sorted({label for track in shown for label in track.seconds}))
    return chart.image


class _Chart:
    """The picture, and where what lies in it."""

    def __init__(self, summary: Summary, labels: Sequence[str], bands: int) -> None:
        self._summary, self._labels = summary, tuple(labels)
        self._left, self._right = MARGIN + NAME, WIDTH - MARGIN
        self._top = MARGIN + 2 * TEXT + GAP
        self._bottom = self._top + max(bands, 1) * (BAND + GAP)
        height = self._bottom + 4 * TEXT + 2 * GAP + MARGIN
        self.image = Image.new("RGB", (WIDTH, height), PAPER)
        self._draw = ImageDraw.Draw(self.image)

    def write_title(self, text: str) -> None:
        """Write what stands above."""
        self._write(text, MARGIN, MARGIN)

    def draw_axis(self) -> None:
        """Draw the times, below the bands, and lines through them."""
        start, end = self._summary.start, self._summary.end
        step = next((step for step in STEPS if (end - start) / step <= TICKS), STEPS[-1])
        first = -(-start // step)
        for number in range(int((end - first * step) / step) + 1):
            seconds = (first + number) * step
            x = self._place(seconds)
            self._draw.line((x, self._top, x, self._bottom), fill=GRID)
            text = write_text(write_time(seconds), TEXT)
            x = min(x - text.width // 2, WIDTH - text.width - 4)
            self.image.paste(DARK, (x, self._bottom + GAP // 2), text)

    def draw_band(self, place: int, track: Appearance) -> None:
        """Draw one track."""
        top = self._top + place * (BAND + GAP)
        self._write(f"face {track.number}", MARGIN, top + (BAND - TEXT) // 2)
        for start, end, label in track.spells:
            left = self._place(start)
            box = (left, top, max(self._place(end), left + 1), top + BAND)
            self._fill(box, label)
            if label is not None:
                self._name(box, label)

    def draw_legend(self, labels: Sequence[str]) -> None:
        """Draw what colours and hatchings mean, below the axis."""
        x, top = self._left, self._bottom + 2 * TEXT + GAP
        for label in (*labels, None):
            self._fill((x, top, x + 2 * TEXT, top + TEXT + 6), label)
            x = self._write(label or "uncertain", x + 2 * TEXT + 8, top + 2) + 2 * GAP

    def _place(self, seconds: float) -> int:
        start, end = self._summary.start, self._summary.end
        share = (seconds - start) / max(end - start, 1e-6)
        return round(self._left + share * (self._right - self._left))

    def _fill(self, box: Box, label: str | None) -> None:
        """Fill a box with the colour and the hatching of a label, and a dark edge."""
        left, top, right, bottom = box
        size = right - left, bottom - top
        patch = Image.new("RGB", size, UNSURE if label is None else colour_of(label))
        draw = ImageDraw.Draw(patch)
        across, down, distance = HATCHES[0] if label is None else self._hatch(label)
        for offset in range(-size[1], size[0] + size[1], distance) if distance else ():
            if across and down:
                draw.line((offset, 0 if down > 0 else size[1], offset + size[1],
                           size[1] if down > 0 else 0), fill=DARK)  # fmt: skip
            elif down:
                draw.line((offset, 0, offset, size[1]), fill=DARK)
            else:
                draw.line((0, offset, size[0], offset), fill=DARK)
        self.image.paste(patch, (left, top))
        if size[0] > 2:
            self._draw.rectangle((left, top, right - 1, bottom - 1), outline=DARK)

    def _hatch(self, label: str) -> tuple[int, int, int]:
        place = self._labels.index(label) if label in self._labels else 0
        return HATCHES[place % len(HATCHES)]

    def _name(self, box: Box, label: str) -> None:
        """Write a label into a box that is long enough, on a plain ground."""
        text = write_text(label, TEXT)
        left, top, right, bottom = box
        width, height = text.width + 12, text.height + 6
        if right - left < width + 8:
            return
        x, y = left + 6, (top + bottom - height) // 2
        fill = tuple(int(colour_of(label)[i : i + 2], 16) for i in (1, 3, 5))
        self.image.paste(fill, (x, y, x + width, y + height))
        self.image.paste(ink_on((fill[0], fill[1], fill[2])), (x + 6, y + 3), text)

    def _write(self, text: str, x: int, y: int) -> int:
        """Write dark text; return where it ends."""
        mask = write_text(text, TEXT)
        mask = mask.crop((0, 0, min(mask.width, WIDTH - x), mask.height))
        self.image.paste(DARK, (x, y), mask)
        return x + mask.width

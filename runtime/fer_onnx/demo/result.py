"""One result as a picture to keep: faces framed, the bars of each, and what they mean."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from .. import Face, images, overlay
from ..runs.records import Record
from .pictures import SHOWN_SIDE, Source, fit, name_picture, order_faces, scale

WIDTH = 1024  # pixels of the result
PAPER, INK, FAINT = "#ffffff", "#1d2327", "#dfe3e6"
TEXT, ROW, MARGIN = 22, 34, 28  # pixels
MOST = 12  # faces whose bars are drawn
MEANING = "How a face looks to people who label pictures, not what somebody feels."


def draw_result(source: Source, record: Record) -> bytes:
    """Return a picture that was read, with its answers below, as PNG."""
    image = images.read_image(name_picture(source).source or b"").convert("RGB")
    small = fit(image, SHOWN_SIDE)
    order = order_faces(record.faces)
    faces = [scale(record.faces[i], small.width / image.width) for i in order]
    shown = overlay.annotate(small, faces)
    columns = 1 if len(faces) == 1 else 2
    blocks = faces[:MOST]
    labels = max((len(face.scores) for face in blocks), default=0)
    height = (labels + 1) * ROW + MARGIN
    lines = -(-len(blocks) // columns)
    size = WIDTH, shown.height + 2 * MARGIN + lines * height + 2 * ROW
    canvas = Image.new("RGB", size, PAPER)
    canvas.paste(shown, ((WIDTH - shown.width) // 2, MARGIN))
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(TEXT)
    across = (WIDTH - 2 * MARGIN) // columns
    for number, face in enumerate(blocks):
        x = MARGIN + (number % columns) * across
        y = shown.height + 2 * MARGIN + (number // columns) * height
        _draw_bars(pen, font, (x, y), across - MARGIN, face, number + 1 if columns > 1 else None)
    pen.text((MARGIN, size[1] - ROW - MARGIN // 2), f"{MEANING}  fer-onnx", INK, font)
    file = BytesIO()
    canvas.save(file, "PNG", optimize=True)
    return file.getvalue()


def _draw_bars(
    pen: ImageDraw.ImageDraw,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    place: tuple[int, int],
    width: int,
    face: Face,
    number: int | None,
) -> None:
    """Draw the answer for one face, and below it a bar for every label if it is legible."""
    x, y = place
    head = overlay.caption(face.prediction)
    pen.text((x, y), f"{number}  {head}" if number else head, INK, font)
    if not face.prediction.legible:
        return
    start = x + 130
    for line, (label, score) in enumerate(face.scores.items(), 1):
        top = y + line * ROW
        pen.text((x, top), label.encode("ascii", "ignore").decode(), INK, font)
        room = x + width - 90 - start
        pen.rectangle((start, top + 4, start + room, top + 22), FAINT)
        pen.rectangle(
            (start, top + 4, start + round(room * score), top + 22), overlay.colour_of(label)
        )
        pen.text((x + width - 80, top), f"{score:.2f}", INK, font)

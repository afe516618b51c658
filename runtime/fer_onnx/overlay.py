"""What was found, drawn into the picture with Pillow alone: frames, labels, evidence."""

import unicodedata
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont, features

from .crop import Box
from .images import ChannelOrder, ImageSource, read_image
from .limits import DEFAULT as DEFAULT_LIMITS
from .limits import Limits
from .prediction import Face, Prediction

Colour: TypeAlias = tuple[int, int, int]

# told apart with any kind of colour vision: M. Okabe and K. Ito, jfly.uni-koeln.de/color
COLOURS = {
    "happy": "#f0e442",
    "surprise": "#e69f00",
    "angry": "#d55e00",
    "disgust": "#009e73",
    "fear": "#cc79a7",
    "sad": "#0072b2",
    "neutral": "#56b4e9",
}
DARK, LIGHT = (20, 20, 20), (250, 250, 250)
# black over purple and orange to yellow: brightness grows evenly from end to end
HEAT = ((0, 0, 4), (51, 10, 95), (120, 28, 109), (187, 55, 84), (237, 105, 37), (252, 255, 164))
HEAT_OPACITY = 0.75

MIN_SIDE = 256  # pixels of the longer side of what is drawn on, so that a label fits
FRAME_SHARE = 1 / 250  # of the longer side of the picture
TEXT_SHARE = (1 / 50, 1 / 22)  # likewise: height of the letters on small and on large faces
TEXT_ON_FACE = 1 / 5  # of the width of the face, between those two
MIN_TEXT = 11  # pixels


def annotate(
    image: ImageSource,
    faces: Sequence[Face],
    *,
    evidence: bool = False,
    colour: ChannelOrder = "rgb",
    limits: Limits = DEFAULT_LIMITS,
) -> Image.Image:
    """Draw a frame and a label around each face; those of uncertain answers are dashed and white.

    Args:
        image: the picture, or whatever else `fer_onnx.read_image` takes.
        faces: what was found in it.
        evidence: whether to draw where the model looked, for faces read with evidence.
        colour: the order of an array's channels, "rgb", or "bgr" as OpenCV has it.
        limits: what reading the picture may cost.

    Returns:
        A new picture in mode "RGB"; one of less than 256 pixels is enlarged so that labels fit.

    Raises:
        ImageError: the picture cannot be used.
        ValueError: another colour, or limits that are none.
    """
    picture = read_image(image, limits, colour=colour)
    factor = choose_factor(picture.size)
    canvas = picture.convert("RGB").resize(
        (picture.width * factor, picture.height * factor), Image.Resampling.BICUBIC
    )
    if evidence:
        lay_evidence(canvas, faces, factor)
    boxes = [_enlarge(face.box, factor) for face in faces]
    for face, box in zip(faces, boxes, strict=True):
        _draw_frame(canvas, box, face.prediction)
    taken: list[Box] = []
    for face, box in zip(faces, boxes, strict=True):
        tag = _make_tag(face.prediction, box[2], canvas.size)
        others = [other for other in boxes if other is not box]
        place = _find_place(tag.size, box, taken, others, canvas.size)
        canvas.paste(tag, place[:2])
        taken.append(place)
    return canvas


def choose_factor(size: tuple[int, int]) -> int:
    """Return by how much a picture of a width and height is enlarged so that labels fit."""
    return -(-MIN_SIDE // max(size))


def evidence_map(image: Image.Image, prediction: Prediction) -> Image.Image:
    """Lay over the picture of a face where the model saw its answer.

    Args:
        image: what the model was shown.
        prediction: its answer, with evidence.

    Returns:
        A new picture in mode "RGB". The glow is what speaks for the label more than for the
        others, from none at the place where that is least; a weak map stays faint.

    Raises:
        ValueError: the answer was given without evidence.
    """
    heat = _paint_heat(prediction, image.size)
    canvas = image.convert("RGBA")
    return Image.alpha_composite(canvas, heat).convert("RGB")


def lay_evidence(canvas: Image.Image, faces: Sequence[Face], factor: int = 1) -> None:
    """Lay over a picture where the model looked, for those faces that were read with evidence.

    Args:
        canvas: the picture, which is changed, in mode "RGB".
        faces: what was found in it.
        factor: by how much it was enlarged since.
    """
    for face in faces:
        if face.prediction.evidence is not None:
            x, y, width, height = _enlarge(face.crop or face.box, factor)
            heat = _paint_heat(face.prediction, (width, height))
            canvas.paste(heat, (x, y), heat)


def colour_of(label: str) -> str:
    """Return the colour of a label, "#rrggbb"; one of the user's own always gets the same."""
    palette = tuple(COLOURS.values())
    return COLOURS.get(label) or palette[zlib.crc32(label.encode()) % len(palette)]


def caption(prediction: Prediction) -> str:
    """Return the label and score of a face as they are drawn; "?" where the answer is uncertain."""
    if not prediction.legible:
        return "illegible"
    letters = fold_text(prediction.label)
    return f"{letters}{'?' * prediction.uncertain} {prediction.score:.2f}".strip()


def fold_text(text: str) -> str:
    """Return text as Pillow's font can write it, which has the letters of English only."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _paint_heat(prediction: Prediction, size: tuple[int, int]) -> Image.Image:
    """Return the evidence map of the top label, in mode "RGBA", at that size, to lay over it."""
    if prediction.evidence is None:
        raise ValueError("a prediction without evidence; ask for it with evidence=True")
    # what all labels have in common has no say in the answer
    mean = np.mean(list(prediction.evidence.values()), axis=0)
    map_ = np.asarray(prediction.evidence[prediction.label] - mean, np.float32)
    map_ = (map_ - map_.min()) / max(float(np.ptp(map_)), 1.0)  # in logits: below 1 is faint
    smooth = Image.fromarray(map_).resize(size, Image.Resampling.BICUBIC)
    level = (np.asarray(smooth).clip(0, 1) * 255).astype(np.uint8)
    return Image.fromarray(_heat_table()[level])


@lru_cache
def _heat_table() -> npt.NDArray[np.uint8]:
    """Return the RGBA colour of each level: uint8 array (256, 4)."""
    steps, levels = np.linspace(0, 1, len(HEAT)), np.linspace(0, 1, 256)
    channels = [np.interp(levels, steps, values) for values in zip(*HEAT, strict=True)]
    opacity = 255 * HEAT_OPACITY * levels
    return np.stack([*channels, opacity], axis=-1).astype(np.uint8)


def _draw_frame(canvas: Image.Image, box: Box, prediction: Prediction) -> None:
    """Draw a frame between two dark lines, so that it shows on its own colour too."""
    draw = ImageDraw.Draw(canvas)
    width = max(2, round(max(canvas.size) * FRAME_SHARE))
    edge = max(1, width // 3)
    x, y, across, down = box
    left, top = max(x, 0), max(y, 0)
    right = min(x + across, canvas.width) - 1
    bottom = min(y + down, canvas.height) - 1
    draw.rectangle((left, top, right, bottom), outline=DARK, width=width + 2 * edge)
    inner = (left + edge, top + edge, right - edge, bottom - edge)
    if inner[0] >= inner[2] or inner[1] >= inner[3]:
        return
    draw.rectangle(inner, outline=_fill_of(prediction), width=width)
    if prediction.uncertain:
        _cut_gaps(draw, inner, width)


def _cut_gaps(draw: ImageDraw.ImageDraw, frame: Box, width: int) -> None:
    """Make a frame dashed."""
    left, top, right, bottom = frame
    dash = 4 * width
    for start in range(left + dash, right - dash, 2 * dash):
        end = min(start + dash, right - dash)
        draw.rectangle((start, top, end, top + width - 1), fill=DARK)
        draw.rectangle((start, bottom - width + 1, end, bottom), fill=DARK)
    for start in range(top + dash, bottom - dash, 2 * dash):
        end = min(start + dash, bottom - dash)
        draw.rectangle((left, start, left + width - 1, end), fill=DARK)
        draw.rectangle((right - width + 1, start, right, end), fill=DARK)


def _make_tag(prediction: Prediction, face_width: int, picture: tuple[int, int]) -> Image.Image:
    """Return the label as a picture of its own, no wider than the picture it goes into."""
    longer = max(picture)
    least, most = (longer * share for share in TEXT_SHARE)
    size = max(MIN_TEXT, round(min(max(face_width * TEXT_ON_FACE, least), most)))
    text = write_text(caption(prediction), size)
    margin, edge = max(2, size // 4), max(1, size // 14)
    fill = _fill_of(prediction)
    width, height = text.width + 2 * (margin + edge), text.height + 2 * (margin + edge)
    tag = Image.new("RGB", (width, height), DARK)
    tag.paste(fill, (edge, edge, width - edge, height - edge))
    tag.paste(ink_on(fill), (margin + edge, margin + edge), text)
    fit = min(1.0, picture[0] / width, picture[1] / height)
    return tag if fit == 1 else tag.resize((max(1, int(width * fit)), max(1, int(height * fit))))


@lru_cache(maxsize=256)  # a film has the same words in every picture
def write_text(text: str, size: int) -> Image.Image:
    """Return a line of text as a mask in mode "L", with letters of so many pixels."""
    if features.check("freetype2"):
        font = ImageFont.load_default(size)
        left, _, right, _ = font.getbbox(text)
        _, top, _, bottom = font.getbbox("hpd0")  # one height for every label
        mask = Image.new("L", (round(right - left), round(bottom - top)))
        ImageDraw.Draw(mask).text((-left, -top), text, 255, font)
        return mask
    fixed = ImageFont.load_default()  # a bitmap font of one size; enlarged, it is still read
    _, _, right, bottom = fixed.getbbox(text)
    mask = Image.new("L", (round(right), round(bottom)))
    ImageDraw.Draw(mask).text((0, 0), text, 255, fixed)
    factor = max(1, round(size / bottom))
    return mask.resize((mask.width * factor, mask.height * factor), Image.Resampling.NEAREST)


def _find_place(
    size: tuple[int, int],
    box: Box,
    taken: Sequence[Box],
    others: Sequence[Box],
    picture: tuple[int, int],
) -> Box:
    """Find where a tag hides least: above the face, below it, or on its lower or upper edge."""
    x, y, across, down = box
    width, height = size
    tops = (y - height, y + down, y + down - height, y)
    lefts = (x, x + across - width)
    places = []
    for top in tops:
        for left in lefts:
            inside = min(max(left, 0), picture[0] - width), min(max(top, 0), picture[1] - height)
            places.append((max(inside[0], 0), max(inside[1], 0), width, height))

    def hidden(place: Box) -> int:
        tags = sum(_shared(place, other) for other in taken)
        faces = sum(_shared(place, other) for other in others)
        return 4 * tags + 2 * faces + _shared(place, box)

    return min(places, key=hidden)  # the first of equals


def _shared(one: Box, other: Box) -> int:
    """Return the area that two boxes share."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(width, 0) * max(height, 0)


def _enlarge(box: Box, factor: int) -> Box:
    x, y, width, height = box
    return x * factor, y * factor, width * factor, height * factor


def _fill_of(prediction: Prediction) -> Colour:
    if prediction.uncertain:
        return LIGHT
    code = colour_of(prediction.label)
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def ink_on(fill: Colour) -> Colour:
    """Choose dark or light letters, whichever has more contrast (WCAG's relative luminance)."""
    red, green, blue = ((value / 255) ** 2.2 for value in fill)
    return DARK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 else LIGHT

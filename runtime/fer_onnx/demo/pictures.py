"""From one picture to what the page shows of it; without Streamlit, so in any thread."""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import NamedTuple, TypeAlias

from PIL import Image

from .. import Face, images, overlay, preprocess, reader
from ..classifier import Classifier
from ..crop import Box, cut
from ..orientation import turn
from ..runs import files
from ..runs.pipeline import Answerer
from ..runs.records import Record
from .hooks import UploadedFile, identify

Source: TypeAlias = UploadedFile | Path
SHOWN_SIDE = 1024  # pixels of the longer side of a picture on the page
CROP_SIDE = 128  # pixels of a face on the page
LARGE_SIDE = 224  # pixels of a face that is looked at closely
QUALITY = 85  # of JPEG on the page
IMPOSSIBLE = 2.0  # no score reaches it
BESIDE = 0.5  # of the height of the smaller of two faces that the other shares


class Reading(NamedTuple):
    """What is kept of a picture that was read.

    Attributes:
        record: the answer, as the command line gives it.
        crops: each face as it was cut out, as small JPEG.
    """

    record: Record
    crops: tuple[bytes, ...] = ()


class Closeup(NamedTuple):
    """What a second look at the faces of a picture shows, as JPEG or, for the pixels, PNG.

    Attributes:
        picture: the picture with where the model looked; as it is, if the model does not say.
        heats: each face with where the model looked.
        crops: each face as it was cut out, larger than in a reading.
        pixels: the very pixels that the model gets of each, turned upright.
    """

    picture: bytes
    heats: tuple[bytes, ...]
    crops: tuple[bytes, ...]
    pixels: tuple[bytes, ...]


class NamedBytes(BytesIO):
    """A file in memory.

    Attributes:
        name: what errors call it.
    """

    name = ""


def key_of(source: Source) -> str:
    """Return what names a picture within a visit; the browser sees it, so it holds no path."""
    return source.name if isinstance(source, Path) else identify(source)


def name_picture(source: Source) -> files.Picture:
    """Return an upload or a sample as the command line has its pictures."""
    if isinstance(source, Path):
        return files.Picture(source.name, str(source))
    file = NamedBytes(source.getvalue())  # shares the bytes, and has a position of its own
    file.name = source.name
    return files.Picture(source.name, file)


def read(source: Source, answerer: Answerer) -> tuple[Reading, bytes]:
    """Read one picture.

    Returns:
        The reading, and the picture as JPEG, small enough for a page; empty after a failure.
    """
    record, image = answerer.look(name_picture(source))
    if image is None:
        return Reading(record), b""
    crops = _cut_faces(image, record.faces, answerer.model)
    return Reading(record, tuple(encode(fit(crop, CROP_SIDE)) for crop in crops)), shrink(image)


def show(source: Source) -> bytes:
    """Return a picture that was read before as JPEG, small enough for a page."""
    picture = name_picture(source)
    return shrink(images.read_image(picture.source)) if picture.source else b""


def look_closer(source: Source, record: Record, model: Classifier) -> Closeup:
    """Look again at the faces that were found in a picture."""
    image = images.read_image(name_picture(source).source or b"")
    crops = _cut_faces(image, record.faces, model)
    seen = [turn(crop, face.quarters) for crop, face in zip(crops, record.faces, strict=True)]
    faces = list(record.faces)
    heats = crops
    if model.has_evidence and faces:
        answers = model.predict_batch(seen, evidence=True)
        faces = [
            replace(face, prediction=reader.turn_evidence(answer, face.quarters))
            for face, answer in zip(faces, answers, strict=True)
        ]
        heats = [
            overlay.evidence_map(fit(crop, LARGE_SIDE), face.prediction)
            for crop, face in zip(crops, faces, strict=True)
        ]
    small = fit(image, SHOWN_SIDE).convert("RGB")
    overlay.lay_evidence(small, [scale(face, small.width / image.width) for face in faces])
    arrays = [preprocess.to_array(face, model.info.input).squeeze() for face in seen]
    return Closeup(
        encode(small),
        tuple(encode(fit(heat, LARGE_SIDE)) for heat in heats),
        tuple(encode(fit(crop, LARGE_SIDE)) for crop in crops),
        tuple(encode(Image.fromarray(array), "PNG") for array in arrays),
    )


def order_faces(faces: Sequence[Face]) -> list[int]:
    """Return the places of faces in the order in which people read: by row, and from the left.

    A row begins with the face that is highest, and goes on with every face beside one of the row,
    however different their sizes, but not with what is above or below one of them.
    """
    boxes = [face.box for face in faces]
    waiting = sorted(range(len(faces)), key=lambda i: _find_middle(boxes[i], 1))
    order: list[int] = []
    while waiting:
        row, grown = waiting[:1], 0
        while grown < len(row):
            grown = len(row)
            for i in waiting:
                if i not in row and _continues([boxes[member] for member in row], boxes[i]):
                    row.append(i)
        order += sorted(row, key=lambda i: _find_middle(boxes[i], 0))
        waiting = [i for i in waiting if i not in row]
    return order


def judge(record: Record, min_score: float | None) -> Record:
    """Return a record under another threshold; the model's own if None.

    A picture that was taken whole because no face was found in it stays uncertain.
    """
    if min_score is None:
        return record
    doubtful = record.whole and max(record.width or 0, record.height or 0) > reader.CROP_SIDE
    faces = [
        replace(face, prediction=face.prediction.judged(IMPOSSIBLE if doubtful else min_score))
        for face in record.faces
    ]
    return replace(record, faces=tuple(faces))


def shrink(image: Image.Image) -> bytes:
    """Return a picture as JPEG, small enough for a page."""
    small = image.copy()
    small.thumbnail((SHOWN_SIDE, SHOWN_SIDE), reducing_gap=1.0)
    return encode(small)


def encode(image: Image.Image, kind: str = "JPEG") -> bytes:
    """Return a picture as a file in memory."""
    file = BytesIO()
    if kind == "JPEG":
        image.convert("RGB").save(file, kind, quality=QUALITY)
    else:
        image.save(file, kind)
    return file.getvalue()


def fit(image: Image.Image, side: int) -> Image.Image:
    """Return a picture whose longer side is at most so many pixels."""
    factor = side / max(image.size)
    if factor >= 1:
        return image
    return image.resize((max(1, round(image.width * factor)), max(1, round(image.height * factor))))


def scale(face: Face, factor: float) -> Face:
    """Return a face in a picture of another size."""
    box, crop = (_scale_box(part, factor) for part in (face.box, face.crop or face.box))
    return replace(face, box=box, crop=crop)


def _cut_faces(image: Image.Image, faces: Sequence[Face], model: Classifier) -> list[Image.Image]:
    border = model.info.crop.border
    return [cut(image, face.crop, border) if face.crop else image for face in faces]


def _continues(row: Sequence[Box], box: Box) -> bool:
    """Return whether a face is beside one of a row, and neither above nor below any."""
    beside = [_share(box, member, 1) >= BESIDE for member in row]
    in_line = [_share(box, member, 0) > 0 for member in row]
    stacked = any(near and not level for near, level in zip(in_line, beside, strict=True))
    return any(beside) and not stacked


def _share(box: Box, other: Box, axis: int) -> float:
    """Return how much of the shorter of two boxes the other covers along an axis: 0 x, 1 y."""
    sides = box[axis + 2], other[axis + 2]
    end = min(box[axis] + sides[0], other[axis] + sides[1])
    return max(0, end - max(box[axis], other[axis])) / min(sides)


def _find_middle(box: Box, axis: int) -> float:
    return box[axis] + box[axis + 2] / 2


def _scale_box(box: Box, factor: float) -> Box:
    x, y, width, height = (round(value * factor) for value in box)
    return x, y, max(1, width), max(1, height)

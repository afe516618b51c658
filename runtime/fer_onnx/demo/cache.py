"""What has been read: models for all visitors, pictures for each visitor alone.

Everything is kept in memory, a visitor's pictures no longer than the visit.
"""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import NamedTuple, TypeAlias

import streamlit as st
from PIL import Image
from streamlit.runtime.uploaded_file_manager import UploadedFile

from .. import Face, modelfile, overlay, preprocess
from ..crop import Box, cut
from ..orientation import turn
from ..runs import files
from ..runs.pipeline import Answerer, Settings
from ..runs.records import Record

Source: TypeAlias = UploadedFile | Path
SHOWN_SIDE = 1280  # pixels of the longer side of a picture on the page
CROP_SIDE = 224  # pixels of a face on the page
QUALITY = 88  # of JPEG on the page
MAX_READINGS = 1000  # of one visitor, about 200 kB each
MAX_DRAWN = 64  # pictures of one visitor that are kept with frames drawn in


class Reading(NamedTuple):
    """What the page shows of one picture.

    Attributes:
        record: the answer, as the command line gives it, its faces with evidence.
        shown: the picture as JPEG, small enough for a page; empty after a failure.
        crops: each face as it was cut out, small enough for a page.
        tensors: the very pixels that the model gets of each, turned upright.
    """

    record: Record
    shown: bytes = b""
    crops: tuple[Image.Image, ...] = ()
    tensors: tuple[Image.Image, ...] = ()


def identify(upload: UploadedFile) -> str:
    """Name an upload without reading it again."""
    return upload.file_id


@st.cache_resource(show_spinner="Opening the model …")
def open_model(name: str) -> tuple[Answerer, int]:
    """Open a model once for all visitors.

    Returns:
        What answers pictures, and how many bytes the model file has.

    Raises:
        ModelError: it cannot be used.
    """
    answerer = Answerer(Settings(name))
    answerer.settings = replace(answerer.settings, evidence=answerer.model.has_evidence)
    return answerer, len(modelfile.read_model(name))


@st.cache_resource(
    scope="session",
    max_entries=MAX_READINGS,
    show_spinner=False,
    hash_funcs={UploadedFile: identify},
)
def read_picture(source: Source, model_name: str) -> Reading:
    """Read one picture for this visitor."""
    answerer, _ = open_model(model_name)
    record, image = answerer.look(name_picture(source))
    if image is None:
        return Reading(record)
    info = answerer.model.info
    crops = [cut(image, f.crop, info.crop.border) if f.crop else image for f in record.faces]
    seen = [turn(crop, face.quarters) for crop, face in zip(crops, record.faces, strict=True)]
    tensors = [Image.fromarray(preprocess.to_array(face, info.input).squeeze()) for face in seen]
    small = image.copy()
    small.thumbnail((SHOWN_SIDE, SHOWN_SIDE), reducing_gap=1.0)
    return Reading(
        record, encode(small), tuple(fit(crop, CROP_SIDE) for crop in crops), tuple(tensors)
    )


@st.cache_resource(
    scope="session",
    max_entries=MAX_DRAWN,
    show_spinner=False,
    hash_funcs={UploadedFile: identify},
)
def draw_picture(source: Source, model_name: str, evidence: bool) -> bytes:
    """Return, as JPEG, a picture that was read, with its faces framed."""
    record, shown, _, _ = read_picture(source, model_name)
    image = Image.open(BytesIO(shown))
    factor = image.width / (record.width or 1)
    faces = [_scale(face, factor) for face in record.faces]
    return encode(overlay.annotate(image, faces, evidence=evidence))


def name_picture(source: Source) -> files.Picture:
    """Return an upload or a sample as the command line has its pictures."""
    if isinstance(source, Path):
        return files.Picture(source.name, str(source))
    source.seek(0)
    return files.Picture(source.name, source)


def encode(image: Image.Image) -> bytes:
    """Return a picture as JPEG."""
    file = BytesIO()
    image.convert("RGB").save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def fit(image: Image.Image, side: int) -> Image.Image:
    """Return a picture whose longer side is at most so many pixels."""
    factor = side / max(image.size)
    if factor >= 1:
        return image
    return image.resize((max(1, round(image.width * factor)), max(1, round(image.height * factor))))


def _scale(face: Face, factor: float) -> Face:
    box, crop = (_scale_box(part, factor) for part in (face.box, face.crop or face.box))
    return replace(face, box=box, crop=crop)


def _scale_box(box: Box, factor: float) -> Box:
    x, y, width, height = (round(value * factor) for value in box)
    return x, y, max(1, width), max(1, height)

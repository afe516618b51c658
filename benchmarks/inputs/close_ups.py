"""Pictures that one face fills, made of faces that no training saw, and what is found in them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFilter

from fer_onnx.boxes import overlap
from fer_onnx.crop import Box, clip
from fer_onnx.detector import Detector
from train.detection.archive import Photograph
from train.detection.batches import read_pictures
from train.detection.close_ups import cut_to, draw_window, widen
from train.detection.face_crops import FaceCrop, label_crop
from train.detection.labels import SAME
from train.detection.pseudo_labels import TeacherDetections
from train.detection.windows import Picture, look_through

FILLS = (0.6, 1.3)  # height of the face ÷ height of the picture
ASPECTS = (0.75, 1.5)  # width ÷ height of the picture
HEIGHTS = (120, 640)  # pixels
LEAST = 40  # pixels of a face in a photograph, which is enlarged too
ASIDE = 0.08  # of the picture's side: how far off its middle the face stands
CHANGES = ("enlarged", "blurred", "grey", "squeezed")
SQUEEZE = (0.7, 0.85)


class CloseUp(NamedTuple):
    """A picture that one face fills.

    Attributes:
        image: RGB or grey.
        box: of the face, cut off at the edges of the picture.
        source: the archive that the face is from.
        agreed: whether both packaged detectors agree on the box; elsewhere it is the usual one.
    """

    image: Image.Image
    box: Box
    source: str
    agreed: bool


class Score(NamedTuple):
    """How a detector does on close-ups.

    Attributes:
        found: share of the faces, by source, and of all of them under "".
        iou: mean intersection ÷ union of the boxes found, where the packaged detectors agree.
        off: median distance of their centres ÷ side of the face.
    """

    found: dict[str, float]
    iou: float
    off: float


def make_close_ups(
    archive: Path,
    photographs: Sequence[Photograph],
    crops: Sequence[FaceCrop],
    detections: Mapping[str, TeacherDetections],
    seed: int,
) -> list[CloseUp]:
    """Make a close-up of each face: a quarter just enlarged, the others changed besides.

    Args:
        archive: the photographs.
        photographs: of which each face is used that people marked, or that both detectors see, from
            40 pixels on.
        crops: faces of data sets.
        detections: of the packaged detectors, by file.
        seed: draws what changes.
    """
    sources: list[tuple[str, Picture, bool]] = []
    for crop in crops:
        known, agreed = label_crop(crop, detections[crop.file])
        sources.append((crop.file.partition("/")[0], Picture(crop.image, known, True), agreed))
    used = [photo for photo in photographs if not photo.animals]
    for photo, picture in zip(used, read_pictures(archive, used, detections), strict=True):
        for face in picture.labelled.faces[picture.labelled.faces[:, 3] >= LEAST]:
            alone = replace(picture.labelled, faces=face[None])
            sources.append((archive.name, Picture(picture.image, alone), photo.kind == "scenes"))
    return [
        _make(*source, CHANGES[number % len(CHANGES)], np.random.default_rng((seed, number)))
        for number, source in enumerate(sources)
    ]


def _make(
    name: str, picture: Picture, agreed: bool, change: str, rng: np.random.Generator
) -> CloseUp:
    window = draw_window(picture.labelled.faces[0], FILLS, ASPECTS, ASIDE, rng)
    if picture.tight:
        picture, window = widen(picture, window)
    window = cut_to(picture, window)
    height = np.exp(rng.uniform(*np.log(HEIGHTS)))
    width = height * window.width / window.height
    if change == "squeezed":
        width *= rng.uniform(*SQUEEZE)
    size = max(16, round(width)), round(height)
    image, faces, _ = look_through(picture, window, size, rng)
    if change == "blurred":
        image = image.filter(ImageFilter.GaussianBlur(size[1] / 100))
    elif change == "grey":
        image = image.convert("L")
    (face,) = np.round(faces).astype(int).tolist()
    return CloseUp(image, clip(tuple(face), image.size), name, agreed)


def measure_close_ups(detector: Detector, pictures: Sequence[CloseUp]) -> Score:
    """Let a detector search every close-up; a box that shares 0.4 with the face's finds it."""
    hits: dict[str, list[bool]] = {"": []}
    shares, away = [], []
    for picture in pictures:
        boxes = [clip(found.box, picture.image.size) for found in detector.detect(picture.image)]
        best = max(boxes, key=lambda box: overlap(box, picture.box), default=None)
        share = overlap(best, picture.box) if best else 0.0
        for name in ("", picture.source):
            hits.setdefault(name, []).append(share >= SAME)
        if best and share >= SAME and picture.agreed:
            shares.append(share)
            away.append(_distance(best, picture.box))
    found = {name: float(np.mean(rows)) for name, rows in hits.items()}
    return Score(found, float(np.mean(shares)), float(np.median(away)))


def _distance(box: Box, face: Box) -> float:
    """Return how far a box's centre lies from a face's, as a share of the face's side."""
    across, down = (box[i] - face[i] + (box[i + 2] - face[i + 2]) / 2 for i in (0, 1))
    return float(np.hypot(across, down) / (face[2] * face[3]) ** 0.5)

"""A detector on pictures that training never sees: held out, or for development."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from fer_onnx.detector import Detector

from .archive import Photograph
from .average_precision import Found, gather
from .batches import read_pictures
from .labels import SAME, Boxes, overlaps
from .pseudo_labels import TeacherDetections
from .windows import Picture


@dataclass(frozen=True)
class HeldOut:
    """Pictures that training never sees.

    Attributes:
        people: with boxes drawn by people.
        scenes: with what both packaged detectors see.
        animals: whose captions name animals alone; what may be a person after all is ignored.
    """

    people: list[Picture]
    scenes: list[Picture]
    animals: list[Picture]


def read_held_out(
    archive: Path, photographs: Sequence[Photograph], detections: Mapping[str, TeacherDetections]
) -> HeldOut:
    """Read the pictures, the scenes in their true aspect."""
    groups: dict[str, list[Picture]] = {"people": [], "scenes": [], "animals": []}
    pictures = read_pictures(archive, photographs, detections)
    for photo, picture in zip(photographs, pictures, strict=True):
        size = picture.labelled.width, picture.labelled.height
        image = picture.image.resize(size, Image.Resampling.BILINEAR)
        groups["animals" if photo.animals else photo.kind].append(Picture(image, picture.labelled))
    return HeldOut(groups["people"], groups["scenes"], groups["animals"])


def search(detector: Detector, pictures: Sequence[Picture]) -> list[Found]:
    """Let a detector search every picture."""
    return [gather(detector.detect(picture.image)) for picture in pictures]


def list_faces(pictures: Sequence[Picture]) -> list[Boxes]:
    """Return the faces of every picture."""
    return [picture.labelled.faces for picture in pictures]


def alarms(found: Sequence[Found], pictures: Sequence[Picture]) -> np.ndarray:
    """Return the scores of false alarms in pictures of animals, outside ignore regions."""
    wrong = [
        here.scores[~(overlaps(here.boxes, picture.labelled.ignored) >= SAME).any(axis=1)]
        for here, picture in zip(found, pictures, strict=True)
    ]
    return np.concatenate([*wrong, np.empty(0)])

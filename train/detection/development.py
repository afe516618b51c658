"""The pictures by which the epoch is chosen, and how good a network is on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from PIL import Image

from fer_onnx.detector import Detection, remove_overlaps

from .archive import Photograph
from .average_precision import Found, draw_curve, gather
from .batches import read_tight
from .close_ups import frame
from .crops import SIDE
from .decode import find_boxes
from .face_crops import FaceCrop
from .held_out import list_faces, read_held_out
from .labels import Labelled
from .pseudo_labels import TeacherDetections
from .windows import Picture

LEAST = 24  # pixels of the height of faces by which the epoch is chosen
FALSE_POSITIVES = 0.1  # a picture
ENLARGED = 2  # times, so that a close-up is seen at several scales
MOST = 40  # pictures of each kind; each is searched after every epoch


@dataclass(frozen=True)
class Development:
    """Pictures of people, scenes with and without faces, and close-ups."""

    people: list[Picture]
    scenes: list[Picture]
    close_ups: list[Picture]


def read_development(
    archive: Path,
    photographs: Sequence[Photograph],
    crops: Sequence[FaceCrop],
    detections: Mapping[str, TeacherDetections],
) -> Development:
    """Read what is for development, so many pictures of each kind."""
    there = read_held_out(archive, photographs, detections)
    rng = np.random.default_rng(0)
    tight = read_tight(crops, detections)
    chosen = rng.permutation(len(tight))[:MOST]
    with_faces = [picture for picture in there.scenes if len(picture.labelled.faces)]
    return Development(
        there.people[:MOST],
        with_faces[:MOST] + there.animals[:MOST],
        [_enlarge(tight[index], rng) for index in chosen],
    )


def evaluate(network: keras.Model, pictures: Development) -> dict[str, float]:
    """Measure a network on faces of 24 pixels and more; the mean precision chooses the epoch.

    Returns:
        average_precision and recall on pictures of people, the average precision on scenes and on
        close-ups, and the mean of the three; what has no pictures has no figure.
    """
    curves = {
        name: draw_curve(
            [find(network, np.asarray(picture.image)) for picture in found],
            list_faces(found),
            (LEAST, float("inf")),
        )
        for name, found in vars(pictures).items()
        if any(len(picture.labelled.faces) for picture in found)
    }
    people = curves.pop("people", None)
    figures = {name: curve.average_precision for name, curve in curves.items()}
    precision = people.average_precision if people else 0.0
    return {
        "average_precision": precision,
        "recall": people.recall_at(FALSE_POSITIVES) if people else 0.0,
        **figures,
        "mean": float(np.mean([precision, *figures.values()])),
    }


def find(network: keras.Model, image: np.ndarray) -> Found:
    """Find the faces of one picture, uint8 (height, width, 3), overlaps removed."""
    height, width, _ = image.shape
    padded = np.pad(image, ((0, -height % 32), (0, -width % 32), (0, 0)))
    boxes, scores = (keras.ops.convert_to_numpy(x) for x in find_boxes(network, padded[None]))
    found = [
        Detection(tuple(box), score)
        for box, score in zip(boxes.tolist(), scores.tolist(), strict=True)
        if score > 0.01
    ]
    return gather(remove_overlaps(found))


def _enlarge(picture: Picture, rng: np.random.Generator) -> Picture:
    crop = frame(picture, SIDE, rng)
    side = ENLARGED * SIDE
    image = crop.image.resize((side, side), Image.Resampling.BICUBIC)
    return Picture(image, Labelled(side, side, ENLARGED * crop.faces, ENLARGED * crop.ignored))

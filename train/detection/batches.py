"""Pictures in memory with their faces: in groups to learn from, and those held back."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from train.data.tables import open_archive
from train.errors import DataError

from .archive import EXPECTED, Photograph
from .crops import SIDE, draw_crop
from .face_crops import FaceCrop, label_crop
from .labels import label
from .pseudo_labels import TeacherDetections
from .targets import make_target
from .windows import Picture

# of the crops: pictures with people's boxes, scenes with faces, animals, other scenes, face sets
SHARES = (0.4, 0.3, 0.11, 0.13, 0.06)
AHEAD = 6  # batches that wait


def read_pictures(
    path: Path, photographs: Sequence[Photograph], detections: Mapping[str, TeacherDetections]
) -> list[Picture]:
    """Decode pictures and decide what is a face in them; about 0.2 MB of memory each."""
    pictures = []
    with open_archive(path, EXPECTED) as archive:
        for photo in photographs:
            image = archive.read_picture(photo.file).convert("RGB")
            pictures.append(Picture(image, label(photo, detections[photo.file])))
    return pictures


def read_tight(
    crops: Sequence[FaceCrop], detections: Mapping[str, TeacherDetections]
) -> list[Picture]:
    """Return the faces of data sets with their boxes, where both detectors agree on these."""
    labelled = [label_crop(crop, detections[crop.file]) for crop in crops]
    return [
        Picture(crop.image, known, tight=True)
        for crop, (known, agreed) in zip(crops, labelled, strict=True)
        if agreed
    ]


def group_pictures(
    photographs: Sequence[Photograph], pictures: Sequence[Picture], tight: Sequence[Picture]
) -> tuple[list[list[Picture]], list[float]]:
    """Sort pictures into groups, faces of data sets last, each with its share of the crops.

    Raises:
        DataError: no picture with a face.
    """
    groups: list[list[Picture]] = [[], [], [], [], list(tight)]
    for photo, picture in zip(photographs, pictures, strict=True):
        if photo.kind == "people":
            groups[0].append(picture)
        elif len(picture.labelled.faces):
            groups[1].append(picture)
        else:
            groups[2 if photo.animals else 3].append(picture)
    if not groups[0] and not groups[1]:
        raise DataError("no picture with a face to learn from")
    there = [(group, share) for group, share in zip(groups, SHARES, strict=True) if group]
    whole = sum(share for _, share in there)
    return [group for group, _ in there], [share / whole for _, share in there]


def draw_batches(
    groups: list[list[Picture]], shares: list[float], batch: int, seed: tuple[int, int], steps: int
) -> Iterator[tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]]:
    """Yield the batches of an epoch, drawn ahead by two threads; `seed` fixes all of it.

    Yields:
        crops: uint8 array (batch, side, side, 3), RGB.
        targets: float32 array (batch, side ÷ 8, side ÷ 8, 7), as `make_target` has it.
    """

    def draw(step: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
        rng = np.random.default_rng((*seed, step))
        crops = [draw_crop(groups, shares, rng) for _ in range(batch)]
        targets = [make_target(SIDE, crop.faces, crop.ignored) for crop in crops]
        return np.stack([np.asarray(crop.image) for crop in crops]), np.stack(targets)

    waiting: deque[Future[tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]]] = deque()
    with ThreadPoolExecutor(2) as threads:
        for step in range(steps):
            waiting.append(threads.submit(draw, step))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

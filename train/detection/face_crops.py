"""Faces cut out closely, of data sets made for reading faces: where the face is in each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from fer_onnx.detector import Detector
from fer_onnx.metadata import InputSpec
from train.data.faceset import VOTES, FaceSet, draw, drop_leaks, hold_out
from train.data.formats import read_parts
from train.data.sources import HELD_OUT
from train.errors import DataError

from .archive import Part
from .labels import Boxes, Labelled, average_agreed, stack_boxes
from .pseudo_labels import TeacherDetections, ask

SIDE = 64  # pixels; FER2013's 48 are enlarged
SETS = ("fer2013.zip", "nhfi.zip", "utkface.zip", "lfw_smiles.zip")
COUNTS: Mapping[Part, int] = {"training": 1500, "development": 50, "held out": 400}  # of a set
DEVELOPMENT = 0.03  # of a set, beyond what is held out
NOT_A_FACE = 2  # votes of ten from which a picture of FER2013 is left out
SEEN = 160  # pixels at which the detectors see a crop
AROUND = 80  # pixels of surroundings on each side of it
# x, y, width, height ÷ side of the crop: what both detectors see, in the median of each set
MARGINS = {
    "fer2013.zip": (0.08, -0.05, 0.82, 1.08),
    "nhfi.zip": (0.04, -0.08, 0.92, 1.11),
    "utkface.zip": (0.06, -0.14, 0.85, 1.11),
    "lfw_smiles.zip": (-0.03, -0.25, 1.06, 1.40),
}


@dataclass(frozen=True)
class FaceCrop:
    """One face, cut out closely.

    Attributes:
        file: archive and member.
        image: RGB, square.
        part: what it is for.
    """

    file: str
    image: Image.Image
    part: Part


def read_face_crops(folder: Path, *parts: Part) -> list[FaceCrop]:
    """Read the faces of these parts, of every set that a folder has, so many of each.

    A third of each set is held out by the names (`hold_out`). Of FER2013 only its training part
    is used, without the pictures that stand in another part too.

    Raises:
        DataError: none of the archives there, or a damaged one.
    """
    paths = [folder / name for name in SETS if (folder / name).is_file()]
    if not paths:
        raise DataError(f"{folder}: expected {', '.join(SETS)}, or one of them")
    return [crop for path in paths for crop in _read_set(path, parts)]


def _read_set(path: Path, parts: Sequence[Part]) -> Iterator[FaceCrop]:
    faces = read_parts(path, InputSpec(SIDE, SIDE, "rgb"))
    train = faces.split("train")
    if train.votes is not None:
        train = train.take(train.votes[:, VOTES.index("not a face")] < NOT_A_FACE)
        train = drop_leaks(train, faces.split("validation"), faces.split("test"))
    for part in parts:
        drawn = draw(_select(train, part), COUNTS[part], seed=0)
        for name, image in zip(drawn.names, drawn.images, strict=True):
            yield FaceCrop(f"{path.name}/{name}", Image.fromarray(image), part)


def _select(faces: FaceSet, part: Part) -> FaceSet:
    parted = hold_out(faces, HELD_OUT)
    if part == "held out":
        return parted.split("validation")
    further = hold_out(faces, HELD_OUT + DEVELOPMENT)
    if part == "training":
        return further.split("train")
    return faces.take((further.splits == "validation") & (parted.splits != "validation"))


def ask_about_crops(
    crops: Sequence[FaceCrop], cache: Path, say: Callable[[str], None]
) -> dict[str, TeacherDetections]:
    """Ask both packaged detectors about every crop, as `ask_detectors` does about photographs.

    Each is enlarged to 160 pixels, amid its own tones, where both find nearly all of them.
    """
    pictures = {crop.file: partial(_look, crop) for crop in crops}
    return ask(pictures, cache, say)


def _look(crop: FaceCrop, *teachers: Detector) -> TeacherDetections:
    large = crop.image.resize((SEEN, SEEN), Image.Resampling.BICUBIC)
    image = surround(large, (AROUND, AROUND, AROUND, AROUND), SEEN / 6)
    scale = SIDE / SEEN
    rows = [
        tuple(
            (*((np.array(found.box) - [AROUND, AROUND, 0, 0]) * scale).tolist(), found.score)
            for found in teacher.detect(image)
        )
        for teacher in teachers
    ]
    return TeacherDetections(crop.file, SIDE, SIDE, *rows)


def surround(image: Image.Image, edges: tuple[int, int, int, int], radius: float) -> Image.Image:
    """Surround a picture by its own tones, mirrored outward and blurred.

    Args:
        image: RGB.
        edges: pixels to add at the left, the top, the right and the bottom.
        radius: of the blur, in pixels.
    """
    left, top, right, bottom = edges
    around = ((top, bottom), (left, right), (0, 0))
    mirrored = Image.fromarray(np.pad(np.asarray(image), around, mode="symmetric"))
    canvas = mirrored.filter(ImageFilter.BoxBlur(radius))
    canvas.paste(image, (left, top))
    return canvas


def label_crop(crop: FaceCrop, detected: TeacherDetections) -> tuple[Labelled, bool]:
    """Decide where the face of a crop is, and say whether both detectors agree on it.

    It is where both see it, in the mean; where they do not, where faces of its set are.
    """
    first, second = stack_boxes(detected.first, 5), stack_boxes(detected.second, 5)
    agreed = average_agreed(first, second, 0.0)
    holding = agreed[_hold(agreed, SIDE / 2)]
    if len(holding):
        largest = holding[holding[:, 2:].prod(axis=1).argmax()][None]
        return Labelled(SIDE, SIDE, largest, stack_boxes([], 4)), True
    usual = SIDE * stack_boxes([MARGINS[crop.file.partition("/")[0]]], 4)
    return Labelled(SIDE, SIDE, usual, stack_boxes([], 4)), False


def _hold(boxes: Boxes, middle: float) -> npt.NDArray[np.bool_]:
    starts, ends = boxes[:, :2], boxes[:, :2] + boxes[:, 2:4]
    return np.all((starts < middle) & (ends > middle), axis=1)

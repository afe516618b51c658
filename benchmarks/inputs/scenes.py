"""Pictures in which one face stands at a known place, and where a detector sees it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from fer_onnx.crop import Box
from fer_onnx.detector import Detector

SIZE = 320  # pixels, width and height
SIDES = (60, 200)  # of the face, in pixels
MARGIN = 20  # pixels of surroundings, at least


class Scene(NamedTuple):
    """A grey picture, and the square in it (x, y, width, height) that is the data set's."""

    image: Image.Image
    square: Box


def build_scene(face: npt.NDArray[np.uint8], rng: np.random.Generator) -> Scene:
    """Enlarge a face and put it somewhere in a larger picture.

    Around it stands the face itself, mirrored outward and blurred: the tones that surround a
    head, and nothing that a detector could take for another face.

    Args:
        face: uint8 array (height, width), grey.
        rng: draws size and place.
    """
    side = int(rng.integers(SIDES[0], SIDES[1] + 1))
    x, y = map(int, rng.integers(MARGIN, SIZE - side - MARGIN + 1, 2))
    large = Image.fromarray(face).resize((side, side), Image.Resampling.BICUBIC)
    around = ((y, SIZE - side - y), (x, SIZE - side - x))
    mirrored = Image.fromarray(np.pad(np.asarray(large), around, mode="symmetric"))
    image = mirrored.filter(ImageFilter.GaussianBlur(side / 6))
    image.paste(large, (x, y))
    return Scene(image, (x, y, side, side))


def cut_off(scene: Scene, gap: float, rng: np.random.Generator) -> Scene:
    """Cut a scene so that the face stands at one of the four edges of the picture.

    Args:
        scene: the whole scene.
        gap: between face and edge, as a share of the face's side; below 0 the face is cut.
        rng: draws the edge.
    """
    (x, y, side, _), gap = scene.square, round(gap * scene.square[2])
    left, top, right, bottom = 0, 0, *scene.image.size
    match rng.integers(4):
        case 0:
            left = x - gap
        case 1:
            top = y - gap
        case 2:
            right = x + side + gap
        case _:
            bottom = y + side + gap
    image = scene.image.crop((left, top, right, bottom))
    return Scene(image, (x - left, y - top, side, side))


class Finding(NamedTuple):
    """A face that a detector found: the scene, the box, and which face it is."""

    scene: Scene
    box: Box
    face: int


def find_known(scenes: Iterable[tuple[int, Scene]], detector: Detector) -> list[Finding]:
    """Look for the one known face of each scene; those not found are left out.

    A box whose centre lies in the face's square is the face's; of several, the one with the
    highest score counts.
    """
    findings = []
    for index, scene in scenes:
        hits = [found for found in detector.detect(scene.image) if _holds_centre(scene, found.box)]
        if hits:
            findings.append(Finding(scene, max(hits, key=lambda hit: hit.score).box, index))
    return findings


def measure_jitter(findings: Sequence[Finding]) -> npt.NDArray[np.float64]:
    """Measure where faces stand in their boxes, as shares of the box's longer side.

    Returns:
        float array (findings, 3): logarithm of the face's side; how far its centre lies to the
        right of the box's, and how far below.
    """
    rows = []
    for (_, (left, top, side, _)), (x, y, width, height), _ in findings:
        longer = max(width, height)
        right = left + side / 2 - x - width / 2
        down = top + side / 2 - y - height / 2
        rows.append((np.log(side / longer), right / longer, down / longer))
    return np.array(rows)


def _holds_centre(scene: Scene, box: Box) -> bool:
    (left, top, side, _), (x, y, width, height) = scene.square, box
    return left <= x + width / 2 < left + side and top <= y + height / 2 < top + side

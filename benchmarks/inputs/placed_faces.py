"""Faces that are put into pictures, found there, and read by a model; and readings compared."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from fer_onnx.classifier import Classifier
from fer_onnx.crop import cut, square_around
from fer_onnx.metadata import Crop
from fer_onnx.preprocess import to_array

from .scenes import Finding, Scene, build_scene, cut_off

CHUNK = 64
CHANCE = 2  # standard errors


class Reading(NamedTuple):
    """How faces were read: whether right, bool (faces,); their log loss, float (faces,)."""

    right: npt.NDArray[np.bool_]
    loss: npt.NDArray[np.float64]


@dataclass(frozen=True)
class PlacedFaces:
    """The faces that are tried, and the model that reads them.

    Attributes:
        model: the model.
        images: uint8 array (n, height, width), grey: the whole part of the data set.
        answers: int array (n,): what the model should answer.
        tried: int array (faces,): which of them are tried.
        seed: of the scenes they are put into.
    """

    model: Classifier
    images: npt.NDArray[np.uint8]
    answers: npt.NDArray[np.int64]
    tried: npt.NDArray[np.int64]
    seed: int

    def build_scenes(self, gaps: tuple[float, float] | None = None) -> Iterator[tuple[int, Scene]]:
        """Put each face into a picture, at an edge of it if `gaps` are given."""
        for index in self.tried.tolist():
            rng = np.random.default_rng((self.seed, index))
            scene = build_scene(self.images[index], rng)
            yield index, cut_off(scene, rng.uniform(*gaps), rng) if gaps else scene

    def read_originals(self, findings: Sequence[Finding]) -> Reading:
        """Read the faces that were found as the data set has them."""
        return self._read((Image.fromarray(self.images[f.face]) for f in findings), findings)

    def read_places(self, findings: Sequence[Finding]) -> Reading:
        """Read them enlarged, cut out exactly where they stand."""
        return self._read((cut(f.scene.image, f.scene.square) for f in findings), findings)

    def read_crops(self, findings: Sequence[Finding], crop: Crop) -> Reading:
        """Read them cut out as `crop` says of the detector's boxes."""
        pictures = (cut(f.scene.image, square_around(f.box, crop), crop.border) for f in findings)
        return self._read(pictures, findings)

    def _read(self, pictures: Iterable[Image.Image], findings: Sequence[Finding]) -> Reading:
        arrays = np.stack([to_array(picture, self.model.info.input) for picture in pictures])
        chunks = [self.model.run(arrays[i : i + CHUNK]) for i in range(0, len(arrays), CHUNK)]
        probabilities = np.concatenate(chunks).astype(np.float64)
        answers = self.answers[[finding.face for finding in findings]]
        of_answer = np.take_along_axis(probabilities, answers[:, None], axis=1)[:, 0]
        return Reading(probabilities.argmax(axis=1) == answers, -np.log(of_answer + 1e-9))


def count_lost(before: Reading, after: Reading) -> tuple[float, float]:
    """Return the points of accuracy lost on the same faces, and the standard error of that."""
    lost, error = _mean(before.right.astype(float) - after.right)
    return 100 * lost, 100 * error


def describe_loss(better: Reading, worse: Reading) -> str:
    """Describe how much worse the same faces were read, and whether that may be chance."""
    more, error = _mean(worse.loss - better.loss)
    lost, points = count_lost(better, worse)
    verdict = ", which may be chance" if more <= CHANCE * error else ""
    return f"log loss +{more:.3f} ± {error:.3f}, {-lost:+.1f} ± {points:.1f} points{verdict}"


def join(readings: Iterable[Reading]) -> Reading:
    """Join readings of different faces."""
    return Reading(*map(np.concatenate, zip(*readings, strict=True)))


def _mean(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    return float(values.mean()), float(values.std()) / len(values) ** 0.5

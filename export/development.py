"""What a checkpoint answers on the development sets."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import numpy.typing as npt

from train.data.development import band_ages, read_plain, read_posed, read_searched
from train.data.faceset import LABELS
from train.runs.record import Record

from .description import CROP


class Sample(NamedTuple):
    """What a checkpoint answers on one data set.

    Attributes:
        probabilities: float array (n, labels).
        answers: int array (n,), -1 for faces that do not count.
    """

    probabilities: npt.NDArray[np.floating]
    answers: npt.NDArray[np.int64]

    @property
    def counted(self) -> "Sample":
        """Those faces that count."""
        chosen = self.answers >= 0
        return Sample(self.probabilities[chosen], self.answers[chosen])


class Development(NamedTuple):
    """What a checkpoint answers on all development sets.

    Attributes:
        home: the validation part of the data set that the network learned from.
        strangers: labelled faces from elsewhere, a sample for each data set.
        plain: probabilities (n, labels) of adults who do not smile, by band of ages.
    """

    home: Sample
    strangers: Sequence[Sample]
    plain: Mapping[str, npt.NDArray[np.floating]]

    def halve(self, rng: np.random.Generator) -> tuple["Development", "Development"]:
        """Return the faces of every set in two halves, drawn at random."""
        labelled = [
            (sample, rng.permutation(len(sample.answers)) % 2)
            for sample in (self.home, *self.strangers)
        ]
        aged = [(band, p, rng.permutation(len(p)) % 2) for band, p in self.plain.items()]

        def take(half: int) -> Development:
            home, *strangers = (
                Sample(sample.probabilities[drawn == half], sample.answers[drawn == half])
                for sample, drawn in labelled
            )
            plain = {band: given[drawn == half] for band, given, drawn in aged}
            return Development(home, strangers, plain)

        return take(0), take(1)


def ask_development(
    checkpoint: keras.Model,
    record: Record,
    head: str,
    labels: tuple[str, ...],
    home: Sample,
    folder: Path,
) -> Development:
    """Ask one head about faces from elsewhere.

    Args:
        checkpoint: the Keras model.
        record: its record.
        head: its head.
        labels: those of the head's labels that are kept.
        home: what it answers at home.
        folder: of the development sets.
    """
    columns = [record.heads[head].index(label) for label in labels]
    own = np.array([labels.index(name) if name in labels else -1 for name in LABELS])

    def ask(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.floating]:
        given = checkpoint.predict(images, batch_size=64, verbose=0)[head][:, columns]
        return np.asarray(given / given.sum(axis=1, keepdims=True))

    labelled = (read_posed(folder, record.input), read_searched(folder, record.input, CROP))
    strangers = [Sample(ask(faces.images), own[faces.answers]) for faces in labelled]
    plain = read_plain(folder, record.input)
    given = ask(plain.images)
    return Development(home, strangers, {b: given[some] for b, some in band_ages(plain).items()})

"""Faces with labels, in memory: what training, evaluation and export share."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self
from zlib import crc32

import numpy as np
import numpy.typing as npt
from PIL import Image

from fer_onnx.metadata import InputSpec
from fer_onnx.preprocess import to_array
from train.errors import DataError

FER2013 = "FER2013"  # its name in records and model files
OFFICIAL = {"Training", "PublicTest", "PrivateTest"}  # its own split; Kaggle's is another
LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")  # of fer2013.csv
VOTES = (
    *("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear"),
    *("contempt", "unknown", "not a face"),
)  # order of the columns of fer2013new.csv (FER+)

ROLES = {
    "Training": "train",
    "PublicTest": "validation",
    "PrivateTest": "test",
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "test": "test",
}


@dataclass(frozen=True)
class FaceSet:
    """Faces with their labels.

    Attributes:
        images: uint8 array (n, height, width, channels), as `fer_onnx.preprocess` makes them.
        splits: str array (n,): the data set's own name of the part each belongs to.
        original: int array (n,): index into `labels`, the label given by the data set; -1 if none.
        votes: int array (n, 10): FER+ votes in the order of `VOTES`, or None without them.
        labels: names of the labels, in order.
        name: what the data set is, for the record: "FER2013" or the folder's name.
        names: str array (n,): the name of each image in the data set: its path within folder or
            archive, or its row in a table, counted from 0.
        columns: str arrays (n,) by name: what else the data set's table says of each face.
    """

    images: npt.NDArray[np.uint8]
    splits: npt.NDArray[np.str_]
    original: npt.NDArray[np.int64]
    votes: npt.NDArray[np.int64] | None
    labels: tuple[str, ...]
    name: str
    names: npt.NDArray[np.str_]
    columns: Mapping[str, npt.NDArray[np.str_]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.images)

    def take(self, index: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> Self:
        """Keep some of the faces."""
        return replace(
            self,
            images=self.images[index],
            splits=self.splits[index],
            original=self.original[index],
            votes=None if self.votes is None else self.votes[index],
            names=self.names[index],
            columns={name: column[index] for name, column in self.columns.items()},
        )

    def choose(self, labels: Sequence[str]) -> Self:
        """Keep the faces of some of the labels, and these labels, in the order given.

        Raises:
            DataError: a label that no face has.
        """
        index = np.full(len(self.labels) + 1, -1)  # the last for faces without a label
        for new, label in enumerate(labels):
            if label in self.labels:
                index[self.labels.index(label)] = new
        chosen = replace(self, original=index[self.original], labels=tuple(labels))
        chosen = chosen.take(chosen.original >= 0)
        if missing := [name for i, name in enumerate(labels) if not (chosen.original == i).any()]:
            raise DataError(f"{self.name}: no face of {', '.join(missing)} to learn from")
        return chosen

    def split(self, name: str) -> Self:
        """Keep one part, by its own name ("PublicTest") or its role ("validation").

        "PublicTest/1" and "PublicTest/2" are halves of it, to choose on one and to report on the
        other; copies of a picture stay together. Their faces bear the half's name. They are drawn
        by the pixels, so that networks of another input size have other halves.

        Raises:
            DataError: no such part.
        """
        whole, _, half = name.partition("/")
        roles = np.array([ROLES[split] for split in self.splits], dtype=str)
        chosen = self.splits == whole
        if not chosen.any():
            chosen = roles == whole
        if not chosen.any() or half not in ("", "1", "2"):
            there = ", ".join(sorted(set(self.splits.tolist()))) or "nothing"
            raise DataError(
                f"{self.name}: no split {name!r}; it has {there}, and /1 and /2 of each"
            )
        part = self.take(chosen)
        if not half:
            return part
        parity = np.array([int(digest, 16) % 2 for digest in part.pixel_hashes()])
        part = part.take(parity == int(half) % 2)
        return replace(part, splits=np.array([f"{split}/{half}" for split in part.splits]))

    def sizes(self) -> dict[str, int]:
        """Count the faces of each part, by its own name."""
        return {str(name): int((self.splits == name).sum()) for name in np.unique(self.splits)}

    def pixel_hashes(self) -> npt.NDArray[np.str_]:
        """Hash the pixels of each face: equal hashes are equal pictures."""
        return np.array(
            [hashlib.sha256(image.tobytes()).hexdigest() for image in self.images], dtype=str
        )

    def digest(self) -> str:
        """Hash pictures, labels and votes together, in order."""
        whole = hashlib.sha256("\n".join(self.labels).encode())
        whole.update(self.images.tobytes() + self.original.tobytes())
        if self.votes is not None:
            whole.update(self.votes.tobytes())
        return whole.hexdigest()


def find_duplicates(faces: FaceSet, *others: FaceSet) -> npt.NDArray[np.bool_]:
    """Return which faces also stand, pixel for pixel, in another part: bool array (n,)."""
    seen = np.concatenate([part.pixel_hashes() for part in others])
    return np.isin(faces.pixel_hashes(), seen)


def drop_leaks(train: FaceSet, *others: FaceSet) -> FaceSet:
    """Drop from `train` every picture that also stands, pixel for pixel, in another part."""
    return train.take(~find_duplicates(train, *others))


def place_by_name(name: str) -> float:
    """Return a number from 0 to 1 that a name alone decides: below a share, it is held out."""
    return crc32(name.encode()) / 2**32


def hold_out(faces: FaceSet, share: float) -> FaceSet:
    """Move a share of the training part to "validation", copies of a picture together.

    The names decide, so that everyone who reads the data set holds out the same faces, whatever
    the size, and when others have been added.
    """
    train = np.flatnonzero([ROLES[split] == "train" for split in faces.splits])
    if not len(train):
        return faces  # of a data set with a test part alone
    part = faces.take(train)
    hashes = part.pixel_hashes()
    copies: dict[str, list[str]] = {}
    for pixels, name in zip(hashes, part.names, strict=True):
        copies.setdefault(pixels, []).append(name)
    draws = {pixels: place_by_name(min(names)) for pixels, names in copies.items()}
    limit = max(share, min(draws.values(), default=0))  # one at least
    held = np.array([draws[pixels] <= limit for pixels in hashes])
    splits = faces.splits.astype("<U16")
    splits[train[held]] = "validation"
    return replace(faces, splits=splits)


def refuse_other_split(trained_on: str, faces: FaceSet) -> None:
    """Refuse to evaluate a network on faces of FER2013 that it was trained on under another split.

    Args:
        trained_on: data set and parts, as a model file says: "FER2013 Training", and
            names of further data sets after semicolons.
        faces: what it is to be evaluated on.

    Raises:
        DataError: FER2013's own split on one side, Kaggle's folders on the other.
    """
    data, *trained = trained_on.split(";")[0].replace(",", "").split() or [""]
    parts = {part.split("/")[0] for part in faces.splits.tolist()}
    if data == faces.name == FER2013 and (parts <= OFFICIAL) != (set(trained) <= OFFICIAL):
        raise DataError(
            f"trained on {trained_on}: not to be measured on {', '.join(sorted(parts))} of another "
            "split of FER2013, the two overlap by 80 %"
        )


def resize_faces(images: npt.NDArray[np.uint8], spec: InputSpec) -> npt.NDArray[np.uint8]:
    """Make what a network of another input reads, by the runtime's own conversion.

    Args:
        images: uint8 array (n, height, width, channels).
        spec: what is to come out.
    """
    pictures = images[..., 0] if images.shape[-1] == 1 else images
    return np.stack([to_array(Image.fromarray(picture), spec) for picture in pictures])


def draw(faces: FaceSet, count: int, seed: int) -> FaceSet:
    """Draw so many faces at random; the same for the same seed."""
    order = np.random.default_rng(seed).permutation(len(faces))
    return faces.take(np.sort(order[:count]))


def draw_per_label(faces: FaceSet, labels: Sequence[str], count: int, seed: int) -> FaceSet:
    """Draw so many faces of each of these original labels at random; the same for the same seed.

    Raises:
        DataError: a label has fewer.
    """
    chosen = []
    order = np.random.default_rng(seed).permutation(len(faces))
    for label in labels:
        found = order[faces.original[order] == faces.labels.index(label)]
        if len(found) < count:
            raise DataError(f"{faces.name}: {len(found)} faces of {label}, fewer than {count}")
        chosen.append(found[:count])
    return faces.take(np.sort(np.concatenate(chosen)))

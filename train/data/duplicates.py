"""Faces that are one picture: pixel for pixel, or nearly, as after re-encoding or a small shift."""

import io
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from .faceset import FaceSet

SIDE = 16  # of the thumbnails that are compared
ALIKE = 0.95  # correlation from which on two thumbnails are taken for one picture
BLANK = 3  # standard deviation of the grey values below which there is nothing to compare
BLOCK = 512  # thumbnails compared with all others at once
SAMPLE = 1000  # faces that the comparison is tried on
QUALITY = 75  # of JPEG, for the trial


def find_blanks(faces: FaceSet) -> npt.NDArray[np.bool_]:
    """Return which pictures are of one tone throughout, or nearly: bool array (n,)."""
    return faces.images.reshape(len(faces), -1).std(axis=1) < BLANK


def group_identical(faces: FaceSet) -> npt.NDArray[np.int64]:
    """Number the pictures, identical ones alike: int array (n,)."""
    return np.unique(faces.pixel_hashes(), return_inverse=True)[1]


def group_alike(faces: FaceSet) -> npt.NDArray[np.int64]:
    """Number the pictures, nearly identical ones alike, and what these are nearly identical to.

    Thumbnails that correlate by `ALIKE` or more are taken for one picture; blank ones only if they
    are identical. Every picture is compared with every other.

    Returns:
        int array (n,).
    """
    groups = group_identical(faces)
    first = np.unique(groups, return_index=True)[1]  # one of each picture is compared
    parent = np.arange(len(first))
    for one, other in _find_pairs(shrink(faces.images[first])):
        parent[_root(parent, one)] = _root(parent, other)
    return np.array([_root(parent, group) for group in range(len(first))])[groups]


def shrink(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Make thumbnails whose scalar product is their correlation; blank ones correlate with nothing.

    Args:
        images: uint8 array (n, 48, 48, 1), grey.

    Returns:
        float32 array (n, 256).
    """
    count, height, width, _ = images.shape
    cells = images.reshape(count, SIDE, height // SIDE, SIDE, width // SIDE)
    flat = cells.mean(axis=(2, 4), dtype=np.float32).reshape(count, -1)
    flat -= flat.mean(axis=1, keepdims=True)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.where(length < BLANK * SIDE, 0, flat / np.maximum(length, 1e-6))


class Comparison(NamedTuple):
    """How far `group_alike` can be trusted on this data.

    Attributes:
        tried: faces drawn at random.
        found: of them, those found again after they were re-encoded as JPEG.
        mistaken: of them, those that, mirrored, are taken for another picture.
    """

    tried: int
    found: int
    mistaken: int


def try_comparison(faces: FaceSet, groups: npt.NDArray[np.int64], seed: int = 0) -> Comparison:
    """Look for re-encoded faces, which should be found, and mirrored ones, which should not.

    A mirrored face is as much like other faces as a face can be without being one of them.

    Args:
        faces: the data, grey, 48×48.
        groups: int array (n,), of `group_alike`.
        seed: of the faces that are drawn.
    """
    filled = np.flatnonzero(~find_blanks(faces))
    drawn = np.random.default_rng(seed).permutation(filled)[:SAMPLE]
    images, known = faces.images[drawn], shrink(faces.images)
    again = shrink(np.stack([_reencode(image) for image in images]))
    found = (again * known[drawn]).sum(axis=1) >= ALIKE
    likeness = shrink(images[:, :, ::-1]) @ known.T
    likeness[groups[drawn][:, None] == groups[None, :]] = 0  # a face that is symmetrical
    return Comparison(len(drawn), int(found.sum()), int((likeness >= ALIKE).any(axis=1).sum()))


def _find_pairs(thumbnails: npt.NDArray[np.float32]) -> Iterator[tuple[int, int]]:
    for start in range(0, len(thumbnails), BLOCK):
        likeness = thumbnails[start : start + BLOCK] @ thumbnails[start:].T
        for one, other in zip(*np.nonzero(likeness >= ALIKE), strict=True):
            if one < other:
                yield start + int(one), start + int(other)


def _root(parent: npt.NDArray[np.int64], index: int) -> int:
    while parent[index] != index:
        parent[index] = parent[parent[index]]
        index = int(parent[index])
    return index


def _reencode(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    file = io.BytesIO()
    Image.fromarray(image[..., 0]).save(file, "JPEG", quality=QUALITY)
    return np.asarray(Image.open(file))[..., None]

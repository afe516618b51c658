"""PublicTest of FER2013, and what a model should answer about it."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from fer_onnx.classifier import Classifier
from fer_onnx.metadata import InputSpec
from train.data.faceset import FaceSet
from train.data.formats import read_dataset
from train.data.targets import head_of, true_labels
from train.errors import DataError

SPLIT = "PublicTest"  # choices are made here; PrivateTest is looked at once a release
FER2013_INPUT = InputSpec(48, 48)  # grey, as the data set is


def read_split(data: Path | None, split: str) -> FaceSet:
    """Read a part of FER2013 as it is.

    Raises:
        DataError: no data, or not FER2013 with its own splits.
    """
    return read_dataset(require_data(data), FER2013_INPUT).split(split)


def require_data(data: Path | None) -> Path:
    """Return the place of the data set.

    Raises:
        DataError: none was given.
    """
    if data is None:
        raise DataError("no data: give --data PATH or set FER_DATA")
    return data


def read_public_test(data: Path | None, model: Classifier) -> tuple[FaceSet, npt.NDArray[np.int64]]:
    """Read PublicTest as it is, and what a model should answer.

    Returns:
        The faces, and their right answers: int array (n,), index into the model's labels, -1 for
        faces that do not count (in FER+ those without a majority for one of the labels).

    Raises:
        DataError: no data, or not FER2013 with its own splits (and votes, for FER+ models).
    """
    faces = read_split(data, SPLIT)
    head = head_of(model.info.label_set)
    if head == "ferplus" and faces.votes is None:
        raise DataError(f"{data}: no FER+ votes, which {model.info.name} is judged by")
    return faces, true_labels(faces, head, model.labels)

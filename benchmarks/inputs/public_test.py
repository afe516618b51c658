"""Faces of FER2013 that a model can be judged on: those it has a right answer for."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from fer_onnx.classifier import Classifier
from fer_onnx.metadata import InputSpec
from train.data.faceset import FaceSet
from train.data.formats import read_dataset
from train.data.targets import judge
from train.errors import DataError

SPLIT = "PublicTest"  # choices are made here; PrivateTest is looked at once a release
GREY = InputSpec(48, 48)  # FER2013 as it is


def read_judged(data: Path | None, model: Classifier) -> tuple[FaceSet, npt.NDArray[np.int64]]:
    """Read PublicTest as it is, and what a model should answer.

    Returns:
        The faces, and their right answers: int array (n,), index into the model's labels, -1 for
        faces that do not count (in FER+ those without a majority for one of the labels).

    Raises:
        DataError: no data, or not FER2013 with its own splits (and votes, for FER+ models).
    """
    if data is None:
        raise DataError("no data: give --data PATH or set FER_DATA")
    faces = read_dataset(data, GREY).split(SPLIT)
    head = "ferplus" if model.info.label_set == "FER+" else "original"
    if head == "ferplus" and faces.votes is None:
        raise DataError(f"{data}: no FER+ votes, which {model.info.name} is judged by")
    return faces, judge(faces, head, model.labels)

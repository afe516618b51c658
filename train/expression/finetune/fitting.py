"""A head fitted to a person's own pictures, kept if it beats what it started from."""

from typing import NamedTuple

import keras
import numpy as np
import numpy.typing as npt

from fer_onnx.evaluation.metrics import Scores, score_answers
from train.data.folds import Groups, make_folds
from train.data.targets import HEADS
from train.errors import DataError
from train.expression.networks.heads import attach_heads
from train.expression.temperature import choose_threshold, fit_temperature, soften
from train.runs.progress import Bar

from .cross_validation import (
    Features,
    count_fits,
    cross_validate,
    fit_path,
    soften_in_turn,
)
from .head import Head
from .starts import Calibration, Origin, Start
from .verdict import Verdict, judge

FOLDS = 5
LEAST = 20  # faces of each label, below which nothing is claimed
CALIBRATED = 200  # held-out faces that tell temperature and threshold: the share of answers that
# reach a threshold is known to ±5 points then
BATCH = 64  # faces passed through the network at once
HEAD = HEADS[0]  # its labels are those that the data set gives
UNCALIBRATED = Calibration(None, 0.0, "none")


class Fitted(NamedTuple):
    """What came of fitting.

    Attributes:
        trained: the fitted head.
        answers: float array (n, labels): its answers to held-out faces, calibrated.
        truth: int array (n,): index of the right label.
        strength: of the prior.
        calibration: of the fitted head.
        start: the best start; None if the checkpoint does not know the labels.
        start_answers: float array (n, labels): the best start's answers, calibrated.
        verdict: the comparison with it, or with always answering the most frequent label.
        pictures: how many each label has, copies not counted.
    """

    trained: Head
    answers: npt.NDArray[np.float64]
    truth: npt.NDArray[np.int64]
    strength: float
    calibration: Calibration
    start: Start | None
    start_answers: npt.NDArray[np.float64]
    verdict: Verdict
    pictures: tuple[int, ...]

    @property
    def enough(self) -> bool:
        """Whether every label has enough pictures for anything to be claimed."""
        return min(self.pictures) >= LEAST

    @property
    def better(self) -> bool:
        """Whether the fitted head beats its start by more than chance."""
        return self.enough and self.verdict.better

    def score(self, labels: tuple[str, ...]) -> Scores:
        """Return the figures of the held-out answers."""
        return score_answers(self.answers, self.truth, labels)


def fit_own(
    features: Features,
    truth: npt.NDArray[np.int64],
    origin: Origin,
    groups: Groups,
    seed: int = 0,
) -> Fitted:
    """Fit a head to faces, and compare it with the checkpoint's own on faces held out in turn.

    Args:
        features: of the faces; the network has passed each once.
        truth: int array (n,): index of the right label, in the order of the origin's heads.
        origin: the checkpoint.
        groups: which faces are held out together.
        seed: of the folds.

    Raises:
        DataError: too few groups to hold any out.
    """
    count = min(FOLDS, len(np.unique(groups.numbers)))
    if count < 2:
        raise DataError("all pictures are of one person, or copies of one")
    folds = make_folds(truth, groups.numbers, count, seed)
    bar = Bar("fitting", count_fits(folds))
    held_out = cross_validate(features, truth, folds, origin.prior, bar.step)
    bar.end()
    (trained,) = fit_path(features, truth, origin.prior, (held_out.strength,))
    start, start_answers = choose_start(origin.starts, features, truth)
    if start and start.calibration.temperature is None:  # it learned from none of these faces
        start = start._replace(calibration=calibrate(start_answers, truth, start))
        start_answers = soften(start_answers, start.calibration.temperature or 1.0)
    calibration = calibrate(held_out.answers, truth, start)
    ours, theirs = (
        soften_in_turn(each, truth, folds) for each in (held_out.answers, start_answers)
    )
    labels = range(held_out.answers.shape[1])
    return Fitted(
        trained=trained,
        answers=soften(held_out.answers, calibration.temperature or 1.0),
        truth=truth,
        strength=held_out.strength,
        calibration=calibration,
        start=start,
        start_answers=start_answers,
        verdict=judge(ours, theirs, truth),
        pictures=tuple(len(np.unique(groups.pictures[truth == label])) for label in labels),
    )


def compute_features(backbone: keras.Model, images: npt.NDArray[np.uint8]) -> Features:
    """Pass faces and their mirror images through the frozen part of a network.

    Args:
        backbone: faces → features.
        images: uint8 array (n, height, width, channels).
    """
    bar = Bar("reading faces", 2 * len(images))
    both = []
    for faces in (images, images[:, :, ::-1]):
        chunks = []
        for first in range(0, len(faces), BATCH):
            chunks.append(backbone.predict_on_batch(faces[first : first + BATCH]))
            bar.step(len(chunks[-1]))
        both.append(np.concatenate(chunks))
    bar.end()
    return Features(*both)


def choose_start(
    starts: tuple[Start, ...], features: Features, truth: npt.NDArray[np.int64]
) -> tuple[Start | None, npt.NDArray[np.float64]]:
    """Choose the start that answers most faces right, and return its answers as released.

    Where no start knows the labels, the answer is how frequent each label is.
    """
    if not starts:
        shares = np.bincount(truth) / len(truth)
        return None, np.tile(np.maximum(shares, 1e-3), (len(truth), 1))
    answers = [
        soften(start.head.answer(features.plain), start.calibration.temperature or 1.0)
        for start in starts
    ]
    right = [(given.argmax(axis=1) == truth).mean() for given in answers]
    best = int(np.argmax(right))
    return starts[best], answers[best]


def calibrate(
    answers: npt.NDArray[np.floating], truth: npt.NDArray[np.int64], start: Start | None
) -> Calibration:
    """Choose temperature and threshold on held-out answers, or take the start's if there are few.

    Args:
        answers: float array (n, labels) to held-out faces.
        truth: int array (n,): index of the right label.
        start: what the head started from; None if it knew other labels.
    """
    if len(truth) < CALIBRATED:
        return start.calibration if start else UNCALIBRATED
    temperature = fit_temperature(answers, truth)
    threshold = choose_threshold(soften(answers, temperature))
    return Calibration(temperature, threshold, f"{len(truth)} held-out faces")


def build_network(origin: Origin, head: Head, labels: tuple[str, ...]) -> keras.Model:
    """Put a head on the frozen part of a checkpoint."""
    backbone = origin.backbone
    model = attach_heads(backbone.input, backbone.output, {HEAD: labels}, origin.model.name)
    model.get_layer(HEAD).set_weights([head.kernel, head.bias])
    return model

"""What one model answers about labelled pictures, and the figures of that."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from math import isnan
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..metadata import ModelInfo
from .answers import Answer
from .comparison import Comparison, compare_answers
from .intervals import Interval, wilson_interval
from .metrics import Bin, Scores, bin_scores, score_answers

MISTAKES = 20  # named in JSON


class Certain(NamedTuple):
    """The answers that are not uncertain.

    Attributes:
        faces: how many.
        share: of all that count, 0–1.
        share_interval: its 95 % interval.
        accuracy: share of them that is right; NaN if there are none.
        accuracy_interval: its 95 % interval.
    """

    faces: int
    share: float
    share_interval: Interval
    accuracy: float
    accuracy_interval: Interval


@dataclass(frozen=True)
class Evaluation:
    """What one model answers about labelled pictures.

    Attributes:
        model: the model as it was named.
        info: what its file says of itself.
        labels: the labels that it chose among.
        answers: one for each picture, in order.
    """

    model: str
    info: ModelInfo
    labels: tuple[str, ...]
    answers: tuple[Answer, ...]

    def __repr__(self) -> str:
        return f"<Evaluation of {self.model}: {self.scores.accuracy:.1%} of {self.scores.images:,}>"

    @cached_property
    def counted(self) -> tuple[Answer, ...]:
        """The answers that count, in order."""
        return tuple(answer for answer in self.answers if answer.prediction)

    @cached_property
    def scores(self) -> Scores:
        """Accuracy, mean recall, recall and precision of each label, confusion, ECE."""
        return score_answers(self._probabilities, self._truth, self.labels)

    @property
    def certain(self) -> Certain:
        """The share of certain answers, and how many of them are right."""
        sure = [each for each in self.counted if each.prediction and not each.prediction.uncertain]
        right, faces, total = sum(each.right for each in sure), len(sure), len(self.counted)
        return Certain(
            faces,
            faces / total,
            wilson_interval(faces, total),
            right / faces if faces else float("nan"),
            wilson_interval(right, faces),
        )

    @property
    def reliability(self) -> list[Bin]:
        """Scores against the share of right answers, bin by bin."""
        return bin_scores(
            self._probabilities.max(axis=1), self._probabilities.argmax(axis=1) == self._truth
        )

    @property
    def left_out(self) -> dict[str, int]:
        """How many pictures do not count, by reason."""
        return dict(Counter(answer.left_out for answer in self.answers if answer.left_out))

    def mistakes(self, most: int = MISTAKES) -> list[Answer]:
        """Return the wrong answers with the highest scores, the highest first."""
        wrong = [answer for answer in self.counted if not answer.right]
        return sorted(wrong, key=lambda a: -a.prediction.score if a.prediction else 0)[:most]

    def compare(self, other: "Evaluation") -> Comparison:
        """Compare with another model on the faces that count for both; differences are its gain.

        Raises:
            ValueError: the other chose among other labels, or answered other pictures.
        """
        if set(other.labels) != set(self.labels):
            raise ValueError(
                f"{other.model} chose among {', '.join(other.labels)}, "
                f"{self.model} among {', '.join(self.labels)}; evaluate both with the same labels"
            )
        theirs = {answer.image: answer for answer in other.counted}
        pairs = [(mine, theirs[mine.image]) for mine in self.counted if mine.image in theirs]
        number = {label: index for index, label in enumerate(self.labels)}
        answered = [
            [number[each.prediction.label] for each in pair if each.prediction] for pair in pairs
        ]
        truth = np.array([number[mine.label] for mine, _ in pairs], dtype=np.int64)
        first, second = np.array(answered, dtype=np.int64).reshape(-1, 2).T
        return compare_answers(truth, first, second)

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as a plain dict, for JSON; None where there is no figure."""
        scores, certain = self.scores, self.certain
        figures = scores.to_dict()
        figures["intervals"] = {
            **scores.intervals(),
            "recall": scores.recall_intervals(),
            "precision": scores.precision_intervals(),
        }
        return {
            "model": self.model,
            "version": self.info.version,
            "trained_on": self.info.trained_on,
            "labels": list(self.labels),
            "pictures": len(self.answers),
            "left_out": self.left_out,
            **figures,
            "certain": {
                name: None if isinstance(value, float) and isnan(value) else value
                for name, value in certain._asdict().items()
            },
            "reliability": [each._asdict() for each in self.reliability],
            "mistakes": [
                {"image": a.image, "label": a.label, "answer": a.prediction.label}
                | {"score": a.prediction.score}
                for a in self.mistakes()
                if a.prediction
            ],
        }

    @cached_property
    def _truth(self) -> npt.NDArray[np.int64]:
        return np.array([self.labels.index(answer.label) for answer in self.counted], np.int64)

    @cached_property
    def _probabilities(self) -> npt.NDArray[np.float64]:
        rows = [
            [answer.prediction.scores[label] for label in self.labels]
            for answer in self.counted
            if answer.prediction
        ]
        return np.array(rows, np.float64).reshape(-1, len(self.labels))

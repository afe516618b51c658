"""Answers: what a model says of one face, and where that face is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


DECIMALS = 6  # of the numbers that are written down


@dataclass(frozen=True, slots=True)
class Prediction:
    """A model's answer for one face.

    Attributes:
        label: the label with the highest score.
        score: its score, 0–1.
        scores: every label's score, in the model's order, summing to 1.
        uncertain: whether the score is below what the model file asks for, or the face illegible.
        evidence: where the model looked, {label: float32 array (h, w)} in logits, or None.
        legible: False if the face is too small or too blurred to read.
    """

    label: str
    score: float
    scores: dict[str, float]
    uncertain: bool
    evidence: "dict[str, npt.NDArray[np.float32]] | None" = field(
        default=None, compare=False, repr=False
    )
    legible: bool = True

    @classmethod
    def from_scores(
        cls,
        scores: dict[str, float],
        min_score: float,
        evidence: "dict[str, npt.NDArray[np.float32]] | None" = None,
    ) -> Self:
        """Make the answer from the scores; one below `min_score` is uncertain."""
        label = max(scores, key=scores.__getitem__)
        return cls(label, scores[label], scores, scores[label] < min_score, evidence)

    def to_dict(self) -> dict[str, Any]:
        """Return what `fer-onnx predict --format json` writes of it: all but the evidence.

        Scores are rounded to six decimals.
        """
        return {
            "label": self.label,
            "score": round(self.score, DECIMALS),
            "scores": {label: round(score, DECIMALS) for label, score in self.scores.items()},
            "uncertain": self.uncertain,
            "legible": self.legible,
        }

    def among(self, labels: Sequence[str], min_score: float) -> Self:
        """Return the answer among some of the labels; their scores are brought to sum to 1.

        Raises:
            ValueError: a label that the model does not have, or none.
        """
        unknown = [label for label in labels if label not in self.scores]
        if unknown or not labels:
            raise ValueError(f"no label {', '.join(unknown)}; there are {', '.join(self.scores)}")
        kept = {label: score for label, score in self.scores.items() if label in labels}
        total = sum(kept.values())
        # of scores that all round to 0 none is preferred
        scores = {k: score / total if total else 1 / len(kept) for k, score in kept.items()}
        maps = self.evidence and {label: self.evidence[label] for label in scores}
        answer = self.from_scores(scores, min_score, maps)
        return answer if self.legible else answer.illegible()

    def judged(self, min_score: float) -> Self:
        """Return the same answer under another threshold for `uncertain`."""
        return replace(self, uncertain=self.score < min_score or not self.legible)

    def doubted(self) -> Self:
        """Return the same answer, `uncertain` whatever its score."""
        return replace(self, uncertain=True)

    def illegible(self) -> Self:
        """Return the same answer, `uncertain` because the face cannot be read."""
        return replace(self, uncertain=True, legible=False)


@dataclass(frozen=True, slots=True)
class Face:
    """One face found in a picture.

    `label`, `score`, `scores`, `uncertain` and `legible` are those of its prediction.

    Attributes:
        box: (x, y, width, height) in pixels of the picture as EXIF alone turns it.
        detection_score: how sure the detector is, 0–1; None for a box that was given.
        prediction: what the model says of it.
        crop: (x, y, width, height) of what the model was shown, which `evidence` covers; may
            stick out of the picture. None if that was the box.
        quarters: by how many quarters of a circle, counterclockwise, that was turned for the model.
        track: number of the face in a video, from 1, as a `Tracker` counts them; None without one.
    """

    box: tuple[int, int, int, int]
    detection_score: float | None
    prediction: Prediction
    crop: tuple[int, int, int, int] | None = None
    quarters: int = 0
    track: int | None = None

    @property
    def label(self) -> str:
        """The label with the highest score."""
        return self.prediction.label

    @property
    def score(self) -> float:
        """The score of that label, 0–1."""
        return self.prediction.score

    @property
    def scores(self) -> dict[str, float]:
        """Every label's score, in the model's order, summing to 1."""
        return self.prediction.scores

    @property
    def uncertain(self) -> bool:
        """Whether the score is below what the model file asks for, or the face illegible."""
        return self.prediction.uncertain

    @property
    def legible(self) -> bool:
        """False if the face is too small or too blurred to read."""
        return self.prediction.legible

    def to_dict(self) -> dict[str, Any]:
        """Return what `fer-onnx predict --format json` writes of it, and `track` if it has one.

        Scores are rounded to six decimals.
        """
        score = self.detection_score
        values = {
            "box": list(self.box),
            "detection_score": None if score is None else round(score, DECIMALS),
            **self.prediction.to_dict(),
            "crop": list(self.crop or self.box),
            "quarters": self.quarters,
        }
        return values if self.track is None else {**values, "track": self.track}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the face that `to_dict` wrote."""
        prediction = Prediction(
            label=values["label"],
            score=values["score"],
            scores=values["scores"],
            uncertain=values["uncertain"],
            legible=values["legible"],
        )
        return cls(
            box=tuple(values["box"]),
            detection_score=values["detection_score"],
            prediction=prediction,
            crop=tuple(values["crop"]),
            quarters=values["quarters"],
            track=values.get("track"),
        )

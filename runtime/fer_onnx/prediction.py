"""Answers: what a model says of one face, and where that face is."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Prediction:
    """Hold the answer for one face.

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

    def among(self, labels: Sequence[str], min_score: float) -> Self:
        """Answer with some of the labels alone; their scores are brought to sum to 1.

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
        """Give the same answer under another threshold for `uncertain`."""
        return replace(self, uncertain=self.score < min_score or not self.legible)

    def illegible(self) -> Self:
        """Give the same answer for a face that cannot be read: `uncertain`, whatever its score."""
        return replace(self, uncertain=True, legible=False)


@dataclass(frozen=True, slots=True)
class Face:
    """Hold one face found in a picture.

    Attributes:
        box: (x, y, width, height) in pixels of the picture as EXIF alone turns it.
        detection_score: how sure the detector is, 0–1; None for a box that was given.
        prediction: what the model says of it.
        crop: (x, y, width, height) of what the model was shown, which `evidence` covers; may
            stick out of the picture. None if that was the box.
        quarters: by how many quarters of a circle, counterclockwise, that was turned for the model.
    """

    box: tuple[int, int, int, int]
    detection_score: float | None
    prediction: Prediction
    crop: tuple[int, int, int, int] | None = None
    quarters: int = 0

"""The faces of a video: followed from picture to picture, with scores that do not flicker."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .boxes import overlap
from .prediction import Face, Prediction

HALF_LIFE = 0.4  # seconds after which a score counts half
PATIENCE = 1.0  # seconds for which a face that is not seen is remembered
SAME_FACE = 0.3  # two boxes that share more (intersection ÷ union) are one face


@dataclass(slots=True)
class _Track:
    """Remember a face: where it was last, when, and the average of its scores."""

    box: tuple[int, int, int, int]
    seen: float
    scores: dict[str, float]


class Steady:
    """Average what a model says of each face over time.

    The average is exponential, and weighted by seconds instead of pictures, so that it is as steady
    at 5 pictures a second as at 30.
    """

    def __init__(self, half_life: float = HALF_LIFE) -> None:
        """Start without any face.

        Args:
            half_life: seconds after which a score counts half.
        """
        self._half_life = half_life
        self._tracks: list[_Track] = []

    def add(self, faces: Sequence[Face], seconds: float, min_score: float) -> list[Face]:
        """Take in what was found in the next picture.

        Args:
            faces: as `fer_onnx.read_faces` gives them, all read by the same model.
            seconds: when the picture was taken; never before the one added last.
            min_score: an average below is uncertain.

        Returns:
            The same faces in the same order, with averaged scores. A face that cannot be read in
            this picture adds nothing to its average.
        """
        known = [track for track in self._tracks if seconds - track.seen <= PATIENCE]
        self._tracks = known
        free, steadied = list(known), []
        for face in faces:
            before = max(free, key=lambda track: overlap(track.box, face.box), default=None)
            if before is not None and overlap(before.box, face.box) > SAME_FACE:
                free.remove(before)
                scores = self._mix(before, face.prediction, seconds)
                before.box, before.seen, before.scores = face.box, seconds, scores
            else:
                scores = face.prediction.scores
                if face.prediction.legible:
                    self._tracks.append(_Track(face.box, seconds, scores))
            answer = Prediction.from_scores(scores, min_score, face.prediction.evidence)
            legible = face.prediction.legible
            steadied.append(replace(face, prediction=answer if legible else answer.illegible()))
        return steadied

    def _mix(self, track: _Track, prediction: Prediction, seconds: float) -> dict[str, float]:
        if not prediction.legible:
            return track.scores
        old = 0.5 ** ((seconds - track.seen) / self._half_life)
        return {
            label: old * track.scores[label] + (1 - old) * score
            for label, score in prediction.scores.items()
        }

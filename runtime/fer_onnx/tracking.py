"""The faces of a video: followed from picture to picture, with scores that do not flicker."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .boxes import overlap
from .classifier import Classifier
from .prediction import Face, Prediction
from .shared import open_model

HALF_LIFE = 0.4  # seconds after which a score counts half
PATIENCE = 1.0  # seconds for which a face that is not seen is remembered
SAME_FACE = 0.3  # two boxes that share more (intersection ÷ union) are one face


@dataclass(slots=True)
class Track:
    """One face of a video.

    Attributes:
        number: from 1, in the order in which faces appear.
        box: where it was last.
        seen: when that was, in seconds.
        scores: their average; None while it could not be read.
    """

    number: int
    box: tuple[int, int, int, int]
    seen: float
    scores: dict[str, float] | None


class Tracker:
    """The faces of one video, each with a number and with scores averaged over time.

    The average is exponential, and weighted by seconds instead of pictures, so that it is as steady
    at 5 pictures a second as at 30. One tracker is for one video and one thread.
    """

    def __init__(
        self,
        model: Classifier | str | os.PathLike[str] | None = None,
        *,
        min_score: float | None = None,
        half_life: float = HALF_LIFE,
    ) -> None:
        """Start without any face.

        Args:
            model: what reads the faces, as in `fer_onnx.read_faces`.
            min_score: an average below is uncertain; None for the model's own threshold.
            half_life: seconds after which a score counts half.

        Raises:
            ModelError: the model cannot be used.
            ValueError: a model of another type, or a half-life that is not above 0.
        """
        if not half_life > 0:
            raise ValueError(f"half_life={half_life}: expected seconds, above 0")
        model = open_model(model)
        self._min_score = model.info.uncertain_below if min_score is None else min_score
        self._half_life = half_life
        self._tracks: list[Track] = []
        self._count = 0
        self._now = float("-inf")

    def update(self, faces: Sequence[Face], seconds: float) -> list[Face]:
        """Take in what was found in the next picture.

        Args:
            faces: as `fer_onnx.read_faces` gives them, all read by the same model.
            seconds: when the picture was taken, from any start.

        Returns:
            The same faces in the same order, with `track` numbers and averaged scores. A face that
            cannot be read in this picture adds nothing to its average.

        Raises:
            ValueError: a picture from before the last one, or faces with other labels.
        """
        if not seconds >= self._now:
            raise ValueError(f"seconds={seconds}: expected {self._now} or later")
        self._now = seconds
        self._tracks = [track for track in self._tracks if seconds - track.seen <= PATIENCE]
        free, tracked = list(self._tracks), []
        for face in faces:
            track = max(free, key=lambda track: overlap(track.box, face.box), default=None)
            if track is not None and overlap(track.box, face.box) > SAME_FACE:
                free.remove(track)
            else:
                track = self._start(face, seconds)
            scores = self._mix(track, face.prediction, seconds)
            track.box, track.seen = face.box, seconds
            answer = Prediction.from_scores(scores, self._min_score, face.prediction.evidence)
            prediction = answer if face.legible else answer.illegible()
            tracked.append(replace(face, prediction=prediction, track=track.number))
        return tracked

    def _start(self, face: Face, seconds: float) -> Track:
        self._count += 1
        track = Track(self._count, face.box, seconds, None)
        self._tracks.append(track)
        return track

    def _mix(self, track: Track, prediction: Prediction, seconds: float) -> dict[str, float]:
        """Average the scores of a face with those before, and return the average."""
        if track.scores is None:
            track.scores = prediction.scores if prediction.legible else None
            return prediction.scores
        if track.scores.keys() != prediction.scores.keys():
            raise ValueError(
                f"faces: expected the labels {', '.join(track.scores)}, "
                f"not {', '.join(prediction.scores)}"
            )
        if prediction.legible:
            old = 0.5 ** ((seconds - track.seen) / self._half_life)
            track.scores = {
                label: old * track.scores[label] + (1 - old) * score
                for label, score in prediction.scores.items()
            }
        return track.scores

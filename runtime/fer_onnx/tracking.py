"""The faces of a video: followed from picture to picture, with scores that do not flicker."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot

import numpy as np

from .assignment import assign
from .boxes import overlap
from .classifier import Classifier
from .crop import Box
from .prediction import Face, Prediction
from .shared import open_model

HALF_LIFE = 0.4  # seconds after which a score counts half
SPEED_HALF_LIFE = 0.3  # seconds after which a movement counts half
MEMORY = 2.0  # seconds for which a face that is not seen is remembered
COVERED = 0.75  # of its proportions, width by height or the reverse, below which a part is hidden
SAME_FACE = 0.15  # intersection ÷ union, from which a face may be the one expected there
NEAR = 1.0  # longer sides from where it was expected, up to which a face that was hidden comes back


@dataclass(slots=True)
class Track:
    """One face of a video.

    Attributes:
        number: from 1, in the order in which faces appear.
        box: where it was last.
        seen: when that was, in seconds.
        scores: their average; None while it could not be read.
        speed: of its centre, to the right and down, in pixels per second; an average.
        weight: how much of that average has come together, 0–1.
    """

    number: int
    box: Box
    seen: float
    scores: dict[str, float] | None = None
    speed: tuple[float, float] = (0.0, 0.0)
    weight: float = 0.0

    def expect(self, seconds: float) -> Box:
        """Return where the face is expected at a time, if it goes on as it went."""
        passed = seconds - self.seen
        x, y, width, height = self.box
        across, down = self.speed
        return round(x + across * passed), round(y + down * passed), width, height

    def move(self, box: Box, seconds: float) -> None:
        """Take in where the face is at a time.

        Of a face that something covers in part, the box ends where the cover begins: it says little
        about size and movement. The face is then where it was expected, moved so far that the part
        that is seen lies in it.
        """
        passed = seconds - self.seen
        if _is_covered(box, self.box):
            box = _hold(self.expect(seconds), box)
        elif passed > 0:
            old = 0.5 ** (passed / SPEED_HALF_LIFE)
            weight = old * self.weight + 1 - old
            share = (1 - old) / weight  # of the newest movement; the first one counts alone
            centres = zip(_double_centre(self.box), _double_centre(box), strict=True)
            moved = [(now - before) / 2 / passed for before, now in centres]
            across, down = (
                (1 - share) * speed + share * new
                for speed, new in zip(self.speed, moved, strict=True)
            )
            self.speed, self.weight = (across, down), weight
        self.box, self.seen = box, seconds


class Tracker:
    """The faces of one video, each with a number and with scores averaged over time.

    A number stands for one uninterrupted appearance, not for a person: whoever leaves for more than
    two seconds, or is hidden while moving otherwise than before, comes back under a new one. Faces
    are told apart by where they are expected, not by whose they are.

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
        before, self._now = self._now, seconds
        self._tracks = [track for track in self._tracks if seconds - track.seen <= MEMORY]
        fits = [
            [_compare(track.expect(seconds), face.box, track.seen < before) for face in faces]
            for track in self._tracks
        ]
        pairs = assign(np.array(fits))
        known = {face: self._tracks[track] for track, face in pairs}
        tracked = []
        for place, face in enumerate(faces):
            track = known.get(place) or self._start(face, seconds)
            scores = self._mix(track, face.prediction, seconds)
            track.move(face.box, seconds)
            answer = Prediction.from_scores(scores, self._min_score, face.prediction.evidence)
            prediction = answer if face.legible else answer.illegible()
            tracked.append(replace(face, prediction=prediction, track=track.number))
        return tracked

    def expect(self, seconds: float) -> list[Box]:
        """Return where the faces that are remembered are expected at a time."""
        remembered = (track for track in self._tracks if seconds - track.seen <= MEMORY)
        return [track.expect(seconds) for track in remembered]

    def reset(self, count: int | None = None) -> None:
        """Forget the faces, as after a cut; those that come are numbered on.

        Args:
            count: number of the last face, where an earlier tracker counted them.
        """
        self._tracks = []
        self._count = self._count if count is None else count

    def _start(self, face: Face, seconds: float) -> Track:
        self._count += 1
        track = Track(self._count, face.box, seconds)
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


def _compare(expected: Box, found: Box, hidden: bool) -> float:
    """Return how well a face fits where one is expected, 0–2; what overlaps fits better.

    One that was hidden in the last picture may also come back beside that.
    """
    shared = overlap(expected, found)
    if shared >= SAME_FACE:
        return 1 + shared
    if not hidden:
        return 0.0
    centres = zip(_double_centre(expected), _double_centre(found), strict=True)
    away = hypot(*(now - before for before, now in centres)) / 2 / max(expected[2:])
    return max(0.0, 1 - away / NEAR)


def _is_covered(box: Box, before: Box) -> bool:
    """Check whether a box is so much narrower or lower than before that a part is hidden."""
    across, down = box[2] / before[2], box[3] / before[3]
    return min(across, down) < COVERED * max(across, down) and min(across, down) < COVERED


def _hold(box: Box, part: Box) -> Box:
    """Move a box as little as it takes for a part to lie in it."""
    place = []
    for start, side, first, length in zip(box[:2], box[2:], part[:2], part[2:], strict=True):
        low, high = sorted((first, first + length - side))
        place.append(min(max(start, low), high))
    return place[0], place[1], box[2], box[3]


def _double_centre(box: Box) -> tuple[int, int]:
    """Return twice the centre of a box, which is whole."""
    x, y, width, height = box
    return 2 * x + width, 2 * y + height

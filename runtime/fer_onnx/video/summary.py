"""The tracks of a film, one after the other: when each begins and ends, and what it looked like."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..prediction import Face
from ..spreadsheet import to_csv
from .follower import Moment
from .reading import EVERY

LONGEST = 2.0  # intervals for which a moment stands at most, where pictures are missing


@dataclass(slots=True)
class Appearance:
    """One track of a film.

    Attributes:
        number: of the track.
        first: seconds from the start of the film, when it begins.
        last: likewise, when it was last seen.
        moments: how many moments it was seen in.
        seconds: by steadied label, for how long the face looked so; uncertain ones are left out.
        uncertain: seconds in which it could not be said.
        scores: sums of the raw scores of the moments in which it was legible.
        legible: how many these are.
        spells: when it looked like what: start, end, and label, or None where that is uncertain.
    """

    number: int
    first: float
    last: float
    moments: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    uncertain: float = 0.0
    scores: dict[str, float] = field(default_factory=dict)
    legible: int = 0
    spells: list[tuple[float, float, str | None]] = field(default_factory=list)


class Summary:
    """The tracks of a film, as its moments come in.

    A moment stands for the time until the next one, but for two intervals at most.

    Attributes:
        appearances: the tracks, in order of their numbers.
        start: seconds from the start of the film of the first moment.
        end: seconds up to which the last moment stands.
    """

    def __init__(self, labels: Sequence[str], every: float = EVERY) -> None:
        """Start without a moment.

        Args:
            labels: labels of the scores.
            every: seconds between moments; 0 for every picture.
        """
        self.appearances: list[Appearance] = []
        self.start, self.end = 0.0, 0.0
        self._labels, self._every = tuple(labels), every
        self._by_number: dict[int, Appearance] = {}
        self._open: Moment | None = None
        self._step = every

    def add(self, moment: Moment) -> None:
        """Take in the next moment."""
        if self._open is None:
            self.start = moment.t
        else:
            self._step = self._every or moment.t - self._open.t
            self._close(min(moment.t, self._open.t + LONGEST * self._step))
        self._open = moment

    def finish(self) -> None:
        """Take in that no moment follows."""
        if self._open is not None:
            self._close(self._open.t + self._step)
            self._open = None

    def to_csv(self) -> str:
        """Return a table with a row for each track."""
        head = ["track", "first", "last", "moments", "label"]
        head += [f"seconds_{label}" for label in self._labels] + ["seconds_uncertain"]
        head += [f"score_{label}" for label in self._labels]
        return to_csv([head, *map(self._row, self.appearances)])

    def _row(self, track: Appearance) -> list[object]:
        label = max(track.seconds, key=track.seconds.__getitem__, default=None)
        seconds = [track.seconds.get(label, 0.0) for label in self._labels]
        scores = [
            track.scores[label] / track.legible if track.legible else None for label in self._labels
        ]
        place = [track.number, track.first, track.last, track.moments]
        return [*place, label, *seconds, track.uncertain, *scores]

    def _close(self, end: float) -> None:
        """Count what the open moment showed, up to a time."""
        moment = self._open
        assert moment is not None
        self.end = end
        for face, steady in zip(moment.faces, moment.steadied, strict=True):
            self._count(face, steady, moment.t, end)

    def _count(self, face: Face, steady: Face, start: float, end: float) -> None:
        number = face.track or 0
        if number not in self._by_number:
            self._by_number[number] = Appearance(number, start, start)
            self.appearances.append(self._by_number[number])
            self.appearances.sort(key=lambda track: track.number)
        track = self._by_number[number]
        track.last, track.moments = start, track.moments + 1
        label = None if steady.uncertain else steady.label
        if label is None:
            track.uncertain += end - start
        else:
            track.seconds[label] = track.seconds.get(label, 0.0) + end - start
        if face.legible:
            track.legible += 1
            for name in self._labels:
                track.scores[name] = track.scores.get(name, 0.0) + face.scores[name]
        if track.spells and track.spells[-1][1:] == (start, label):
            track.spells[-1] = (track.spells[-1][0], end, label)
        else:
            track.spells.append((start, end, label))

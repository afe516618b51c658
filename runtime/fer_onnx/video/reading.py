"""A film → its moments, and which way up it is."""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import islice
from math import inf, isfinite

from ..classifier import Classifier
from ..crop import round_box
from ..detector import Detector, open_detector
from ..errors import VideoError
from ..orientation import find_faces
from ..shared import open_model
from .film import Film
from .follower import SEARCH_EVERY, Follower, Look, Moment
from .search import View

EVERY = 0.2  # seconds between moments
TURN_EVERY = 1.0  # seconds between pictures that say which way up a film is
TURN_FACES, TURN_LOOKS = 3, 20  # so many of them with a face decide; so many are looked at at most


@dataclass(frozen=True, slots=True)
class Span:
    """The moments of a film that are read.

    Attributes:
        every: seconds between them: each is the first picture at or after a whole multiple of this
            from the start of the film; 0 for every picture.
        start: seconds from the start of the film, from which it is read.
        end: seconds before which it is read.

    Raises:
        ValueError: no such times.
    """

    every: float = EVERY
    start: float = 0.0
    end: float = inf

    def __post_init__(self) -> None:
        if not (self.every >= 0 and isfinite(self.every)):
            raise ValueError(f"every={self.every}: expected seconds, 0 or more")
        if not 0 <= self.start < self.end:
            raise ValueError(f"start={self.start}, end={self.end}: expected 0 ≤ start < end")


@dataclass(slots=True)
class Reading:
    """One film that is read, moment by moment.

    Attributes:
        film: what is read.
        follower: who sees its pictures.
        span: which moments.
    """

    film: Film
    follower: Follower
    span: Span = field(default_factory=Span)

    @classmethod
    def begin(
        cls,
        path: str | os.PathLike[str],
        span: Span,
        look: Look,
        model: Classifier,
        detector: Detector,
    ) -> "Reading":
        """Open a film, and find out which way up it is.

        Raises:
            VideoError: the film cannot be used.
            ValueError: a region that does not lie in its pictures.
        """
        film = Film(path)
        try:
            look_in(film.size, look)
            quarters = 0 if film.turned else find_turn(film, span, look, detector)
            return cls(film, Follower(model, detector, look, film.size, quarters), span)
        except BaseException:
            film.close()
            raise

    def moments(self) -> Iterator[Moment]:
        """Read the moments that are left, once.

        Raises:
            VideoError: after the last one, if the film could not be read to its end.
        """
        span, last = self.span, self.follower.last
        if last is None:
            frames = self.film.frames(span.every, span.start, span.end)
        else:  # once more the picture of the last one, which the next is compared with
            frames = self.film.frames(span.every, last.t, span.end, last.frame)
            self.follower.glance(next(frames).to_image())
        for frame in frames:
            yield self.follower.see(frame.to_image(), frame.t, frame.number)
        if self.follower.last is None:
            whole = "" if self.film.duration is None else f"; it has {self.film.duration:.1f} s"
            raise VideoError(f"{self.film.path}: no picture from {span.start:.1f} s on{whole}")


def read(
    path: str | os.PathLike[str],
    every: float = EVERY,
    *,
    start: float = 0.0,
    end: float = inf,
    region: Sequence[float] | None = None,
    model: Classifier | str | os.PathLike[str] | None = None,
    detector: Detector | str | None = None,
    labels: Sequence[str] | None = None,
    min_score: float | None = None,
    min_face: int | None = None,
    search_every: float = SEARCH_EVERY,
) -> Iterator[Moment]:
    """Read the faces of a film, moment by moment; memory does not grow with its length.

    Which way up a film is, is decided once: by what its file says, else by its first faces. Boxes
    are in pixels of the picture as a player shows it.

    Args:
        path: the film: MP4, QuickTime, Matroska, WebM, AVI, MPEG and others.
        every: seconds between moments: each is the first picture at or after a whole multiple of
            this from the start of the film; 0 for every picture.
        start: seconds from the start of the film, from which it is read.
        end: seconds before which it is read.
        region: (x, y, width, height) of the part of its pictures that is looked at; None for all.
        model: what reads the faces, as in `fer_onnx.read_faces`.
        detector: what finds them, likewise.
        labels: choose among these alone; None for all that the model has.
        min_score: an answer below is uncertain; None for the model's own threshold.
        min_face: height in pixels of the smallest face that counts; None for any.
        search_every: seconds between searches of the whole picture; in between, faces are searched
            for where they are expected. 0 for a whole search at every moment.

    Returns:
        The moments, also those without a face, as they are read.

    Raises:
        VideoError: no film that can be used, or no PyAV; after the last moment: a film that is
            damaged or cut off.
        ModelError: the model cannot be used.
        DetectionError: the detector failed.
        ValueError: times or a region that are none, or labels that the model does not have.
    """
    span = Span(every, start, end)
    model, detector = open_model(model), open_detector(detector)
    look = choose_look(model, region, min_face, labels, min_score, search_every)
    return _read_and_close(Reading.begin(path, span, look, model, detector))


def choose_look(
    model: Classifier,
    region: Sequence[float] | None,
    min_face: int | None,
    labels: Sequence[str] | None,
    min_score: float | None,
    search_every: float,
) -> Look:
    """Return what is looked for, as the arguments of `read` say it.

    Raises:
        ValueError: a region that is none, or labels that the model does not have.
    """
    unknown = [label for label in labels or () if label not in model.labels]
    if unknown:
        raise ValueError(f"no label {', '.join(unknown)}; there are {', '.join(model.labels)}")
    return Look(
        None if region is None else round_box(region),
        min_face,
        tuple(labels) if labels else None,
        min_score,
        search_every,
    )


def _read_and_close(reading: Reading) -> Iterator[Moment]:
    with closing(reading.film):
        yield from reading.moments()


def find_turn(film: Film, span: Span, look: Look, detector: Detector) -> int:
    """Find by how many quarters, counterclockwise, a film is to be turned for its faces to stand.

    The first pictures with a face decide; the highest sum of scores wins.
    """
    view = View(film.size, look.region, 0)
    votes = dict.fromkeys(range(4), 0.0)
    frames = film.frames(max(span.every, TURN_EVERY), span.start, span.end)
    faces = 0
    with closing(frames), suppress(VideoError):  # what is damaged is told when it is read
        for frame in islice(frames, TURN_LOOKS):
            quarters, found = find_faces(view.show(frame.to_image()), detector, None, look.min_face)
            votes[quarters] += sum(face.score for face in found)
            faces += bool(found)
            if faces == TURN_FACES:
                break
    return max(votes, key=votes.__getitem__)  # the first of equals


def look_in(size: tuple[int, int], look: Look) -> None:
    """Check that what is looked at lies in pictures of a width and height.

    Raises:
        ValueError: it does not.
    """
    x, y, width, height = look.region or (0, 0, *size)
    if x < 0 or y < 0 or x + width > size[0] or y + height > size[1]:
        raise ValueError(
            f"region {x},{y},{width},{height}: outside the picture of {size[0]}x{size[1]} pixels"
        )

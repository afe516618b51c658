"""A picture of a film → the faces in it: found, read, numbered, steadied."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor

from PIL import Image

from ..classifier import Classifier
from ..crop import Box
from ..detector import Detector
from ..prediction import DECIMALS, Face, Prediction
from ..reader import read_faces
from ..tracking import Tracker
from .cuts import CutFinder
from .search import Search, View

SEARCH_EVERY = 0.5  # seconds after which the whole picture is searched again


@dataclass(frozen=True, slots=True)
class Moment:
    """What was seen in one picture of a film.

    Attributes:
        t: seconds from the start of the film.
        frame: number of the picture, from 0.
        faces: what was found, the largest first, as it looks in this picture; `track` numbers
            the uninterrupted appearances.
        steadied: the same faces with scores averaged over time.
    """

    t: float
    frame: int
    faces: tuple[Face, ...]
    steadied: tuple[Face, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked for in the pictures of a film.

    Attributes:
        region: (x, y, width, height) in pixels of the picture; None for all of it.
        min_face: height in pixels of the smallest face that counts; None for any.
        labels: choose among these alone; None for all.
        min_score: an answer below is uncertain; None for what the model says.
        search_every: seconds between searches of the whole picture; in between, faces are searched
            for where they are expected. 0 for a whole search at every moment.
    """

    region: Box | None = None
    min_face: int | None = None
    labels: tuple[str, ...] | None = None
    min_score: float | None = None
    search_every: float = SEARCH_EVERY


class Follower:
    """The faces of one film or camera, followed from picture to picture.

    Attributes:
        last: the moment before; None at the start.
        count: moments so far.
        cut: at which of them, from 0, the last cut was; 0 without one.
    """

    def __init__(
        self,
        model: Classifier,
        detector: Detector,
        look: Look,
        size: tuple[int, int],
        quarters: int = 0,
    ) -> None:
        """Start before the first picture.

        Args:
            model: what reads the faces.
            detector: what finds them.
            look: what is looked for.
            size: width and height of the pictures.
            quarters: by how many quarters of a circle, counterclockwise, they are turned to be
                upright.
        """
        self.last: Moment | None = None
        self.count, self.cut = 0, 0
        self._model, self._look = model, look
        self._view = View(size, look.region, quarters)
        self._search = Search(detector, look.min_face)
        self._min_score = model.info.uncertain_below if look.min_score is None else look.min_score
        self._tracker = Tracker(model, min_score=self._min_score)
        self._cuts = CutFinder()
        self._highest = 0  # number of a face that an earlier run has seen

    def see(self, image: Image.Image, t: float, frame: int) -> Moment:
        """Find and read the faces of the next picture.

        Args:
            image: in mode "RGB".
            t: seconds from the start.
            frame: its number.

        Raises:
            ModelError: the model cannot be run.
            DetectionError: the detector failed.
        """
        if self._cuts.is_cut(image):
            self._tracker.reset()
            self.cut = self.count
        return self._add(t, frame, self._read(image, t))

    def glance(self, image: Image.Image) -> None:
        """Take in how the picture of the last moment looked, which an earlier run has seen."""
        self._cuts.is_cut(image)

    def recall(self, moment: Moment, cut: int) -> Moment:
        """Take in a moment that an earlier run has seen; they come in order, from the first on.

        Args:
            moment: as its table has it.
            cut: at which moment of that run the last cut was.
        """
        if self.count == cut:
            self._tracker.reset(self._highest)
            self.cut = cut
        self._highest = max([self._highest, *(face.track or 0 for face in moment.faces)])
        if self.count >= cut:
            return self._add(moment.t, moment.frame, moment.faces)
        self.last = moment
        self.count += 1
        return moment

    def _add(self, t: float, frame: int, faces: Sequence[Face]) -> Moment:
        steadied = self._tracker.update(faces, t)
        pairs = zip(faces, steadied, strict=True)
        numbered = tuple(replace(face, track=other.track) for face, other in pairs)
        rounded = (replace(face, prediction=self._round(face.prediction)) for face in steadied)
        self.last = Moment(t, frame, numbered, tuple(rounded))
        self.count += 1
        return self.last

    def _read(self, image: Image.Image, t: float) -> list[Face]:
        shown = self._view.show(image)
        expected, count = [], 0
        if self.last and not self._is_due(self.last.t, t):
            expected = [self._view.take_in(box) for box in self._tracker.expect(t)]
            count = len(self.last.faces)
        found = self._search.find(shown, expected, count)
        faces = read_faces(shown, model=self._model, boxes=[each.box for each in found])
        return [
            Face(
                self._view.give_back(face.box),
                round(detection.score, DECIMALS),
                self._judge(face.prediction),
                self._view.give_back(face.crop or face.box),
                self._view.quarters,
            )
            for face, detection in zip(faces, found, strict=True)
        ]

    def _judge(self, prediction: Prediction) -> Prediction:
        """Apply labels and threshold."""
        if self._look.labels:
            prediction = prediction.among(self._look.labels, self._min_score)
        return self._round(prediction)

    def _round(self, prediction: Prediction) -> Prediction:
        """Round as tables do, so that what comes after a table is what came without."""
        scores = {label: round(score, DECIMALS) for label, score in prediction.scores.items()}
        answer = Prediction.from_scores(scores, self._min_score)
        return answer if prediction.legible else answer.illegible()

    def _is_due(self, before: float, now: float) -> bool:
        """Check whether the whole picture is to be searched again."""
        every = self._look.search_every
        return not every or floor(now / every) != floor(before / every)

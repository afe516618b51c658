"""A picture → a record of what was answered, as the options of the command line say."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import IO, Literal, TypeAlias

import numpy
import onnxruntime
import PIL
from PIL import Image

from .. import __version__, detector, reader
from ..atomic import write_whole
from ..classifier import DEFAULT, load
from ..errors import FerOnnxError, ImageError, ModelError
from ..images import Original
from ..modelfile import FINDER, read_model
from ..prediction import Face
from ..session import THREADS
from ..whole import is_one_face
from .files import Picture
from .records import Record

FaceMode: TypeAlias = Literal["auto", "detect", "whole"]

QUALITY = 92  # of annotated JPEG files


@dataclass(frozen=True, slots=True)
class Settings:
    """How pictures are answered.

    Attributes:
        model: name of a bundled model or path of a model file; None for the default.
        faces: search for faces, take the picture whole as one, or decide by its size.
        detector: what searches; None for the default.
        labels: choose among these alone; None for all.
        min_score: an answer below is uncertain; None for what the model says.
        min_face: pixels of the smallest face that counts; None for any that is found.
        evidence: draw where the model looked.
        threads: processor threads for one face; None for what the environment says, or 1.
    """

    model: str | None = None
    faces: FaceMode = "auto"
    detector: str | None = None
    labels: tuple[str, ...] | None = None
    min_score: float | None = None
    min_face: int | None = None
    evidence: bool = False
    threads: int | None = None


class Answerer:
    """The way from a picture to its record, whatever is wrong with the picture.

    Attributes:
        settings: how.
        model: what reads the faces.
        labels: what the answers choose among, in the model's order.
    """

    def __init__(self, settings: Settings) -> None:
        """Open the model, and the detector if one was asked for.

        Raises:
            ModelError: a model that cannot be used, or that lacks a label or evidence.
            DetectionError: no such detector, or none where one was asked for.
        """
        self.settings = settings
        self.model = load(settings.model or DEFAULT, settings.threads)
        info = self.model.info
        chosen = settings.labels or info.labels
        if unknown := [label for label in chosen if label not in info.labels]:
            raise ModelError(
                f"{info.name}: no label {', '.join(unknown)}; it has {', '.join(info.labels)}"
            )
        if settings.evidence and not self.model.has_evidence:
            raise ModelError(f"{info.name}: this model has no evidence output")
        self.labels = tuple(label for label in info.labels if label in chosen)
        if settings.faces == "detect" or settings.detector is not None:
            _ = self._detector  # what is wrong with it is told before the first picture

    def answer(self, picture: Picture) -> Record:
        """Answer one picture, and write it annotated if it says where; failures are records too."""
        if picture.annotated is None:
            record, image = self._look(picture)[0], None
        else:
            record, image = self.look(picture)
        try:
            if image is not None and picture.annotated:
                with write_whole(picture.annotated) as file:
                    suffix = picture.annotated.suffix
                    save_annotated(image, record.faces, file, suffix, self.settings.evidence)
                record = replace(record, annotated=str(picture.annotated))
        except FerOnnxError as exc:
            return _fail(record, f"{picture.name}: {exc}")
        except OSError as exc:
            return _fail(record, f"{exc.filename}: cannot be written ({exc.strerror})")
        return replace(record, faces=tuple(map(_drop_evidence, record.faces)))

    def look(self, picture: Picture) -> tuple[Record, Image.Image | None]:
        """Answer one picture and hand it over too.

        Returns:
            The record, its faces with evidence if the settings ask for it, and the upright picture
            as it was read. After a failure a record with `error`, and no picture.
        """
        record, original = self._look(picture)
        try:
            return record, original.decode() if original else None
        except ImageError as exc:  # it was answered reduced, and takes too much memory whole
            return _fail(record, str(exc)), None

    def _look(self, picture: Picture) -> tuple[Record, Original | None]:
        """Answer one picture, decoded as large as that needs, whatever is done with it then."""
        record = Record(picture.name, None, None, self.model.info.name, error=picture.error)
        if picture.source is None:
            return record, None
        try:
            original = Original(picture.source)
            sized = replace(record, width=original.size[0], height=original.size[1])
            faces, one = self._read(original)
        except ImageError as exc:
            return _fail(record, str(exc)), None
        except FerOnnxError as exc:
            return _fail(sized, f"{picture.name}: {exc}"), None
        return replace(sized, faces=tuple(faces), whole=one), original

    @cached_property
    def _detector(self) -> "detector.Detector":
        """What searches, opened by the first picture that needs it."""
        return detector.load_detector(self.settings.detector)

    def _read(self, original: Original) -> tuple[list[Face], bool]:
        """Return the faces, and whether the picture was taken whole as one."""
        settings = self.settings
        if settings.faces == "whole" or (settings.faces == "auto" and reader.is_crop(original)):
            return self._read_whole(original), True
        found = reader.read_faces(
            original,
            model=self.model,
            detector=self._detector,
            min_face=settings.min_face,
            evidence=settings.evidence,
        )
        if found or settings.faces == "detect":
            return list(map(self._judge, found)), False
        if not is_one_face(original.decode(detector.MAX_SIDE), self._detector):
            return [], False
        doubted = [
            replace(f, prediction=f.prediction.doubted()) for f in self._read_whole(original)
        ]
        return doubted, True

    def _read_whole(self, original: Original) -> list[Face]:
        evidence = self.settings.evidence
        return list(
            map(self._judge, reader.read_whole(original, model=self.model, evidence=evidence))
        )

    def _judge(self, face: Face) -> Face:
        """Apply `labels` and `min_score`."""
        settings, prediction = self.settings, face.prediction
        min_score = settings.min_score
        if min_score is None:
            min_score = self.model.info.uncertain_below
        if settings.labels:
            prediction = prediction.among(settings.labels, min_score)
        elif settings.min_score is not None:
            prediction = prediction.judged(min_score)
        return replace(face, prediction=prediction)


def describe_run(answerer: Answerer) -> dict[str, str]:
    """Return all that decides what is answered for a picture, by name: models, settings, libraries.

    Two runs that agree in this answer the same picture alike.
    """
    settings = answerer.settings
    threads = settings.threads or os.environ.get(THREADS) or 1
    searcher = settings.detector or FINDER
    libraries = {"onnxruntime": onnxruntime, "numpy": numpy, "Pillow": PIL}
    return {
        "model": _describe_file(answerer.model.info.name, settings.model or DEFAULT),
        "detector": _describe_file(FINDER, FINDER) if searcher == FINDER else searcher,
        "--faces": settings.faces,
        "--labels": ",".join(settings.labels or ("all",)),
        "--min-score": "the model's" if settings.min_score is None else str(settings.min_score),
        "--min-face": "any" if settings.min_face is None else str(settings.min_face),
        "--evidence": str(settings.evidence).lower(),
        "--threads": str(threads),
        "fer-onnx": __version__,
        **{name: library.__version__ for name, library in libraries.items()},
    }


def save_annotated(
    image: Image.Image, faces: Sequence[Face], file: IO[bytes], suffix: str, evidence: bool = False
) -> None:
    """Write a picture with what was found drawn in: as PNG if the suffix says so, else as JPEG."""
    from ..overlay import annotate  # fonts and drawing cost time that answers alone need not

    annotated = annotate(image, faces, evidence=evidence)
    if suffix.lower() == ".png":
        annotated.save(file, "PNG")
    else:
        annotated.save(file, "JPEG", quality=QUALITY)


def _describe_file(name: str, source: str) -> str:
    return f"{name} (SHA-256 {sha256(read_model(source)).hexdigest()[:16]}…)"


def _fail(record: Record, error: str) -> Record:
    return replace(record, faces=(), error=error)


def _drop_evidence(face: Face) -> Face:
    return replace(face, prediction=replace(face.prediction, evidence=None))

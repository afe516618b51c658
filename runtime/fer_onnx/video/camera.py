"""A camera → its pictures, the newest one at a time; what comes meanwhile is passed over."""

import os
import sys
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from PIL import Image

from ..classifier import Classifier
from ..detector import Detector, open_detector
from ..errors import VideoError
from ..shared import open_model
from .film import Film
from .follower import SEARCH_EVERY, Follower, Look, Moment
from .pyav import first_line, import_av
from .reading import EVERY, choose_look, look_in

FORMATS = {"linux": "v4l2", "darwin": "avfoundation", "win32": "dshow"}
WAIT = 0.5  # seconds between looks at whether the camera is still there


class Camera:
    """A camera, or a film that stands in for one and plays at its own speed.

    Attributes:
        name: as it was given.
    """

    def __init__(self, name: str) -> None:
        """Open a camera.

        Args:
            name: a number, from 0; the path or name of a device; or the path of a film.

        Raises:
            VideoError: no such camera, or PyAV is not there.
        """
        self.name = name
        self._pictures = self._play() if Path(name).is_file() else _open_device(name)
        self._newest: tuple[float, int, Image.Image] | None = None
        self._failure: Exception | None = None
        self._ended = self._left = False
        self._change = threading.Condition()

    def pictures(self, every: float) -> Generator[tuple[float, int, Image.Image], None, None]:
        """Read pictures until the camera is gone, or nobody reads any more, which closes it.

        Args:
            every: seconds between them, at least.

        Yields:
            Seconds from the first one, its number among all that the camera gave, and itself.

        Raises:
            VideoError: the camera failed.
        """
        threading.Thread(target=self._grab, daemon=True).start()
        try:
            yield from self._take(every)
        finally:
            self._left = True

    def _take(self, every: float) -> Iterator[tuple[float, int, Image.Image]]:
        """Take the newest picture whenever it is time, until there are no more."""
        due = 0.0
        while True:
            with self._change:
                while not self._ended and (self._newest is None or self._newest[0] < due):
                    self._change.wait(WAIT)
                newest, self._newest = self._newest, None
                ended = self._ended
            if newest is not None and newest[0] >= due:
                due = newest[0] + every
                yield newest
            elif ended:
                if self._failure is not None:
                    raise VideoError(f"camera {self.name}: {first_line(self._failure)}")
                return

    def _grab(self) -> None:
        """Take in pictures as they come, in a thread of its own."""
        begun: float | None = None
        try:
            for number, image in enumerate(self._pictures):
                if self._left:
                    break
                now = time.monotonic()
                begun = now if begun is None else begun
                with self._change:
                    self._newest = round(now - begun, 6), number, image
                    self._change.notify()
        except Exception as exc:  # raised where the pictures are read
            self._failure = exc
        finally:
            self._pictures.close()
            with self._change:
                self._ended = True
                self._change.notify()

    def _play(self) -> Generator[Image.Image, None, None]:
        """Play a film at its own speed."""
        begun = time.monotonic()
        with Film(self.name) as film:
            for frame in film.frames():
                time.sleep(max(0.0, begun + frame.t - time.monotonic()))
                yield frame.to_image()


def watch(
    camera: str | int | os.PathLike[str],
    every: float = EVERY,
    *,
    region: Sequence[float] | None = None,
    model: Classifier | str | os.PathLike[str] | None = None,
    detector: Detector | str | None = None,
    labels: Sequence[str] | None = None,
    min_score: float | None = None,
    min_face: int | None = None,
    search_every: float = SEARCH_EVERY,
) -> Iterator[Moment]:
    """Read the faces that a camera sees, moment by moment, until it is gone.

    The newest picture is read each time; what comes meanwhile is passed over.

    Args:
        camera: its number, from 0; the path or name of a device; or the path of a film, which
            plays at its own speed.
        every: seconds between moments, at least; 0 for as many as can be read.
        region: as in `read`, and so are the arguments below.
        model: likewise.
        detector: likewise.
        labels: likewise.
        min_score: likewise.
        min_face: likewise.
        search_every: likewise.

    Returns:
        The moments, as they are read; `t` is in seconds from the first picture, `frame` its number
        among all that came.

    Raises:
        VideoError: no such camera, one that gives no picture or fails, or no PyAV.
        ModelError: the model cannot be used.
        DetectionError: the detector failed.
        ValueError: a region that is none, or labels that the model does not have.
    """
    model, detector = open_model(model), open_detector(detector)
    look = choose_look(model, region, min_face, labels, min_score, search_every)
    name = str(camera) if isinstance(camera, int) else os.fspath(camera)
    seen = follow(Camera(name), every, look, model, detector)
    return (moment for moment, _ in seen)


def follow(
    camera: Camera, every: float, look: Look, model: Classifier, detector: Detector
) -> Iterator[tuple[Moment, Image.Image]]:
    """Read what a camera sees: moments, and the picture of each.

    Raises:
        VideoError: it gives no picture, or failed.
        ValueError: a region that does not lie in its pictures.
    """
    pictures = camera.pictures(every)
    first = next(pictures, None)
    if first is None:
        raise VideoError(f"camera {camera.name}: no picture came from it")
    size = first[2].size
    look_in(size, look)
    follower = Follower(model, detector, look, size)
    for t, number, image in chain([first], pictures):
        yield follower.see(image, t, number), image


def _open_device(name: str) -> Generator[Image.Image, None, None]:
    av = import_av()
    kind = FORMATS.get(sys.platform)
    if kind is None:
        raise VideoError(f"camera {name}: cameras are not known on {sys.platform}")
    address = f"/dev/video{name}" if kind == "v4l2" and name.isdecimal() else name
    if kind == "v4l2" and not Path(address).exists():
        raise VideoError(f"camera {name}: no {address}")
    try:
        device = av.open(f"video={name}" if kind == "dshow" else address, format=kind)
    except av.FFmpegError as exc:
        raise VideoError(f"camera {name}: cannot be opened ({first_line(exc)})") from exc
    return _read(device)


def _read(device: Any) -> Generator[Image.Image, None, None]:
    with device:
        for frame in device.decode(video=0):
            yield frame.to_image()

"""A camera → its pictures, the newest one at a time; what comes meanwhile is passed over."""

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from ..errors import VideoError
from .film import Film
from .pyav import first_line, import_av

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
        self._ended = False
        self._change = threading.Condition()

    def pictures(self, every: float) -> Iterator[tuple[float, int, Image.Image]]:
        """Read pictures until the camera is gone.

        Args:
            every: seconds between them, at least.

        Yields:
            Seconds from the first one, its number among all that the camera gave, and itself.

        Raises:
            VideoError: the camera failed.
        """
        threading.Thread(target=self._grab, daemon=True).start()
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
                now = time.monotonic()
                begun = now if begun is None else begun
                with self._change:
                    self._newest = round(now - begun, 6), number, image
                    self._change.notify()
        except Exception as exc:  # raised where the pictures are read
            self._failure = exc
        finally:
            with self._change:
                self._ended = True
                self._change.notify()

    def _play(self) -> Iterator[Image.Image]:
        """Play a film at its own speed."""
        begun = time.monotonic()
        with Film(self.name) as film:
            for frame in film.frames():
                time.sleep(max(0.0, begun + frame.t - time.monotonic()))
                yield frame.to_image()


def _open_device(name: str) -> Iterator[Image.Image]:
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


def _read(device: Any) -> Iterator[Image.Image]:
    with device:
        for frame in device.decode(video=0):
            yield frame.to_image()

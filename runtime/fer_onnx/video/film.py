"""A film file → its pictures, upright, at the moments that are wanted."""

import os
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from itertools import chain
from math import floor, inf
from typing import TYPE_CHECKING

from PIL import Image

from ..errors import VideoError
from ..orientation import turn
from .container import TINY, Container

if TYPE_CHECKING:
    from av import Packet, VideoFrame

MAX_PIXELS = 8192 * 4320  # of one picture
MAX_STRETCH = 10  # times that a pixel may be wider than high, or the reverse
CUT_OFF, CUT_OFF_SHARE = 1.0, 0.02  # seconds, and share of a film, that may be missing at its end


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a film.

    Attributes:
        t: seconds from the start of the film, six decimals.
        number: from 0.
        picture: as the decoder gives it.
        size: width and height in square pixels, before it is turned.
        quarters: by how many quarters of a circle, counterclockwise, it is to be turned.
    """

    t: float
    number: int
    picture: "VideoFrame"
    size: tuple[int, int]
    quarters: int

    def to_image(self) -> Image.Image:
        """Return an upright picture in mode "RGB"."""
        width, height = self.size
        image: Image.Image = self.picture.to_image(width=width, height=height)
        return turn(image, self.quarters)


class Film:
    """A film file, opened.

    Attributes:
        path: as it was given.
        size: width and height in pixels, as a player shows it.
        duration: in seconds, as the file says; None if it does not.
        container: the file itself.
        turned: whether the file says that its pictures are to be turned.
        notes: what is odd about it, a line each.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open a film.

        Raises:
            VideoError: missing, no film, without pictures, or with too large ones; or PyAV is not
                there.
        """
        self.path = os.fspath(path)
        self.notes: list[str] = []
        self.container = Container(self.path)
        try:
            self._measure()
        except BaseException:
            self.close()
            raise
        self.duration = self.container.duration

    def __enter__(self) -> "Film":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.container.close()

    def frames(
        self,
        every: float = 0.0,
        start: float = 0.0,
        end: float = inf,
        number: int | None = None,
        listen: Callable[["Packet"], None] | None = None,
    ) -> Generator[Frame, None, None]:
        """Read pictures in order of time.

        Args:
            every: seconds between pictures: the first one at or after each whole multiple, counted
                from the start of the film, is read; 0 for all.
            start: seconds from the start of the film, from which pictures are read.
            end: seconds before which they are read.
            number: of the first picture at or after `start`, where that is known.
            listen: is handed the packets of other streams, on the way.

        Raises:
            VideoError: after the last picture, if the film could not be read to its end.
        """
        due, last = start, -inf
        self.container.listen = listen
        for t, place, picture in self._read(start, number):
            if t >= end - TINY:
                return
            if t >= due - TINY and t > last and not picture.is_corrupt:
                last = t
                due = (floor((t + TINY) / every) + 1) * every if every else t
                yield Frame(t, place, picture, self._shown, self._quarters)
        self._check_end()

    def _measure(self) -> None:
        """Find out how large pictures are, and which way up; the first one says it."""
        first = next(self.container.pictures(), None)
        if first is None:
            raise VideoError(f"{self.path}: no picture in it can be decoded")
        width, height = first.width, first.height
        if width * height > MAX_PIXELS:
            raise VideoError(
                f"{self.path}: pictures of {width}x{height} pixels, more than "
                f"{MAX_PIXELS / 1e6:.1f} megapixels"
            )
        if 1 / MAX_STRETCH <= self.container.stretch <= MAX_STRETCH:
            width = max(1, round(width * self.container.stretch))
        degrees = round(first.rotation)
        if degrees % 90:
            self.notes.append(
                f"{self.path}: says that it is turned by {degrees} degrees, which is no quarter "
                "turn; read as it is stored"
            )
        self._quarters = 0 if degrees % 90 else degrees // 90 % 4
        self.turned = bool(self._quarters)
        self._shown = width, height
        self.size = (height, width) if self._quarters % 2 else (width, height)

    def _read(self, start: float, number: int | None) -> Iterator[tuple[float, int, "VideoFrame"]]:
        """Decode all pictures from a time on: when each is, its number, and itself."""
        if start <= 0:
            self.container.rewind()
            pictures = enumerate(self.container.pictures())
        elif number is None:
            pictures = self._read_counted(start)
        else:
            pictures = enumerate(self._read_after(start), number)
        for place, picture in pictures:
            t = self._time_at(picture, place)
            if t >= start - TINY:
                yield t, place, picture

    def _read_counted(self, start: float) -> "enumerate[VideoFrame]":
        """Decode from the last place before a time that allows it; count the pictures before."""
        container = self.container
        key = container.find_key(start)
        container.seek(start)
        pictures = (picture for picture in container.pictures() if (picture.pts or 0) >= key.pts)
        first = next(pictures, None)
        if first is None or not key.number or first.pts != key.pts:  # the file leads elsewhere
            container.rewind()
            return enumerate(container.pictures())
        return enumerate(chain([first], pictures), key.number)

    def _read_after(self, start: float) -> Iterator["VideoFrame"]:
        """Decode the pictures at or after a time, from a place before it if there is one."""
        container = self.container
        container.seek(start)
        pictures = container.pictures()
        first = next(pictures, None)
        if first is None or self._time_at(first, 0) > start + TINY:  # the file leads elsewhere
            container.rewind()
            pictures, first = container.pictures(), None
        both = pictures if first is None else chain([first], pictures)
        return (picture for picture in both if self._time_at(picture, 0) >= start - TINY)

    def _time_at(self, picture: "VideoFrame", number: int) -> float:
        seconds = self.container.time_of(picture)
        return round(number / self.container.rate if seconds is None else seconds, 6)

    def _check_end(self) -> None:
        """Refuse to pass over in silence that a film could not be read to its end."""
        whole, reached, damaged = (
            self.duration or 0.0,
            self.container.reached,
            self.container.damaged,
        )
        if whole - reached > max(CUT_OFF, CUT_OFF_SHARE * whole):
            raise VideoError(
                f"{self.path}: cut off: it ends after {reached:.1f} of {whole:.1f} seconds"
            )
        if damaged:
            parts = "1 part" if damaged == 1 else f"{damaged:,} parts"
            raise VideoError(f"{self.path}: damaged: {parts} of it could not be decoded")

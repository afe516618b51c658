"""A film with frames and words drawn in, as long as the one it was made of, with its sound."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..atomic import naming
from ..errors import VideoError
from ..overlay import annotate, choose_factor
from ..prediction import Face
from .container import TINY
from .film import Film, Frame
from .follower import Moment
from .pyav import import_av

if TYPE_CHECKING:
    from av import Packet

CODECS = ("libx264", "libopenh264", "mpeg4")  # H.264 where there is an encoder for it
OPTIONS = {"libx264": {"preset": "veryfast", "crf": "23"}, "mpeg4": {"qscale": "4"}}
HOLD = 0.5  # seconds for which a face is drawn that is seen at one of two moments
FINEST = 65535  # units in a second, at most, of MPEG-4


class AnnotatedFilm:
    """A film that is being drawn, behind the moments that come in.

    Until it is complete, NAME.mp4 is called NAME.part.mp4, which plays however it ended, unless the
    process was killed.

    Attributes:
        path: what it is called when it is complete.
        part: what it is called until then.
        notes: what is otherwise than asked for, a line each.
    """

    def __init__(self, source: Film, path: Path, start: float = 0.0, end: float = inf) -> None:
        """Begin to draw a film.

        Args:
            source: what is drawn on; it is opened once more.
            path: where; the suffix says as what: .mp4, .mov or .mkv.
            start: seconds from the start of the film, from which it is drawn.
            end: seconds before which it is drawn.

        Raises:
            VideoError: the film cannot be used any more.
            OSError: it cannot be written; names the film.
        """
        av = import_av()
        self.path, self.part = path, path.with_name(f"{path.stem}.part{path.suffix}")
        self.notes: list[str] = []
        self._film = Film(source.path)
        self._start, self._end = start, end
        self._before: Moment | None = None
        self._codec = next(name for name in CODECS if name in av.codecs_available)
        if self._codec == "mpeg4":
            self.notes.append(f"{path}: MPEG-4, as there is no encoder for H.264 here")
        try:
            with naming(path):
                self._file: Any = av.open(str(self.part), "w")
            self._pictures = self._add_pictures()
            self._sound = self._add_sound()
        except BaseException:
            self._film.close()
            raise
        self._frames = self._read()
        self._next = next(self._frames, None)

    def add(self, moment: Moment) -> None:
        """Draw the pictures up to the next moment.

        Raises:
            OSError: they cannot be written; names the film.
        """
        with naming(self.path):
            while self._next is not None and self._next.t < moment.t - TINY:
                self._draw(self._next, moment)
                self._next = next(self._frames, None)
        self._before = moment

    def finish(self) -> None:
        """Draw the rest, and give the film its name.

        Raises:
            OSError: it cannot be written; names the film.
        """
        with naming(self.path):
            while self._next is not None:
                self._draw(self._next, None)
                self._next = next(self._frames, None)
            self.close()
            self.part.replace(self.path)

    def close(self) -> None:
        """End the film where it is; what is drawn of it plays.

        Raises:
            OSError: it cannot be written; names the film.
        """
        self._film.close()
        if self._file is not None:
            file, self._file = self._file, None
            with naming(self.path):
                file.mux(self._pictures.encode())
                file.close()

    def _add_pictures(self) -> Any:
        container = self._film.container
        unit = Fraction(container.stream.time_base)
        if self._codec == "mpeg4" and unit.denominator > FINEST:
            unit = Fraction(1, 60000)
        options = OPTIONS.get(self._codec, {})
        rate = container.stream.average_rate or 25
        stream = self._file.add_stream(self._codec, rate=rate, options=options)
        factor = choose_factor(self._film.size)
        # these codecs halve the colours' width and height
        width, height = (max(2, side * factor // 2 * 2) for side in self._film.size)
        self._size = width, height
        stream.width, stream.height = self._size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = self._unit = unit
        stream.codec_context.thread_count = 1
        return stream

    def _add_sound(self) -> Any:
        """Make place for the film's sound, which is copied as it is."""
        audio = self._film.container.file.streams.audio
        if not audio:
            return None
        name = audio[0].codec_context.name
        if name not in self._file.supported_codecs:
            kind = self.path.suffix[1:].upper()
            self.notes.append(f"{self.path}: without sound: {kind} cannot hold {name}; try .mkv")
            return None
        return audio[0].index, self._file.add_stream_from_template(audio[0])

    def _read(self) -> Iterator[Frame]:
        """Read the pictures; sound that comes before them is copied on the way."""
        frames = self._film.frames(0.0, self._start, self._end, listen=self._copy)
        while True:
            try:
                frame = next(frames, None)
            except VideoError:  # told already, when the moments were read
                frame = None
            if frame is None:
                return
            yield frame

    def _copy(self, packet: "Packet") -> None:
        """Copy a packet of sound."""
        if self._sound is None or packet.stream.index != self._sound[0] or packet.dts is None:
            return
        t = self._film.container.time_of(packet)
        early = self._start > 0 and t is not None and t < self._start - TINY
        if t is None or early or t >= self._end:
            return
        shift = round((self._film.container.start + self._start) / packet.time_base)
        packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
        packet.stream = self._sound[1]
        self._file.mux(packet)

    def _draw(self, frame: Frame, after: Moment | None) -> None:
        faces = find_between(self._before, after, frame.t)
        image = annotate(frame.to_image(), faces)
        if image.size != self._size:
            image = image.crop((0, 0, *self._size))
        picture = import_av().VideoFrame.from_image(image)
        picture.pts = round((frame.t - self._start) / self._unit)
        picture.time_base = self._unit
        self._file.mux(self._pictures.encode(picture))


def find_between(before: Moment | None, after: Moment | None, t: float) -> list[Face]:
    """Return the faces to draw at a time between two moments, or before or after all of them.

    Those that are seen at both are where they would be on a straight way; those that are seen at
    one of them are drawn up to the middle between the two, but for half a second at most.
    """
    if before is None:
        return []
    known = {face.track: face for face in after.steadied} if after else {}
    half = HOLD if after is None else min(HOLD, (after.t - before.t) / 2)
    share = 0.0 if after is None else (t - before.t) / (after.t - before.t)
    faces = []
    for face in before.steadied:
        other = known.pop(face.track, None)
        if other is not None:
            faces.append(_move(face, other, share))
        elif t - before.t < half + TINY:
            faces.append(face)
    if after is not None and after.t - t <= half:
        faces += known.values()
    return faces


def _move(face: Face, other: Face, share: float) -> Face:
    """Return a face on its way from one place to another."""
    ways = zip(face.box, other.box, strict=True)
    x, y, width, height = (round(start + share * (end - start)) for start, end in ways)
    return replace(face if share < 0.5 else other, box=(x, y, width, height))

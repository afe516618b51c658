"""A film file, opened by PyAV: its packets, its pictures as they are decoded, places to begin."""

from collections.abc import Callable, Iterator
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import VideoError
from ..images.formats import find_format
from .pyav import first_line, import_av

if TYPE_CHECKING:
    from av import Packet, VideoFrame

# demultiplexers of film files; none of playlists, which may name other files or hosts
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,mxf,dv,nut,gif,wav,mp3"
TINY = 1e-6  # seconds; times are written with six decimals


class Key(NamedTuple):
    """A place where decoding can begin.

    Attributes:
        pts: time stamp of its picture, in units of the stream.
        number: of its picture, from 0.
    """

    pts: int
    number: int


FIRST = Key(-(2**62), 0)


class Container:
    """A film file and its stream of pictures.

    Attributes:
        path: as it was given.
        start: time stamp of the film's start, in seconds.
        duration: in seconds, as the file says; None if it does not.
        rate: pictures per second, as the file says, or a guess.
        stretch: width of a pixel, divided by its height.
        damaged: how many parts could not be decoded since the last place that was gone to.
        reached: seconds of the film up to which anything of it was read.
        listen: is handed the packets of other streams while pictures are decoded.
    """

    def __init__(self, path: str) -> None:
        """Open a film.

        Raises:
            VideoError: missing, no film, or without pictures; or PyAV is not there.
        """
        self.path = path
        self.damaged, self.reached = 0, 0.0
        self.listen: Callable[[Packet], None] | None = None
        self._error: Any = import_av().FFmpegError
        self._open()
        stream, file = self.stream, self.file
        self._unit = float(stream.time_base or 1)
        self.start = (
            file.start_time / 1e6
            if file.start_time is not None
            else (stream.start_time or 0) * self._unit
        )
        self.duration = file.duration / 1e6 if file.duration else None
        self.rate = float(stream.average_rate or 25)
        self.stretch = float(stream.sample_aspect_ratio or 1)

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def time_of(self, frame: "VideoFrame | Packet") -> float | None:
        """Return when something of the film is, in seconds from its start; None if it is unsaid."""
        if frame.pts is None or frame.time_base is None:
            return None
        return float(frame.pts * frame.time_base) - self.start

    def pictures(self) -> Iterator["VideoFrame"]:
        """Decode pictures from where the file was brought to, as far as that goes."""
        begun = False
        for packet in self.packets():
            if packet.stream.index != self.stream.index:
                if self.listen is not None:
                    self.listen(packet)
                continue
            try:
                pictures = self.stream.decode(packet)
            except self._error:
                self.damaged += begun  # before the first picture, a broadcast is joined midway
                continue
            begun = begun or bool(pictures)
            yield from pictures

    def packets(self) -> Iterator["Packet"]:
        """Read packets of all streams from where the file was brought to, as far as that goes."""
        self.damaged, self.reached = 0, 0.0
        packets = self.file.demux()
        while True:
            try:
                packet = next(packets, None)
            except self._error:  # what comes after is out of reach
                self.damaged += 1
                packet = None
            if packet is None:
                return
            end = (self.time_of(packet) or 0) + float((packet.duration or 0) * packet.time_base)
            self.reached = max(self.reached, end)
            yield packet

    def rewind(self) -> None:
        """Go to the beginning, in files too that cannot be searched."""
        self.close()
        self._open()

    def seek(self, seconds: float) -> None:
        """Go to the last place up to a time where decoding can begin."""
        try:
            pts = floor((self.start + seconds) / self._unit + TINY)
            self.file.seek(pts, stream=self.stream)
        except self._error:
            self.rewind()

    def find_key(self, seconds: float) -> Key:
        """Find the last place up to a time where decoding can begin, and count the pictures."""
        key, count, wanted = FIRST, 0, self.start + seconds
        self.rewind()
        for packet in self.packets():
            if packet.stream.index != self.stream.index or not packet.size:
                continue
            if packet.pts is None or packet.dts is None:
                return FIRST  # without times, all is decoded
            if packet.dts * self._unit > wanted:
                break
            if packet.is_keyframe and packet.pts * self._unit <= wanted + TINY:
                key = Key(packet.pts, count)
            elif packet.pts < key.pts:  # shown before the key picture, though stored after it
                key = Key(key.pts, key.number + 1)
            count += 1
        return key

    def _open(self) -> None:
        self.file = _open_file(self.path)
        try:
            self.stream = _find_pictures(self.file, self.path)
        except BaseException:
            self.close()
            raise


def _open_file(path: str) -> Any:
    av = import_av()
    file = Path(path)
    if not file.exists():
        raise VideoError(f"{path}: no such file")
    if not file.is_file():
        raise VideoError(f"{path}: expected a film file")
    try:
        options = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
        return av.open(f"file:{path}", container_options=options)
    except PermissionError as exc:
        raise VideoError(f"{path}: cannot be read ({exc.strerror})") from exc
    except av.FFmpegError as exc:
        with file.open("rb") as start:
            kind = find_format(start.read(64))
        if kind is not None:
            name = kind.upper() if kind != "WebP" else kind
            raise VideoError(f"{path}: a {name} picture; read it with 'fer-onnx predict'") from exc
        raise VideoError(f"{path}: no film, or a damaged one ({first_line(exc)})") from exc


def _find_pictures(file: Any, path: str) -> Any:
    """Find the stream of pictures; the cover of a record is none."""
    for stream in file.streams.video:
        if not stream.disposition & stream.disposition.attached_pic:
            stream.thread_count = 1  # several films are read by several processes
            return stream
    what = "sound alone" if file.streams.audio else "nothing that can be shown"
    raise VideoError(f"{path}: no pictures in it, {what}")

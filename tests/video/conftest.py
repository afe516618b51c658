"""Films made from public-domain portraits: still, moving, crossing, turned, cut, dark, silent."""

import struct
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from math import cos, radians, sin
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageEnhance

SAMPLES = Path(__file__).parents[2] / "samples"
SIZE = (320, 180)
TIMES_PER_SECOND = 1000
WALL = (96, 104, 112)

Drawing = Callable[[float], Image.Image]  # what a film shows at a time in seconds


def portrait(name: str, box: tuple[int, int, int, int], height: int) -> Image.Image:
    """Cut a part out of a portrait, and bring it to a height."""
    image = Image.open(SAMPLES / name).convert("RGB").crop(box)
    return image.resize((round(image.width * height / image.height), height))


# faces about 45 pixels wide, in the middle of their pictures
HAPPY = portrait("astronaut.png", (80, 0, 260, 200), 130)
EARNEST = portrait("hopper.jpg", (90, 30, 430, 450), 140)


def scene(
    *parts: tuple[Image.Image, float, float], size: tuple[int, int] = SIZE, wall=WALL
) -> Image.Image:
    """Paste pictures on a wall, each by its centre."""
    image = Image.new("RGB", size, wall)
    for part, x, y in parts:
        image.paste(part, (round(x - part.width / 2), round(y - part.height / 2)))
    return image


def still(t: float) -> Image.Image:
    return scene((HAPPY, 160, 95))


def two(t: float) -> Image.Image:
    return scene((HAPPY, 80, 95), (EARNEST, 240, 95))


def moving(t: float) -> Image.Image:
    return scene((HAPPY, 70 + 60 * t, 95))


def cut(t: float) -> Image.Image:
    if t < 1:
        return scene((HAPPY, 160, 95))
    return scene((EARNEST, 160, 95), wall=(200, 190, 40))


def dark(t: float) -> Image.Image:
    return ImageEnhance.Brightness(still(t)).enhance(0.0 if t < 1 else 1.0)


def empty(t: float) -> Image.Image:
    return scene()


def rows(n: int, rate: float = 25) -> list[float]:
    return [i / rate for i in range(n)]


def write_film(
    path: Path,
    drawing: Drawing,
    times: Sequence[float],
    *,
    codec: str = "libx264",
    sound: bool = False,
    turn: int = 0,
    stored: int = 0,
    options: dict[str, str] | None = None,
) -> Path:
    """Write a film.

    Args:
        path: where; its suffix says as what.
        drawing: what it shows.
        times: of its pictures, in seconds.
        codec: of its pictures.
        sound: whether a tone of 440 Hz goes with it.
        turn: degrees, counterclockwise, by which a player is to turn it; MP4 alone.
        stored: quarters, counterclockwise, by which its pictures are turned before that.
        options: of the codec.
    """
    with av.open(str(path), "w") as file:
        first = drawing(times[0]).rotate(90 * stored, expand=True)
        stream = file.add_stream(codec, rate=25, options=options or {})
        stream.width, stream.height, stream.pix_fmt = *first.size, "yuv420p"
        stream.codec_context.time_base = Fraction(1, TIMES_PER_SECOND)
        stream.codec_context.gop_size = 10
        tone = file.add_stream("aac", rate=8000) if sound else None
        for t in times:
            frame = av.VideoFrame.from_image(drawing(t).rotate(90 * stored, expand=True))
            frame.pts, frame.time_base = round(t * TIMES_PER_SECOND), stream.codec_context.time_base
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
        if tone is not None:
            for frame in _sound(times[-1] + 0.04):
                file.mux(tone.encode(frame))
            file.mux(tone.encode())
    if turn:
        _set_turn(path, turn)
    return path


def _set_turn(path: Path, degrees: int) -> None:
    """Write into the head of an MP4 how its first track is to be turned; old PyAV cannot."""
    data = path.read_bytes()
    place = data.index(b"tkhd") + 44  # of a matrix of 16.16 fixed-point numbers, row by row
    across, down = cos(radians(degrees)), sin(radians(degrees))
    rows = [across, -down, 0, down, across, 0]
    matrix = struct.pack(">6i", *(round(65536 * number) for number in rows))
    path.write_bytes(data[:place] + matrix + data[place + len(matrix) :])


def _sound(seconds: float) -> Iterable[av.AudioFrame]:
    wave = np.sin(np.arange(round(seconds * 8000)) * 2 * np.pi * 440 / 8000).astype(np.float32)
    for start in range(0, len(wave) - 1023, 1024):
        frame = av.AudioFrame.from_ndarray(wave[None, start : start + 1024], "fltp", "mono")
        frame.sample_rate, frame.pts, frame.time_base = 8000, start, Fraction(1, 8000)
        yield frame


@pytest.fixture(scope="session")
def films(tmp_path_factory) -> Callable[..., Path]:
    """Make a film once: `films("name.mp4", drawing, times, …)`."""
    folder, made = tmp_path_factory.mktemp("films"), {}

    def make(name: str, drawing: Drawing = still, times: Sequence[float] = rows(50), **options):
        if name not in made:
            made[name] = write_film(folder / name, drawing, times, **options)
        return made[name]

    return make

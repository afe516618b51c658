"""What one picture may cost: bytes, pixels, memory, steps of decoding, seconds."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Limits:
    """What one picture may cost before it is refused.

    All but `seconds` are counted before anything is decoded, so they hold wherever a picture is
    read. Python cannot stop a decoder that is running, so `seconds` bounds pictures in worker
    processes only: a worker that exceeds it is ended and replaced.

    Attributes:
        bytes: of the file as it is stored.
        pixels: width × height.
        memory: bytes that reading takes at its peak, as estimated from the header, format and
            mode. What the caller holds already (bytes, a PIL picture, an array) is not counted.
        steps: of decoding, each about 50 ns of one core: a block of 8×8 pixels in one scan of a
            JPEG, a row, or 12 bytes of the rows of a PNG. A run length of a BMP is 16 steps, a
            pixel between them 4, and a part of a file (marker, chunk, block) 100.
        seconds: wall time of one picture in a worker process, from decoding to the answer; None for
            no limit.

    Raises:
        ValueError: a limit that is no positive number.
    """

    bytes: int = 64 * 2**20
    pixels: int = 80_000_000
    memory: int = 400_000_000
    steps: int = 30_000_000
    seconds: float | None = 60.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None and field.name == "seconds":
                continue
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not value > 0:
                raise ValueError(f"{field.name}={value!r}: expected a positive number")


DEFAULT = Limits()

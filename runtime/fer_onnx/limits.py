"""What one picture may cost: bytes, pixels, memory, seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one picture may cost before it is refused.

    All but `seconds` are counted before anything is decoded, so they hold wherever a picture is
    read. Python cannot stop a decoder that is running, so `seconds` bounds pictures in worker
    processes only: a worker that exceeds it is ended and replaced.

    Attributes:
        bytes: of the file as it is stored.
        pixels: width × height of the picture.
        memory: bytes that reading may take at its peak beside the file itself, as estimated from
            the format and mode in the header.
        seconds: wall time of one picture in a worker process, from decoding to the answer; None for
            no limit.
    """

    bytes: int = 64 * 2**20
    pixels: int = 80_000_000
    memory: int = 400_000_000
    seconds: float | None = 60.0


DEFAULT = Limits()

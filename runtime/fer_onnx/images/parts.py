"""The parts of an image file that were met on the way through it: counted, and kept or left out."""

from ..errors import ImageError

PART = 100  # steps of a part: walked here, then by Pillow


class Parts:
    """What is known of an image file, and what of it is kept for Pillow.

    Attributes:
        data: the file; after `cut`, what was kept of it.
        size: width and height in pixels; None as long as no header said.
        orientation: 1–8, as EXIF has it.
        steps: that walking and decoding take, as `fer_onnx.limits.Limits` counts them.
        reason: what takes most of the steps of decoding, for a message.
        buffer: bytes that the decoder keeps beside the picture and the file.
    """

    def __init__(self, data: bytes, most: int) -> None:
        """Start with none.

        Args:
            data: the file.
            most: steps that its parts may take.
        """
        self.data = data
        self.size: tuple[int, int] | None = None
        self.orientation = 1
        self.steps = 0
        self.reason = ""
        self.buffer = 0
        self._left = most // PART
        self._most = self._left
        self._kept: list[bytes | tuple[int, int]] = []

    def count(self, parts: int = 1) -> None:
        """Count parts.

        Raises:
            ImageError: they are too many; without the name of the picture.
        """
        self._left -= parts
        self.steps += parts * PART
        if self._left < 0:
            raise ImageError(f"more than {self._most:,} parts (markers, chunks or blocks)")

    def work(self, steps: int, reason: str) -> None:
        """Add steps of decoding; the last reason given is the one that is told."""
        self.steps += steps
        self.reason = reason

    def keep(self, start: int, end: int) -> None:
        """Keep bytes of the file, from start to before end."""
        if self._kept and isinstance(last := self._kept[-1], tuple) and last[1] == start:
            start = last[0]
            self._kept.pop()
        self._kept.append((start, end))

    def add(self, part: bytes) -> None:
        """Put a part between what was kept before and what will be."""
        self._kept.append(part)

    def cut(self) -> None:
        """Leave out of `data` what was not kept; all stays if nothing was."""
        if not self._kept or self._kept == [(0, len(self.data))]:
            return
        view = memoryview(self.data)
        self.data = b"".join(
            view[part[0] : part[1]] if isinstance(part, tuple) else part for part in self._kept
        )

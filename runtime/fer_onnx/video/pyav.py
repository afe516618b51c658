"""PyAV, which the extra `video` brings: what reads and writes films."""

from typing import Any

from ..errors import VideoError


def import_av() -> Any:
    """Import PyAV and return it.

    Raises:
        VideoError: it is not installed.
    """
    try:
        import av
    except ImportError as exc:
        raise VideoError(
            f"films and cameras need PyAV: pip install 'fer-onnx[video]' ({exc})"
        ) from exc
    return av


def first_line(error: Exception) -> str:
    """Return what an error of FFmpeg says, without the file's name."""
    return str(getattr(error, "strerror", None) or error).splitlines()[0]

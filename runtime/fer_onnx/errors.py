"""Errors of the package.

FerOnnxError
├── ImageError          (also a ValueError)         the picture cannot be used
├── ModelError          (also a ValueError)         the model file cannot be used
│   └── ModelNotFoundError  (also a FileNotFoundError)
├── VideoError          (also a ValueError)         the film or camera cannot be used, or not wholly
└── DetectionError      (also a RuntimeError)       no detector, or a detector that failed
"""


def printable(text: str) -> str:
    """Escape what would break a line or steer a terminal; names and files may hold anything."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class FerOnnxError(Exception):
    """Base of every error that fer_onnx raises on purpose; its text is one printable line."""

    def __init__(self, message: str = "") -> None:
        super().__init__(printable(message))


class ImageError(FerOnnxError, ValueError):
    """A picture that is missing, not an image, damaged, or too large."""


class VideoError(FerOnnxError, ValueError):
    """A film or camera that is missing, none, damaged, or cut off, or PyAV that is missing."""


class ModelError(FerOnnxError, ValueError):
    """A model file that is damaged, foreign, or does not fit what it says of itself."""


class ModelNotFoundError(ModelError, FileNotFoundError):
    """No model file at the given path, and no bundled model of that name."""

    __str__ = Exception.__str__  # OSError's own would print its errno


class DetectionError(FerOnnxError, RuntimeError):
    """No face detector is installed, or the one in use failed."""

"""Read facial expressions with onnxruntime alone.

    >>> import fer_onnx
    >>> model = fer_onnx.load()
    >>> model.predict("face.png").label
    'happy'

Names are resolved on first use (PEP 562), so that `import fer_onnx` costs next to nothing.
"""

import os
import sys

# onnxruntime's wheels from 1.29 on report to their maker unless this is set before they are first
# imported. A value that the user has set stays. A program that imported onnxruntime before us has
# started the reports already: what can still be done is to stop the events that would follow.
if "ORT_DISABLE_TELEMETRY" not in os.environ:
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    if "onnxruntime" in sys.modules:
        sys.modules["onnxruntime"].disable_telemetry_events()

TYPE_CHECKING = False  # typing itself takes a third of the time that Python needs to start
if TYPE_CHECKING:
    from .classifier import Classifier as Classifier
    from .classifier import load as load
    from .errors import DetectionError as DetectionError
    from .errors import FerOnnxError as FerOnnxError
    from .errors import ImageError as ImageError
    from .errors import ModelError as ModelError
    from .errors import ModelNotFoundError as ModelNotFoundError
    from .prediction import Face as Face
    from .prediction import Prediction as Prediction
    from .reader import read_faces as read_faces

__version__ = "0.4.0"

_HOMES = {
    "Classifier": "classifier",
    "load": "classifier",
    "DetectionError": "errors",
    "FerOnnxError": "errors",
    "ImageError": "errors",
    "ModelError": "errors",
    "ModelNotFoundError": "errors",
    "Face": "prediction",
    "Prediction": "prediction",
    "read_faces": "reader",
}
__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)

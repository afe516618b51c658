"""Read facial expressions with onnxruntime alone.

    >>> import fer_onnx
    >>> for face in fer_onnx.read_faces("photo.jpg"):
    ...     print(face.box, face.label, face.score)

`model = fer_onnx.load()` and `model.predict("face.png")` read a picture that is one face already.

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
    from .detector import Detection as Detection
    from .detector import Detector as Detector
    from .detector import load_detector as load_detector
    from .errors import DetectionError as DetectionError
    from .errors import FerOnnxError as FerOnnxError
    from .errors import ImageError as ImageError
    from .errors import ModelError as ModelError
    from .errors import ModelNotFoundError as ModelNotFoundError
    from .errors import VideoError as VideoError
    from .evaluation.evaluate import evaluate as evaluate
    from .images import read_image as read_image
    from .limits import Limits as Limits
    from .modelfile import bundled_models as bundled_models
    from .overlay import annotate as annotate
    from .prediction import Face as Face
    from .prediction import Prediction as Prediction
    from .reader import read_faces as read_faces
    from .tracking import Tracker as Tracker

__version__ = "0.4.0"

_HOMES = {
    "Classifier": "classifier",
    "load": "classifier",
    "Detection": "detector",
    "Detector": "detector",
    "load_detector": "detector",
    "DetectionError": "errors",
    "FerOnnxError": "errors",
    "ImageError": "errors",
    "ModelError": "errors",
    "ModelNotFoundError": "errors",
    "VideoError": "errors",
    "evaluate": "evaluation.evaluate",
    "read_image": "images",
    "Limits": "limits",
    "bundled_models": "modelfile",
    "annotate": "overlay",
    "Face": "prediction",
    "Prediction": "prediction",
    "read_faces": "reader",
    "Tracker": "tracking",
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

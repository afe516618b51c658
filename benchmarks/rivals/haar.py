"""OpenCV 4's detector of Haar features, which `fer` uses."""

from collections.abc import Sequence
from importlib import import_module
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from fer_onnx.detector import Detection

GET_HAAR = "pip install 'opencv-python-headless<5'"


class Haar:
    """The cascades of Haar features (Viola & Jones 2001)."""

    def __init__(self) -> None:
        """Open the cascade that the package brings.

        Raises:
            ImportError: OpenCV 4 is not installed; `GET_HAAR` brings it.
        """
        opencv: Any = import_module("cv2")
        if not hasattr(opencv, "CascadeClassifier"):
            raise ImportError(f"OpenCV {opencv.__version__} has no cascades")
        file = Path(opencv.data.haarcascades) / "haarcascade_frontalface_default.xml"
        self._cascade = opencv.CascadeClassifier(str(file))

    def detect(self, image: Image.Image) -> list[Detection]:
        """Return the faces found, with the level of the cascade's last stage as score."""
        boxes, _, levels = self._cascade.detectMultiScale3(
            np.asarray(image.convert("L")), 1.1, 3, outputRejectLevels=True
        )
        return to_detections(np.array(boxes).tolist(), np.ravel(levels).tolist())


def to_detections(boxes: Sequence[Sequence[int]], levels: Sequence[float]) -> list[Detection]:
    """Convert boxes (x, y, width, height) and levels to detections, scores from 0 to 1."""
    return [
        Detection((x, y, width, height), 1 / (1 + exp(-level / 4)))
        for (x, y, width, height), level in zip(boxes, levels, strict=True)
    ]

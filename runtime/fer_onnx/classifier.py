"""One model file, ready to answer: face in, scores out."""

import os
from collections.abc import Iterable
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from .errors import ModelError
from .images import ChannelOrder, ImageSource, read_image
from .legibility import FINE, is_legible
from .limits import DEFAULT as DEFAULT_LIMITS
from .limits import Limits
from .metadata import KEY, ModelInfo
from .modelfile import locate, name_source, read_model
from .modelfile.bounds import choose_batch
from .modelfile.fields import show
from .modelfile.guard import FLOAT, UINT8, Array, Contents, check_model
from .prediction import Prediction
from .preprocess import to_array
from .session import Providers, first_line, open_session

DEFAULT = "emotions"
ROUNDING = 1e-3  # by how much the scores of a network may miss a sum of 1


class Classifier:
    """A model file, ready to answer what faces look like; safe to call from several threads.

    It can be pickled: what comes out opens the same file again, by its name or absolute path.

    Attributes:
        info: what the model file says of itself.
    """

    def __init__(
        self,
        source: str | os.PathLike[str] = DEFAULT,
        threads: int | None = None,
        providers: Providers | None = None,
    ) -> None:
        """Open a model file.

        Args:
            source: name of a bundled model, or path of a model file.
            threads: processor threads for one face; None for what the environment variable
                `FER_ONNX_THREADS` says, or 1.
            providers: onnxruntime's execution providers, best first: a name, names, or its pairs
                (name, options); the CPU's by default.

        Raises:
            ModelNotFoundError: neither a bundled model nor a file.
            ModelError: not a model file that this version can use.
            FerOnnxError: `FER_ONNX_THREADS` is no number of threads.
            ValueError: arguments of other types, fewer than one thread, or providers that this
                onnxruntime does not have.
        """
        name = name_source(source)
        data = read_model(name)
        contents = check_model(data, name)
        self.info = _read_info(contents, name)
        _check_fit(contents, self.info, name)
        self._outputs = frozenset(contents.outputs)
        self._batch = choose_batch(contents, name)
        self._session = open_session(data, name, threads, providers)
        self._opened = (locate(name), threads, providers)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._opened

    def __repr__(self) -> str:
        info, spec = self.info, self.info.input
        return (
            f"<Classifier {info.name} {info.version}: {', '.join(info.labels)}; "
            f"{spec.width}x{spec.height} {spec.colour}, {info.precision}>"
        )

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the model's outputs."""
        return self.info.labels

    @property
    def has_evidence(self) -> bool:
        """Whether the model says where it looked."""
        return "evidence" in self._outputs

    def predict(
        self,
        image: ImageSource,
        *,
        evidence: bool = False,
        colour: ChannelOrder = "rgb",
        limits: Limits = DEFAULT_LIMITS,
    ) -> Prediction:
        """Return the answer for a picture that is one face.

        The whole picture is taken for the face: no face is searched for. For a photograph use
        `fer_onnx.read_faces`, which finds the faces in it. A face that is too small or too
        blurred to read is `uncertain`, whatever its score.

        Args:
            image: whatever `fer_onnx.read_image` takes.
            evidence: whether to say where the model looked.
            colour: the order of an array's channels, "rgb", or "bgr" as OpenCV has it.
            limits: what reading the picture may cost.

        Raises:
            ImageError: the picture cannot be used.
            ModelError: evidence is asked of a model that has none, or what it answers are no
                scores.
            ValueError: another colour, or limits that are none.
        """
        return self.predict_batch([image], evidence=evidence, colour=colour, limits=limits)[0]

    def predict_batch(
        self,
        images: Iterable[ImageSource],
        *,
        evidence: bool = False,
        colour: ChannelOrder = "rgb",
        limits: Limits = DEFAULT_LIMITS,
    ) -> list[Prediction]:
        """Return the answers for several pictures, each of one face, in order.

        Args:
            images: whatever `fer_onnx.read_image` takes, several of it; read as they come.
            evidence: whether to say where the model looked.
            colour: the order of the arrays' channels, "rgb", or "bgr" as OpenCV has it.
            limits: what reading one picture may cost.

        Raises:
            ImageError: one of the pictures cannot be used.
            ModelError: evidence is asked of a model that has none, or what it answers are no
                scores.
            ValueError: one picture instead of several, another colour, or limits that are none.
        """
        if _is_one(images):
            raise ValueError(f"images: expected several pictures, not {type(images).__name__}")
        if evidence and not self.has_evidence:
            raise ModelError(f"{self.info.name}: this model does not say where it looks")
        answers: list[Prediction] = []
        pictures = iter(images)
        while chunk := list(islice(pictures, self._batch)):
            faces = [self._prepare(read_image(image, limits, colour=colour)) for image in chunk]
            predictions = self._answer(np.stack([array for array, _ in faces]), evidence)
            answers += [
                prediction if legible else prediction.illegible()
                for prediction, (_, legible) in zip(predictions, faces, strict=True)
            ]
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

    def _prepare(self, face: Image.Image) -> tuple[npt.NDArray[np.uint8], bool]:
        """Return what the network reads of a face, and whether the face can be read at all."""
        array = to_array(face, self.info.input)
        return array, is_legible(face, array if self.info.input == FINE else None)

    def _answer(self, batch: npt.NDArray[np.uint8], evidence: bool) -> list[Prediction]:
        wanted = ["probabilities", "evidence"] if evidence else ["probabilities"]
        probabilities, *maps = self._run(wanted, batch)
        self._check_answer(probabilities, maps, len(batch))
        return [
            Prediction.from_scores(
                # summed in float64 so that the scores a person sees add up to 1
                dict(zip(self.labels, (row / row.sum()).tolist(), strict=True)),
                self.info.uncertain_below,
                dict(zip(self.labels, maps[0][i], strict=True)) if maps else None,
            )
            for i, row in enumerate(probabilities.astype(np.float64))
        ]

    def _check_answer(
        self, probabilities: npt.NDArray[np.float32], maps: list[Any], faces: int
    ) -> None:
        """Refuse what are no scores: a network with broken weights answers too."""
        labels = len(self.labels)
        fits = probabilities.shape == (faces, labels) and (probabilities >= 0).all()
        if not fits or not (np.abs(probabilities.sum(axis=1) - 1) <= ROUNDING).all():
            raise ModelError(
                f"{self.info.name}: the model's answer is not usable; expected scores from 0 to 1 "
                "that sum to 1"
            )
        if maps and not (maps[0].shape[:2] == (faces, labels) and np.isfinite(maps[0]).all()):
            raise ModelError(
                f"{self.info.name}: where the model looked is not usable; expected finite numbers"
            )

    def _run(self, outputs: list[str], batch: npt.NDArray[np.uint8]) -> list[Any]:
        try:
            return list(self._session.run(outputs, {"image": batch}))
        except Exception as exc:  # onnxruntime's errors share no base of their own
            raise ModelError(f"{self.info.name}: {first_line(exc)}") from exc


def load(
    source: str | os.PathLike[str] = DEFAULT,
    threads: int | None = None,
    providers: Providers | None = None,
) -> Classifier:
    """Open a model: a bundled one by name, or any model file by path.

    Args:
        source: "emotions", "emotions-fer2013", "happy-sad", or the path of a model file.
        threads: processor threads for one face; None for what the environment variable
            `FER_ONNX_THREADS` says, or 1.
        providers: onnxruntime's execution providers, best first: a name, names, or its pairs
            (name, options); the CPU's by default.

    Raises:
        ModelNotFoundError: neither a bundled model nor a file.
        ModelError: not a model file that this version can use.
        FerOnnxError: `FER_ONNX_THREADS` is no number of threads.
        ValueError: arguments of other types, fewer than one thread, or providers that this
            onnxruntime does not have.
    """
    return Classifier(source, threads, providers)


def _is_one(images: object) -> bool:
    """Return whether this is one picture: a path, bytes, a file, or an image."""
    one = (str, bytes, bytearray, memoryview, os.PathLike, Image.Image)
    return isinstance(images, one) or hasattr(images, "read") or not isinstance(images, Iterable)


def _read_info(contents: Contents, name: str) -> ModelInfo:
    text = contents.metadata.get(KEY)
    if text is None:
        raise ModelError(f"{name}: an ONNX file, but not one made by 'python -m export'")
    try:
        return ModelInfo.from_json(text)
    except ModelError as exc:
        raise ModelError(f"{name}: {exc}") from exc


def _check_fit(contents: Contents, info: ModelInfo, name: str) -> None:
    """Refuse a file whose graph is not what its metadata says."""
    inputs, outputs = contents.inputs, contents.outputs
    spec, labels = info.input, len(info.labels)
    if list(inputs) != ["image"] or inputs["image"].kind != UINT8:
        raise ModelError(f"{name}: expected one uint8 input 'image', found {show(list(inputs))}")
    read = inputs["image"].dims
    shape = (spec.height, spec.width, spec.channels)
    if read[1:] != shape or not isinstance(read[0], str):
        raise ModelError(
            f"{name}: reads {show(read)}, but says (height, width, channels) {shape}, and as many "
            "faces as come"
        )
    for output, rank in (("probabilities", 2), ("evidence", 4)):
        if output == "evidence" and output not in outputs:
            continue
        found = outputs.get(output, Array(0, ()))
        if found.kind != FLOAT or len(found.dims) != rank or found.dims[1] != labels:
            raise ModelError(
                f"{name}: its output {output!r} {show(found.dims)} does not fit its {labels} labels"
            )
    if (maker := contents.maker("probabilities")) != "Softmax":
        raise ModelError(f"{name}: its 'probabilities' are made by {maker}; expected a Softmax")

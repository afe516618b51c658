"""The model file: graph, what it says of itself, and its place on disk."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import numpy.typing as npt
import onnx

from fer_onnx.atomic import draft_of, remove_drafts, write_whole
from fer_onnx.classifier import Classifier
from fer_onnx.metadata import KEY, DetectorInfo, ModelInfo
from fer_onnx.modelfile import SUMS
from train.data.development import CALIBRATED_ON
from train.data.faceset import FaceSet, refuse_other_split
from train.data.targets import judge_of, true_labels
from train.errors import DataError, TrainError
from train.runs.record import Record

from .calibration import (
    Calibration,
    calibrate,
    calibrate_for_strangers,
    leave,
    share_labels,
)
from .description import Choice, describe
from .development import Sample, ask_development
from .fitted import read_calibration, read_figures
from .gate import pass_gate, quantize_most
from .graph import build_release, convert, read_head
from .metrics import AsTrained, Metrics
from .parity import Parity, answer, compare, random_faces, sample_faces
from .quantize import draw_faces, quantize_classifier


def make_model(
    checkpoint: keras.Model,
    record: Record,
    path: Path,
    choice: Choice,
    data: FaceSet | None,
) -> tuple[bytes, ModelInfo, Parity]:
    """Convert one head, calibrate it, compare it with Keras, and describe it.

    Args:
        checkpoint: the Keras model.
        record: its record.
        path: its file, for the digest.
        choice: what is exported.
        data: faces whose validation part chooses strength, temperature and threshold and gives
            the figures, and whose training part tells how frequent labels are; without them the
            model is neither calibrated nor measured. A head fitted to a person's own pictures has
            learned from all of them: it brings temperature, threshold and figures with it, and
            faces tell the ranges of activations alone.

    Returns:
        The ONNX file with its metadata, the metadata, and the comparison with Keras in float32.

    Raises:
        DataError: labels that the head does not have, or a balance or a range of activations to
            be found without data; data without these labels, or of another split of FER2013.
        ParityError: the ONNX file does not answer as the checkpoint does.
        GateError: int8 answers too differently from float32.
    """
    columns = _find_columns(choice, record, path, data)
    if record.kind == "finetune" and choice.precision != "int8":
        data = None
    validation = _choose_validation(choice, record, data) if data else None
    real = validation.faces.images if validation else sample_faces(record.input)
    faces = np.concatenate([random_faces(record.input), real])
    raw = checkpoint.predict(faces, batch_size=64, verbose=0)[choice.head][:, columns]
    trained = raw[-len(real) :]
    calibration = leave(len(columns))
    if record.kind == "finetune":
        calibration = read_calibration(record, len(columns))
    elif validation:
        calibration = _calibrate(trained, validation, choice, record, checkpoint)
    weights = read_head(checkpoint, choice.head, columns, calibration)
    graph = convert(build_release(checkpoint, record.input, choice.head, weights), record.input)
    parity = compare(calibration.apply(raw), graph.SerializeToString(), faces)
    metrics = None
    if validation:
        given: npt.NDArray[np.floating] = calibration.apply(trained)
        if choice.precision == "int8":
            graph, given = _quantize(graph, validation, given, record.seed)
        metrics = _measure(trained, given, calibration, validation, choice)
    if record.kind == "finetune":
        figures = read_figures(record, choice.labels, metrics)
    else:
        figures = metrics.to_dict() if metrics else {}
    info = describe(choice, record, path, calibration, figures)
    onnx.helper.set_model_props(graph, {KEY: info.to_json()})
    return graph.SerializeToString(), info, parity


def write_model(
    model: bytes,
    info: ModelInfo | DetectorInfo,
    out: Path,
    reader: Callable[[Path], object] = Classifier,
) -> Path:
    """Write the file whole or not at all, and its digest into `SHA256SUMS` beside it.

    Args:
        model: the ONNX file.
        info: its metadata.
        out: the folder.
        reader: opens the file, to see whether the runtime does.

    Raises:
        ModelError: the runtime refuses the file.
        TrainError: what is there as `SUMS` is no list of digests.
        OSError: it cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{info.name}.onnx"
    remove_drafts(out)
    sums = _read_sums(out / SUMS)
    with draft_of(path) as draft:
        draft.write_bytes(model)
        reader(draft)
    sums[path.name] = hashlib.sha256(model).hexdigest()
    with write_whole(out / SUMS) as file:
        file.write("".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode())
    return path


def _read_sums(path: Path) -> dict[str, str]:
    """Read the digests of a folder's files by their names; none where there is no list."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    except ValueError as exc:
        raise TrainError(f"{path}: not a list of digests; move it away") from exc


class _Validation(NamedTuple):
    """The faces that calibrate and measure a model.

    Attributes:
        data: the whole data set; its training part tells frequencies and ranges.
        faces: its validation part.
        truth: int array (n,): index of the right label, -1 for faces that do not count.
    """

    data: FaceSet
    faces: FaceSet
    truth: npt.NDArray[np.int64]


def _find_columns(choice: Choice, record: Record, path: Path, data: FaceSet | None) -> list[int]:
    """Return which of the head's labels are kept, and check that nothing asked for needs data."""
    every = record.heads[choice.head]
    if unknown := [label for label in choice.labels if label not in every]:
        raise DataError(f"{path}: no label {', '.join(unknown)}; it has {', '.join(every)}")
    if choice.balance is not None and data is None:
        raise DataError("--balance needs --data: training faces tell how frequent labels are")
    if choice.precision == "int8" and data is None:
        raise DataError("--int8 needs --data: training faces tell the range of every layer")
    return [every.index(label) for label in choice.labels]


def _choose_validation(choice: Choice, record: Record, data: FaceSet) -> _Validation:
    """Choose the faces that calibrate and measure, none of which was trained on."""
    faces = data.split("validation")
    refuse_other_split(record.trained_on, faces)
    truth = true_labels(faces, judge_of(choice.head, faces), choice.labels)
    if not (truth >= 0).any():
        raise DataError(f"{data.name}: no face of {', '.join(choice.labels)} to calibrate by")
    return _Validation(data, faces, truth)


def _calibrate(
    trained: npt.NDArray[np.floating],
    validation: _Validation,
    choice: Choice,
    record: Record,
    checkpoint: keras.Model,
) -> Calibration:
    """Calibrate what the checkpoint answers, float array (n, labels)."""
    if choice.development:
        home = Sample(trained, validation.truth)
        asked = ask_development(
            checkpoint, record, choice.head, choice.labels, home, choice.development
        )
        return calibrate_for_strangers(asked, choice.labels)
    shares = None
    if choice.balance is not None:
        train = validation.data.split("train")
        shares = share_labels(true_labels(train, choice.head, choice.labels), len(choice.labels))
    return calibrate(trained, validation.truth, shares, (choice.balance or 0) / 100)


def _quantize(
    graph: onnx.ModelProto,
    validation: _Validation,
    expected: npt.NDArray[np.floating],
    seed: int,
) -> tuple[onnx.ModelProto, npt.NDArray[np.floating]]:
    """Quantize as much as passes the gate; return the graph and what it answers."""
    drawn = draw_faces(validation.data.split("train").images, seed)

    def attempt(spared: int) -> tuple[onnx.ModelProto, npt.NDArray[np.floating]]:
        quantized = quantize_classifier(graph, drawn, spared)
        given = answer(quantized.SerializeToString(), validation.faces.images)
        pass_gate(expected, given, validation.truth)
        return quantized, given

    return quantize_most(attempt)


def _measure(
    trained: npt.NDArray[np.floating],
    given: npt.NDArray[np.floating],
    calibration: Calibration,
    validation: _Validation,
    choice: Choice,
) -> Metrics:
    """Measure what the file answers, beside what the checkpoint does, each (n, labels)."""
    truth, faces = validation.truth, validation.faces
    metrics = Metrics.measure(given, truth, choice.labels, faces)
    if choice.development:
        metrics = replace(metrics, calibrated_on=f"{metrics.split}, {CALIBRATED_ON}")
    if choice.balance is not None:
        before = Metrics.measure(trained, truth, choice.labels, faces)
        metrics = replace(
            metrics,
            as_trained=AsTrained(before.accuracy, before.mean_recall),
            prior_strength=calibration.strength,
            prior_cost=choice.balance,
        )
    if choice.precision == "int8":
        same = given.argmax(axis=1) == calibration.apply(trained).argmax(axis=1)
        metrics = replace(metrics, same_labels_as_float32=round(float(same.mean()), 4))
    return metrics

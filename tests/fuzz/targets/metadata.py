"""Metadata: what a model file says of itself, and the record of a training."""

from fer_onnx.classifier import Classifier
from fer_onnx.errors import ModelError
from fer_onnx.metadata import DetectorInfo, ModelInfo
from fer_onnx.reader import read_faces

from . import CORPUS, EscapeError, check_line
from .models import FILE, PHOTO

BARE = (CORPUS / "models" / "bare.onnx").read_bytes()  # a model without metadata
BOX = (10, 5, 40, 50)


def answer(data: bytes) -> None:
    """Read metadata alone, and in a model file that is asked for a face."""
    text = data.decode(errors="replace")
    infos = [_read(kind, text) for kind in (ModelInfo, DetectorInfo)]
    for info in filter(None, infos):
        if _read(type(info), info.to_json()) != info:
            raise EscapeError("written and read again, it is another")
    if infos[0] is not None:
        _ask(data)
    try:
        from train.runs.record import Record
    except ModuleNotFoundError:  # Keras is not installed
        return
    try:
        Record.from_json(text)
    except ValueError as exc:
        if "\n" in str(exc):
            raise EscapeError(f"not one line: {exc}") from exc


def mutate(data: bytes, size: int, seed: int) -> bytes:
    """Change some values."""
    from .jsons import mutate

    return mutate(data, size, seed)


def _read(kind: type[ModelInfo] | type[DetectorInfo], text: str) -> ModelInfo | DetectorInfo | None:
    try:
        return kind.from_json(text)
    except ModelError as exc:
        check_line(exc)
        return None


def _ask(text: bytes) -> None:
    from .protobuf import BYTES, write

    entry = [[1, BYTES, b"fer_onnx"], [2, BYTES, text]]
    FILE.write_bytes(BARE + write([[14, BYTES, entry]]))
    try:
        read_faces(PHOTO, model=Classifier(FILE), boxes=[BOX])
    except ModelError as exc:
        check_line(exc)
    finally:
        FILE.unlink()

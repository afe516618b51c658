"""Data sets of training, as tables and archives: faces, or a `TrainError` of one line."""

import contextlib
import io
import tempfile
from collections.abc import Callable
from pathlib import Path

from fer_onnx.metadata import InputSpec
from train.data.formats import VOTE_TABLE, read_dataset
from train.data.nonfaces import draw_windows
from train.data.targets import heads_of, make_target
from train.detection.archive import list_photographs
from train.errors import TrainError

from . import CORPUS, EscapeError
from .models import HOME as MEMORY

SPEC = InputSpec(48, 48)
FACES = (CORPUS / "tables" / "fer2013.csv").read_bytes()


def answer(data: bytes) -> None:
    """Read bytes as an archive, as a table of faces, or as the votes beside one."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        home = Path(folder)
        if data.startswith(b"PK"):
            file = home / "fer2013.zip"
            file.write_bytes(data)
            _try(lambda: _read_faces(file))
            _try(lambda: list_photographs(file))
            _try(lambda: draw_windows(file, SPEC, 2, 0))
            return
        votes = b"pixels" not in data[:100]
        (home / "fer2013.csv").write_bytes(FACES if votes else data)
        if votes:
            (home / VOTE_TABLE).write_bytes(data)
        _try(lambda: _read_faces(home))


def mutate(data: bytes, size: int, seed: int) -> bytes:
    """Change members of an archive, or fields of a table."""
    import random

    from . import zips

    if data.startswith(b"PK"):
        return zips.mutate(data, size, seed)
    return zips.change(data, random.Random(seed))[:size]


def _read_faces(path: Path) -> None:
    faces = read_dataset(path, SPEC)
    for head in heads_of(faces):
        make_target(faces, head, faces.labels)


def _try(read: Callable[[], object]) -> None:
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            read()
    except TrainError as exc:
        if "\n" in str(exc):
            raise EscapeError(f"not one line: {str(exc)!r}") from exc

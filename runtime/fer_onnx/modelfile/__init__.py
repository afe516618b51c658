"""Model files as bytes: the bundled ones by name, any other by path.

What a file may hold is for `guard` to say.
"""

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ModelError, ModelNotFoundError
from ..regular import open_regular

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

MODELS = Path(__file__).parents[1] / "models"
SUMS = "SHA256SUMS"  # written by `python -m export`
FINDER = "faces"  # the bundled model that finds faces; the others read them
MAX_BYTES = 2**29  # of a model file; the largest network of `train` makes one of 190 MB


def bundled_models() -> list[str]:
    """Return the names of the models that come with the package and read faces."""
    return sorted(name for name in _find_bundled() if name != FINDER)


def __getattr__(name: str) -> object:
    """Keep the names of version 0.4.0 for one more version."""
    if name != "bundled_names":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import warnings

    text = "fer_onnx.modelfile.bundled_names is now fer_onnx.bundled_models"
    warnings.warn(text, DeprecationWarning, stacklevel=2)
    return bundled_models


def read_model(source: str | os.PathLike[str]) -> bytes:
    """Read a model file: a bundled one by name, any other by path.

    Raises:
        ModelNotFoundError: neither a bundled name nor a file, or a bundled file that is missing.
        ModelError: not a file, too large, unreadable, or a bundled file that is not the one that
            was released.
        ValueError: neither a name nor a path.
    """
    name = name_source(source)
    bundled = _find_bundled()
    if name in bundled:
        return _read_bundled(name, bundled[name])
    try:
        return _read_file(name)
    except (FileNotFoundError, NotADirectoryError) as exc:
        names = ", ".join(bundled_models()) or "none: the package's folder of models is missing"
        raise ModelNotFoundError(
            f"{name}: no such file, and no bundled model of that name ({names})"
        ) from exc
    except ModelError:
        raise
    except (OSError, ValueError) as exc:
        reason = "cannot be read"
        if isinstance(exc, OSError) and not exc.errno:  # another kind of file
            reason = exc.strerror or reason
        raise ModelError(f"{name}: {reason}, expected an ONNX model file") from exc


def name_source(source: object) -> str:
    """Return a name or path as text; raise ValueError if it is neither."""
    if isinstance(source, str | os.PathLike):
        name = os.fspath(source)
        if isinstance(name, str):
            return name
    raise ValueError(f"expected the name of a model or a path, not {type(source).__name__}")


def locate(name: str) -> str:
    """Return a bundled model's name as it is, and of any other file the absolute path."""
    return name if name in _find_bundled() else os.path.abspath(name)  # noqa: PTH100


def _find_bundled() -> dict[str, str | None]:
    """Return the bundled models by name, with the digest recorded of each, if any.

    Raises:
        ModelError: the disk fails.
    """
    folder = _open_folder()
    if not folder.is_dir():
        return {}
    sums = folder / SUMS
    try:
        lines = sums.read_text(encoding="utf-8").splitlines() if sums.is_file() else []
        found = {entry.name for entry in folder.iterdir()}
    except OSError as exc:
        raise ModelError(f"the bundled models cannot be read ({exc.strerror})") from exc
    recorded = {line.split()[1]: line.split()[0] for line in lines}
    files = found | recorded.keys()
    return {file[:-5]: recorded.get(file) for file in files if file.endswith(".onnx")}


def _open_folder() -> "Traversable":
    """Return where the bundled models are, also if the package lies in a zip file."""
    if MODELS.is_dir():
        return MODELS
    from importlib.resources import files  # its import takes longer than a model's opening

    return files("fer_onnx") / MODELS.name


def _read_bundled(name: str, digest: str | None) -> bytes:
    try:
        data = (_open_folder() / f"{name}.onnx").read_bytes()
    except FileNotFoundError as exc:
        raise ModelNotFoundError(f"{name}: bundled model is missing; reinstall fer-onnx") from exc
    except OSError as exc:
        raise ModelError(f"{name}: bundled model cannot be read ({exc.strerror})") from exc
    if hashlib.sha256(data).hexdigest() != digest:
        raise ModelError(f"{name}: bundled model fails its checksum; reinstall fer-onnx")
    return data


def _read_file(name: str) -> bytes:
    with open_regular(name) as file:
        _check_size(os.fstat(file.fileno()).st_size, name)
        data = file.read(MAX_BYTES + 1)
    _check_size(len(data), name)  # it may have grown since
    return data


def _check_size(size: int, name: str) -> None:
    if size > MAX_BYTES:
        raise ModelError(f"{name}: larger than {MAX_BYTES // 2**20} MB, too large for a model")

"""Models for functions that take one by name: each bundled one is opened once and shared."""

import os
import threading
from functools import cache

from .classifier import DEFAULT, Classifier, load
from .modelfile import bundled_models, name_source


def open_model(model: Classifier | str | os.PathLike[str] | None = None) -> Classifier:
    """Return the model that an argument `model` stands for.

    Args:
        model: a model, which is returned as it is; or what `load` takes: a bundled model is opened
            once and kept, another file at every call; the bundled default if None.

    Raises:
        ModelNotFoundError: neither a bundled model nor a file.
        ModelError: not a model file that this version can use.
        ValueError: a model of another type.
    """
    if model is not None and not isinstance(model, str | os.PathLike):
        if not hasattr(model, "predict_batch"):
            raise ValueError(
                f"model: expected a Classifier, a name or a path, not {type(model).__name__}"
            )
        return model
    name = DEFAULT if model is None else name_source(model)
    if name != DEFAULT and name not in bundled_models():
        return load(name)
    with _LOCK:
        return _open_bundled(name)


_LOCK = threading.Lock()


@cache
def _open_bundled(name: str) -> Classifier:
    return load(name)

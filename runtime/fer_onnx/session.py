"""An onnxruntime session for one face at a time, on a small machine or beside many others.

One thread: a face is so little work that a second one is kept waiting more than it helps, and a
server answers several faces at once instead. Threads, where more are asked for, do not spin. No
memory arena: it keeps all that the largest batch took, twice what is left without, and is no
faster (`python -m benchmarks endurance`, `--defaults`; `python -m benchmarks engines`).
"""

import operator
import os
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import onnxruntime as ort

from .errors import FerOnnxError, ModelError

MAX_THREADS = 1024  # far more make onnxruntime hang
THREADS = "FER_ONNX_THREADS"  # environment variable: threads where the program names none
CPU = "CPUExecutionProvider"

Provider: TypeAlias = str | tuple[str, Mapping[str, Any]]  # a name, or a name with its options
Providers: TypeAlias = Provider | Sequence[Provider]


def open_session(
    data: bytes,
    name: str,
    threads: int | None = None,
    providers: Providers | None = None,
) -> ort.InferenceSession:
    """Open a model.

    Args:
        data: the model file.
        name: what it is called in messages.
        threads: processor threads for one run; None for what `FER_ONNX_THREADS` says, or 1.
        providers: onnxruntime's execution providers, best first: a name, names, or its pairs
            (name, options); None for the CPU's.

    Raises:
        ModelError: onnxruntime cannot use the file, or cannot start any of the providers.
        FerOnnxError: `FER_ONNX_THREADS` is no number of threads.
        ValueError: no such number of threads, or providers that this onnxruntime does not have.
    """
    chosen = _choose_providers(providers or CPU)
    names = [each if isinstance(each, str) else each[0] for each in chosen]
    options = ort.SessionOptions()
    options.intra_op_num_threads = _choose_threads(threads)
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False  # without an arena it only asks for one large block a run
    options.log_severity_level = 4  # what goes wrong is raised, not printed
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.load_model_format", "ONNX")  # never its own format
    try:
        session = ort.InferenceSession(
            data,
            options,
            providers=chosen,
            enable_fallback=0,  # it prints to stdout and tries the same again
        )
    except Exception as exc:  # onnxruntime's errors share no base of their own
        raise ModelError(f"{name}: not a usable ONNX model ({first_line(exc)})") from exc
    if not set(names) & set(session.get_providers()):  # it falls back on the CPU unasked
        raise ModelError(f"{name}: {', '.join(names)} cannot be used on this machine")
    return session


def first_line(exc: BaseException) -> str:
    """Return the first line of an error's message, or the name of its class."""
    return (str(exc) or type(exc).__name__).splitlines()[0]


def _choose_threads(threads: int | None) -> int:
    if threads is None:
        text = os.environ.get(THREADS) or "1"
        if not text.isdecimal() or not 1 <= int(text) <= MAX_THREADS:
            raise FerOnnxError(
                f"{THREADS}: expected a whole number from 1 to {MAX_THREADS}: {text!r}"
            )
        return int(text)
    try:
        number = operator.index(threads)
    except TypeError:
        number = 0
    if isinstance(threads, bool) or not 1 <= number <= MAX_THREADS:
        raise ValueError(f"threads must be from 1 to {MAX_THREADS}: {threads!r}")
    return number


def _choose_providers(providers: Providers) -> list[str | tuple[str, dict[str, Any]]]:
    """Return providers as onnxruntime takes them."""
    single = isinstance(providers, str) or _is_pair(providers)
    listed = [providers] if single else providers
    if not isinstance(listed, Sequence):
        raise ValueError(f"providers: expected a name or several, not {providers!r}")
    chosen: list[str | tuple[str, dict[str, Any]]] = []
    for each in listed:
        if isinstance(each, str):
            chosen.append(each)
        elif _is_pair(each):
            chosen.append((each[0], dict(each[1])))  # type: ignore[index, arg-type]
        else:
            raise ValueError(f"providers: expected names, or pairs (name, options), not {each!r}")
    there = ort.get_available_providers()
    names = [each if isinstance(each, str) else each[0] for each in chosen]
    if missing := [name for name in names if name not in there]:
        raise ValueError(
            f"providers: this onnxruntime lacks {', '.join(missing)}; it has {', '.join(there)}"
        )
    return chosen


def _is_pair(each: object) -> bool:
    return (
        isinstance(each, tuple | list)
        and len(each) == 2
        and isinstance(each[0], str)
        and isinstance(each[1], Mapping)
    )

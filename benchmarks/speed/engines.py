"""The same network in other engines, one face on one core: plain onnxruntime, LiteRT, Keras.

Needs: the checkpoint in `checkpoints/`; LiteRT (`pip install ai-edge-litert`) and TensorFlow
(`pip install -e '.[train]'`).
"""

import argparse
import hashlib
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..harness.machine import pin_core, read_versions
from ..harness.options import add_model, add_rounds
from ..harness.report import Report
from ..harness.table import Table
from ..harness.timing import take_turns
from ..rivals.litert import GET_LITERT, open_litert
from .speed import find_siblings

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from fer_onnx.metadata import ModelInfo

CHECKPOINTS = Path(__file__).parents[2] / "checkpoints"
CALLS = 10  # timed in a turn
LITERT, KERAS = "LiteRT, float32", "Keras model(x), float32"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add_model(parser)
    parser.add_argument(
        "--checkpoint",
        type=Path,
        metavar="FILE",
        help="the Keras file it was made from (default: the one in checkpoints/ of its digest)",
    )
    add_rounds(parser, 30, f"turns, of {CALLS} calls each")


def measure(options: argparse.Namespace) -> Report:
    """Time every engine on one face of noise."""
    core = pin_core()
    import numpy as np

    import fer_onnx

    model = fer_onnx.load(options.model, threads=1)
    spec = model.info.input
    shape = (1, spec.height, spec.width, spec.channels)
    face = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    notes: list[str] = []
    files = {options.model: model, **find_siblings(options.model, model)}
    tasks: dict[str, Callable[[], object]] = {
        **{
            f"fer_onnx, {name}, {each.info.precision}": partial(each.run, face)
            for name, each in files.items()
        },
        f"onnxruntime, {options.model}, one thread, else as it comes": _open_defaults(
            options.model, face
        ),
        **_open_others(model.info, face, options.checkpoint, notes),
    }
    times = take_turns(tasks, options.rounds, CALLS, time.process_time)
    base = next(iter(times.values()))
    figures = {
        name: {"ms": 1e3 * seconds, "times": seconds / base} for name, seconds in times.items()
    }
    return Report(
        f"engines: {options.model}; processor time of one face, one thread, {core}; "
        f"median of {options.rounds} turns of {CALLS} calls",
        [
            Table(
                ["engine", "ms", "÷ the first"],
                [[name, f"{f['ms']:.3f}", f"{f['times']:.2f}"] for name, f in figures.items()],
                notes,
            )
        ],
        read_versions("fer-onnx", "onnxruntime", "ai-edge-litert", "keras", "tensorflow-cpu"),
        figures,
    )


def _open_defaults(source: str, face: "npt.NDArray[np.uint8]") -> Callable[[], object]:
    """Open a model as onnxruntime does by itself, but for its threads.

    It starts one for every core, and they go on spinning after a run: kept on one core, they
    would slow down the task whose turn comes next.
    """
    import onnxruntime as ort

    from fer_onnx.modelfile import read_model

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(read_model(source), options)
    return partial(session.run, ["probabilities"], {"image": face})


def _open_others(
    info: "ModelInfo",
    face: "npt.NDArray[np.uint8]",
    checkpoint: Path | None,
    notes: list[str],
) -> dict[str, Callable[[], object]]:
    """Open the checkpoint in Keras and in LiteRT, as far as they are installed."""
    files = [checkpoint] if checkpoint else sorted(CHECKPOINTS.glob("*.keras"))
    file = next((file for file in files if _digest(file) == info.checkpoint_sha256), None)
    if file is None:
        notes.append("Keras, LiteRT: skipped; --checkpoint must be what the model was made from")
        return {}
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        import tensorflow as tf
    except ImportError:
        notes.append("Keras, LiteRT: skipped; get them with  pip install -e '.[train]'")
        return {}
    from train.runs.checkpoint import read_checkpoint

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    network, _ = read_checkpoint(file)
    tasks: dict[str, Callable[[], object]] = {}
    try:
        tasks[LITERT] = open_litert(network, face.shape[1:])
    except ImportError:
        notes.append(f"LiteRT: skipped; get it with  {GET_LITERT}")
    return tasks | {KERAS: partial(network, tf.constant(face), training=False)}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

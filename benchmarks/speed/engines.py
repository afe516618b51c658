"""The same network in other engines: onnxruntime as it comes, LiteRT, Keras; one face, one core."""

import argparse
import hashlib
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .clock import take_turns
from .lite import GET_LITERT, open_lite
from .machine import describe_machine, pin_core
from .report import print_table
from .speed import find_siblings

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from fer_onnx.metadata import ModelInfo

CHECKPOINTS = Path(__file__).parents[1] / "checkpoints"
PACKAGES = (
    "fer-onnx",
    "onnxruntime",
    "ai-edge-litert",
    "keras",
    "tensorflow",
    "tensorflow-cpu",
)
CALLS = 10  # timed in a turn


def build_parser() -> argparse.ArgumentParser:
    """Describe the options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engines", description=__doc__)
    parser.add_argument("--model", default="emotions", help="a bundled model or an ONNX file")
    parser.add_argument(
        "--checkpoint",
        type=Path,
        help="the Keras file it was made from (default: the one in checkpoints/ of its digest)",
    )
    parser.add_argument("--rounds", type=int, default=30, help=f"turns, of {CALLS} calls each")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Measure and print the table; return 2 with one line on stderr where that cannot be."""
    args = build_parser().parse_args(argv)
    core = pin_core()
    from fer_onnx.errors import FerOnnxError

    try:
        measure(args, core)
    except (FerOnnxError, OSError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2
    return 0


def measure(args: argparse.Namespace, core: str) -> None:
    """Time every engine on one face of noise, and print it."""
    import numpy as np

    import fer_onnx

    model = fer_onnx.load(args.model, threads=1)
    spec = model.info.input
    shape = (1, spec.height, spec.width, spec.channels)
    face = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    notes: list[str] = []
    files = {args.model: model, **find_siblings(args.model, model)}
    tasks = {
        **{
            f"fer_onnx, {name}, {each.info.precision}": partial(each.run, face)
            for name, each in files.items()
        },
        f"onnxruntime, {args.model}, one thread, else as it comes": _open_defaults(
            args.model, face
        ),
        **_open_others(model.info, face, args.checkpoint, notes),
    }
    times = take_turns(tasks, args.rounds, CALLS, time.process_time)
    base = next(iter(times.values()))
    print_table(
        f"engines: {args.model}; processor time of one face, one thread, {core}; "
        f"median of {args.rounds} turns of {CALLS} calls",
        describe_machine(*PACKAGES),
        ["engine", "ms", "÷ the first"],
        [[name, f"{time * 1e3:.3f}", f"{time / base:.2f}"] for name, time in times.items()],
        notes,
    )


def _open_defaults(source: str, face: "npt.NDArray[np.uint8]") -> Callable[[], object]:
    """Open a model as onnxruntime does by itself, but for its threads.

    It starts one for every core, and they go on spinning after a run: kept on one core, they
    would slow down whoever has the next turn.
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
    tasks = {}
    try:
        tasks["LiteRT, float32"] = open_lite(network, face.shape[1:])
    except ImportError:
        notes.append(f"LiteRT: skipped; get it with  {GET_LITERT}")
    return tasks | {"Keras model(x), float32": partial(network, tf.constant(face), training=False)}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())

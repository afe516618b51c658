"""Whether memory stays flat over many predictions, and many threads answer as one does."""

import argparse
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from .machine import describe_machine
from .report import judge_limit, print_table

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Run: TypeAlias = Callable[["npt.NDArray[np.uint8]"], "npt.NDArray[np.float32]"]

STATM = Path("/proc/self/statm")
GROWTH = 2.0  # MB at most, after the first tenth
STEPS = 10
FACES = 64  # different ones, of noise
BATCH = 256  # at once, as a careless program would


def build_parser() -> argparse.ArgumentParser:
    """Describe the options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.endurance", description=__doc__)
    add = parser.add_argument
    add("--model", default="emotions", help="a bundled model or an ONNX file")
    add("--predictions", type=int, default=100_000, help="how many (default: 100000)")
    add("--threads", type=int, default=8, help="that ask one session at once (default: 8)")
    add("--defaults", action="store_true", help="open it as onnxruntime does by itself instead")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Measure and print the table; return 1 if a thread got another answer, 2 if it cannot be."""
    args = build_parser().parse_args(argv)
    if not STATM.exists():
        print("error: memory in use is read from /proc, which this system lacks", file=sys.stderr)
        return 2
    from fer_onnx.errors import FerOnnxError

    try:
        return measure(args)
    except (FerOnnxError, OSError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2


def measure(args: argparse.Namespace) -> int:
    """Ask again and again, first alone, then from many threads; print what memory did."""
    import numpy as np

    import fer_onnx.classifier  # what it imports is not counted

    before = _resident()
    if args.defaults:
        run, shape = _open_defaults(args.model)
        ask = run
    else:
        model = fer_onnx.load(args.model, threads=1)
        run, spec = model.run, model.info.input
        shape = (spec.height, spec.width, spec.channels)

        def ask(batch: "npt.NDArray[np.uint8]") -> object:
            return model.predict(batch[0].squeeze())

    places = [("model open", _resident() - before)]
    faces = np.random.default_rng(0).integers(0, 256, (FACES, *shape), dtype=np.uint8)
    alone = [run(face[None]).tolist() for face in faces]
    places.append((f"{FACES} faces one by one", _resident() - before))
    run(np.resize(faces, (BATCH, *shape)))
    places.append((f"a batch of {BATCH}", _resident() - before))
    each = args.predictions // STEPS
    flat = []
    for step in range(STEPS):
        for number in range(each):
            ask(faces[number % FACES][None])
        flat.append(_resident() - before)
        places.append((f"{(step + 1) * each:,} predictions", flat[-1]))
    with ThreadPoolExecutor(args.threads) as pool:
        order = [number % FACES for number in range(each)]
        together = pool.map(lambda number: run(faces[number][None]).tolist(), order)
        wrong = sum(a != alone[n] for n, a in zip(order, together, strict=True))
    places.append((f"{each:,} from {args.threads} threads", _resident() - before))
    who = "onnxruntime's own settings" if args.defaults else "fer_onnx"
    print_table(
        f"endurance: {args.model}, {who}; memory in use beyond Python and its libraries, in turn",
        describe_machine("fer-onnx", "onnxruntime"),
        ["after", "MB"],
        [[name, f"{place:.1f}"] for name, place in places],
        [
            judge_limit("growth after the first tenth", flat[-1] - flat[0], GROWTH, "MB"),
            f"answers of {args.threads} threads that differ from those of one: {wrong}",
        ],
    )
    return int(wrong > 0)


def _open_defaults(source: str) -> tuple[Run, tuple[int, ...]]:
    """Open a model as onnxruntime does by itself, but on one thread; give its input's shape too."""
    import onnxruntime as ort

    from fer_onnx.modelfile import read_model

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(read_model(source), options)
    shape = tuple(session.get_inputs()[0].shape[1:])
    return lambda batch: session.run(["probabilities"], {"image": batch})[0], shape


def _resident() -> float:
    """Measure the memory of this process that is in use now, in MB."""
    pages = int(STATM.read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    sys.exit(main())

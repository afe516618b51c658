"""Whether memory stays flat over many predictions, and many threads give the same answers as one.

Over 100,000 predictions it may grow by 2 MB after the first tenth. An answer that differs between
threads makes the command fail.

Needs: Linux.
"""

import argparse
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeAlias

from ..harness.machine import read_versions
from ..harness.options import add_model
from ..harness.process import measure_resident
from ..harness.report import Report
from ..harness.table import Table, judge_limit

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Run: TypeAlias = Callable[["npt.NDArray[np.uint8]"], "npt.NDArray[np.float32]"]
Ask: TypeAlias = Callable[["npt.NDArray[np.uint8]"], object]

GROWTH = 2.0  # MB at most, after the first tenth
STEPS = 10
FACES = 64  # different ones, of noise
BATCH = 256  # at once, as a careless program would


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add_model(parser)
    add = parser.add_argument
    add("--predictions", type=int, default=100_000, help="how many (default: 100000)")
    add("--threads", type=int, default=32, help="that ask one session at once (default: 32)")
    add("--defaults", action="store_true", help="open it as onnxruntime does by itself instead")


def measure(options: argparse.Namespace) -> Report:
    """Ask again and again, first alone, then from many threads.

    Raises:
        OSError: this system does not say how much memory is in use.
    """
    import numpy as np

    import fer_onnx.classifier  # noqa: F401 — what it imports is not counted

    before = measure_resident()
    run, ask, shape = _open(options.model, options.defaults)
    places = {"model open": measure_resident() - before}
    faces = np.random.default_rng(0).integers(0, 256, (FACES, *shape), dtype=np.uint8)
    alone = [run(face[None]).tolist() for face in faces]
    places[f"{FACES} faces one by one"] = measure_resident() - before
    run(np.resize(faces, (BATCH, *shape)))
    places[f"a batch of {BATCH}"] = measure_resident() - before
    each = options.predictions // STEPS
    flat = []
    for step in range(STEPS):
        for number in range(each):
            ask(faces[number % FACES][None])
        flat.append(measure_resident() - before)
        places[f"{(step + 1) * each:,} predictions"] = flat[-1]
    with ThreadPoolExecutor(options.threads) as pool:
        order = [number % FACES for number in range(each)]
        together = pool.map(lambda number: run(faces[number][None]).tolist(), order)
        wrong = sum(a != alone[n] for n, a in zip(order, together, strict=True))
    places[f"{each:,} from {options.threads} threads"] = measure_resident() - before
    who = "onnxruntime's own settings" if options.defaults else "fer_onnx"
    return Report(
        f"endurance: {options.model}, {who}; memory in use beyond Python and its libraries, in "
        "turn",
        [
            Table(
                ["after", "MB"],
                [[name, f"{place:.1f}"] for name, place in places.items()],
                [
                    judge_limit("growth after the first tenth", flat[-1] - flat[0], GROWTH, "MB"),
                    f"answers of {options.threads} threads that differ from those of one: {wrong}",
                ],
            )
        ],
        read_versions("fer-onnx", "onnxruntime"),
        {"MB": places, "growth": flat[-1] - flat[0], "wrong": wrong},
        failed=wrong > 0,
    )


def _open(source: str, defaults: bool) -> tuple[Run, Ask, tuple[int, ...]]:
    """Open a model; return what runs it, what is asked again and again, and the input's shape."""
    if defaults:
        run, shape = _open_defaults(source)
        return run, run, shape
    import fer_onnx

    model = fer_onnx.load(source, threads=1)
    spec = model.info.input
    shape = (spec.height, spec.width, spec.channels)
    return model.run, lambda batch: model.predict(batch[0].squeeze()), shape


def _open_defaults(source: str) -> tuple[Run, tuple[int, ...]]:
    """Open a model as onnxruntime does by itself, but on one thread; return its input shape too."""
    import onnxruntime as ort

    from fer_onnx.modelfile import read_model

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(read_model(source), options)
    shape = tuple(session.get_inputs()[0].shape[1:])
    return lambda batch: session.run(["probabilities"], {"image": batch})[0], shape

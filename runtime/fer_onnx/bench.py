"""How fast a model is on this machine."""

import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from time import perf_counter

import numpy as np
import onnxruntime as ort

from .classifier import Classifier, load

BATCHES = (1, 8, 32)
LOADS = 5


@dataclass(frozen=True, slots=True)
class Throughput:
    """Hold how many faces a second go through the network, preprocessed already."""

    threads: int
    batch: int
    faces_per_second: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """Hold what was measured.

    Attributes:
        model: name of the model.
        version: version of its weights.
        machine: kind of processor.
        processors: how many this process may use.
        onnxruntime: version of onnxruntime.
        load_ms: median time to open the model file, imports not counted.
        median_ms: median time of `predict` for one face, warm, one thread.
        p95_ms: 19 of 20 faces take no longer.
        peak_memory_mb: the most memory that this process held until then, Python and libraries
            included; None where the system does not say.
        throughput: faces a second, by threads and batch.
    """

    model: str
    version: str
    machine: str
    processors: int
    onnxruntime: str
    load_ms: float
    median_ms: float
    p95_ms: float
    peak_memory_mb: float | None
    throughput: tuple[Throughput, ...]


def measure(source: str, seconds: float = 1.0) -> Measurement:
    """Measure a model.

    Args:
        source: name of a bundled model, or path of a model file.
        seconds: how long one face is asked about again and again; every figure of throughput
            takes a third of that.

    Raises:
        ModelError: the model cannot be used.
    """
    model = load(source)
    loads = [_time(lambda: load(source)) for _ in range(LOADS)]
    spec = model.info.input
    shape = (spec.height, spec.width, spec.channels)
    noise = np.random.default_rng(0).integers(0, 256, (max(BATCHES), *shape), dtype=np.uint8)
    face = noise[0].squeeze()
    times = _repeat(lambda: model.predict(face), seconds)
    memory = _peak_memory()
    processors = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    throughput = []
    for threads in sorted({1, (processors + 1) // 2, processors}):
        model = load(source, threads)
        for batch in BATCHES:
            runs = _repeat(_runner(model, noise[:batch]), seconds / 3)
            throughput.append(Throughput(threads, batch, batch / float(np.median(runs))))
    return Measurement(
        model=model.info.name,
        version=model.info.version,
        machine=f"{platform.system()} {platform.machine()}",
        processors=processors,
        onnxruntime=ort.__version__,
        load_ms=1000 * float(np.median(loads)),
        median_ms=1000 * float(np.median(times)),
        p95_ms=1000 * float(np.percentile(times, 95)),
        peak_memory_mb=memory,
        throughput=tuple(throughput),
    )


def to_text(found: Measurement) -> str:
    """Say for people what was measured."""
    memory = "unknown" if found.peak_memory_mb is None else f"{found.peak_memory_mb:.0f} MB"
    rows = {row.threads: "" for row in found.throughput}
    for row in found.throughput:
        rows[row.threads] += f"{row.faces_per_second:>10.0f}"
    lines = [
        f"{found.model} {found.version} on {found.machine}, {found.processors} processors, "
        f"onnxruntime {found.onnxruntime}",
        f"  load         {found.load_ms:.1f} ms",
        f"  one face     {found.median_ms:.2f} ms median, {found.p95_ms:.2f} ms p95, 1 thread",
        f"  peak memory  {memory}",
        "  faces a second",
        f"    {'threads':8}" + "".join(f"{f'batch {batch}':>10}" for batch in BATCHES),
        *(f"    {threads:<8}{figures}" for threads, figures in rows.items()),
    ]
    return "\n".join(lines) + "\n"


def to_json(found: Measurement) -> str:
    """Give what was measured as JSON."""
    return json.dumps(asdict(found), indent=2) + "\n"


WRITERS = {"text": to_text, "json": to_json}


def _runner(model: Classifier, batch: "np.typing.NDArray[np.uint8]") -> Callable[[], object]:
    return lambda: model.run(batch)


def _repeat(work: Callable[[], object], seconds: float) -> list[float]:
    """Time work again and again, in seconds each, after a tenth of the time to warm up."""
    _times(work, seconds / 10)
    return _times(work, seconds)


def _times(work: Callable[[], object], seconds: float) -> list[float]:
    end = perf_counter() + seconds
    times = [_time(work)]
    while perf_counter() < end:
        times.append(_time(work))
    return times


def _time(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def _peak_memory() -> float | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10  # bytes there, KiB here

"""How fast a model is on this machine."""

import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from time import perf_counter

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from ..classifier import Classifier, load
from ..modelfile import read_model
from .cpu import Processor, read_processor
from .flops import count_multiply_adds, open_product

BATCHES = (1, 8, 32)
LOADS = 5
TURNS = 5  # of the network and the matrix product, so that a busy moment falls on both


@dataclass(frozen=True, slots=True)
class Throughput:
    """How many faces a second, preprocessed already, go through the network."""

    threads: int
    batch: int
    faces_per_second: float


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """The network's speed beside the highest that one core reaches.

    Attributes:
        multiply_adds: that the network does for one face, in float32 or int8.
        gflops: operations a second of the network, two for each multiply-add, in billions; one
            face, one thread.
        peak_gflops: the same of a product of two float32 matrices, measured in turns with it.
        share: one divided by the other; int8 may exceed 1.
    """

    multiply_adds: int
    gflops: float
    peak_gflops: float
    share: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was measured of a model.

    Attributes:
        model: name of the model.
        version: version of its weights.
        precision: "float32" or "int8".
        machine: system and kind of machine.
        processor: its name, and the instructions that it has for networks.
        processors: how many this process may use.
        onnxruntime: version of onnxruntime.
        load_ms: median time to open the model file, imports not counted.
        median_ms: median time of `predict` for one face, warm, one thread.
        p95_ms: 19 of 20 faces take no longer.
        peak_memory_mb: the most memory that this process held until then, Python and libraries
            included; None where the system does not say.
        arithmetic: how much of what one core can do at best the network does.
        throughput: faces a second, by threads and batch.
    """

    model: str
    version: str
    precision: str
    machine: str
    processor: Processor
    processors: int
    onnxruntime: str
    load_ms: float
    median_ms: float
    p95_ms: float
    peak_memory_mb: float | None
    arithmetic: Arithmetic
    throughput: tuple[Throughput, ...]


def measure(source: str, seconds: float = 1.0) -> Measurement:
    """Measure a model.

    Args:
        source: name of a bundled model, or path of a model file.
        seconds: how long one face is asked about again and again; so long as well for the
            arithmetic, and a third of it for every figure of throughput.

    Raises:
        ModelError: the model cannot be used.
    """
    model = load(source, threads=1)
    loads = [_time(lambda: load(source, threads=1)) for _ in range(LOADS)]
    spec = model.info.input
    shape = (spec.height, spec.width, spec.channels)
    noise = np.random.default_rng(0).integers(0, 256, (max(BATCHES), *shape), dtype=np.uint8)
    face = noise[0].squeeze()
    times = _repeat(lambda: model.predict(face), seconds)
    memory = _peak_memory()
    arithmetic = _measure_arithmetic(model, read_model(source), noise[:1], seconds)
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
        precision=model.info.precision,
        machine=f"{platform.system()} {platform.machine()}",
        processor=read_processor(),
        processors=processors,
        onnxruntime=ort.__version__,
        load_ms=1000 * float(np.median(loads)),
        median_ms=1000 * float(np.median(times)),
        p95_ms=1000 * float(np.percentile(times, 95)),
        peak_memory_mb=memory,
        arithmetic=arithmetic,
        throughput=tuple(throughput),
    )


def to_text(found: Measurement) -> str:
    """Return a measurement as text for people."""
    memory = "unknown" if found.peak_memory_mb is None else f"{found.peak_memory_mb:.0f} MB"
    sums, dots = found.arithmetic, _describe_dots(found.processor)
    above = ", which int8 may exceed" if found.precision == "int8" else ""
    rows = {row.threads: "" for row in found.throughput}
    for row in found.throughput:
        rows[row.threads] += f"{row.faces_per_second:>10.0f}"
    lines = [
        f"{found.model} {found.version}, {found.precision}, on {found.machine}, "
        f"{found.processors} processors, onnxruntime {found.onnxruntime}",
        f"  processor    {found.processor.name}",
        f"  int8         {dots}",
        f"  load         {found.load_ms:.1f} ms",
        f"  one face     {found.median_ms:.2f} ms median, {found.p95_ms:.2f} ms p95, 1 thread",
        f"  arithmetic   {sums.multiply_adds / 1e6:.0f} million multiply-adds a face, "
        f"{sums.gflops:.0f} GFLOP/s",
        f"  share        {sums.share:.0%} of the {sums.peak_gflops:.0f} GFLOP/s of a float32 "
        f"matrix product on the same core{above}",
        f"  peak memory  {memory}",
        "  faces a second",
        f"    {'threads':8}" + "".join(f"{f'batch {batch}':>10}" for batch in BATCHES),
        *(f"    {threads:<8}{figures}" for threads, figures in rows.items()),
    ]
    return "\n".join(lines) + "\n"


def _describe_dots(processor: Processor) -> str:
    if processor.dot_products is None:
        return "not known whether the processor has dot-product instructions"
    names = ", ".join(processor.dot_products)
    return f"dot-product instructions: {names or 'none, so that int8 gains less'}"


def to_json(found: Measurement) -> str:
    """Return a measurement as JSON."""
    return json.dumps(asdict(found), indent=2) + "\n"


WRITERS = {"text": to_text, "json": to_json}


def _measure_arithmetic(
    model: Classifier, data: bytes, face: npt.NDArray[np.uint8], seconds: float
) -> Arithmetic:
    product, most = open_product()
    tasks = (_runner(model, face), product)
    times: tuple[list[float], ...] = ([], [])
    for _ in range(TURNS):
        for task, taken in zip(tasks, times, strict=True):
            taken += _repeat(task, seconds / TURNS / 2)
    count = count_multiply_adds(data, face)
    mine, best = (
        2e-9 * sums / float(np.median(taken))
        for sums, taken in zip((count, most), times, strict=True)
    )
    return Arithmetic(count, mine, best, mine / best)


def _runner(model: Classifier, batch: npt.NDArray[np.uint8]) -> Callable[[], object]:
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

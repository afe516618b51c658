"""The machine that figures come from: what it is, and one core of it."""

import os
import platform

from fer_onnx.bench.cpu import read_processor
from train.runs.versions import list_versions


def pin_core() -> str:
    """Keep this process, and those it starts, on one core; return which, in words.

    To be called before numeric libraries are imported, since they count cores when they start.
    """
    if not hasattr(os, "sched_setaffinity"):
        return "not pinned (this system cannot)"
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return f"pinned to core {core}"


def read_machine() -> str:
    """Describe processor, number of cores and system."""
    processor = read_processor()
    features = " ".join(processor.features or ())
    parts = (processor.name, features, f"{os.cpu_count()} cores", platform.system())
    return f"{', '.join(filter(None, parts))} {platform.machine()}"


def read_load() -> str:
    """Return what else the machine does, to stand behind its description."""
    return f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""


def read_versions(*packages: str) -> dict[str, str]:
    """Return the versions of Python and of those of the packages that are installed, by name."""
    return {"Python": platform.python_version(), **list_versions(packages)}

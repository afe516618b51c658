"""The machine that figures come from: what it is, and one core of it."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version

from fer_onnx.processor import read_processor


def pin_core() -> str:
    """Keep this process, and those it starts, on one core; say which.

    To be called before numeric libraries are imported, since they count cores when they start.
    """
    if not hasattr(os, "sched_setaffinity"):
        return "not pinned (this system cannot)"
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return f"pinned to core {core}"


def describe_machine(*packages: str) -> str:
    """Describe processor, system, load and versions in two lines.

    Args:
        packages: distributions whose versions count; those not installed are left out.
    """
    found = []
    for package in packages:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    processor = read_processor()
    name = ", ".join([processor.name, " ".join(processor.features or ())]).rstrip(", ")
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{name}, {os.cpu_count()} cores{load}\n{', '.join([system, *found])}"

"""The machine that figures come from: what it is, and one core of it."""

import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
SPEEDS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "asimd", "asimddp")


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
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{_processor()}, {os.cpu_count()} cores{load}\n{', '.join([system, *found])}"


def _processor() -> str:
    if sys.platform == "darwin":
        ask = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
    if not CPUINFO.is_file():
        return platform.processor() or "unknown processor"
    lines = [line.partition(":") for line in CPUINFO.read_text().splitlines()]
    fields = {key.strip(): value.strip() for key, _, value in lines}
    flags = (fields.get("flags") or fields.get("Features", "")).split()
    name = fields.get("model name") or platform.machine()
    number = (
        f" (family {fields['cpu family']} model {fields['model']})" if "model" in fields else ""
    )
    return f"{name}{number}, {' '.join(s for s in SPEEDS if s in flags)}"

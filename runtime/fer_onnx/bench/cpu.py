"""What processor this is, and which of its instructions decide how fast a network runs on it."""

import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
DOT_PRODUCTS = ("avx_vnni", "avx512_vnni", "amx_int8", "asimddp", "i8mm")  # of int8
FEATURES = ("avx2", "avx512f", "avx512_bf16", "asimd", *DOT_PRODUCTS)


@dataclass(frozen=True, slots=True)
class Processor:
    """What the system says of its processor.

    Attributes:
        name: kind of processor.
        features: which of `FEATURES` it has; None where the system does not say.
    """

    name: str
    features: tuple[str, ...] | None

    @property
    def dot_products(self) -> tuple[str, ...] | None:
        """Its instructions that multiply and add int8, on which the speed of int8 models rests."""
        if self.features is None:
            return None
        return tuple(feature for feature in self.features if feature in DOT_PRODUCTS)


def read_processor() -> Processor:
    """Ask the system what processor this is."""
    if sys.platform == "darwin":
        ask = ["sysctl", "-n", "machdep.cpu.brand_string"]
        name = subprocess.run(ask, capture_output=True, text=True).stdout.strip()
        return Processor(name or platform.machine(), None)
    if not CPUINFO.is_file():
        return Processor(platform.processor() or platform.machine(), None)
    lines = [line.partition(":") for line in CPUINFO.read_text().splitlines()]
    fields = {key.strip(): value.strip() for key, _, value in lines}
    name = fields.get("model name") or fields.get("Model") or platform.machine()
    if "cpu family" in fields:
        name += f" (family {fields['cpu family']} model {fields.get('model')})"
    flags = (fields.get("flags") or fields.get("Features", "")).split()
    return Processor(name, tuple(feature for feature in FEATURES if feature in flags))

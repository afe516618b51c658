"""What /proc/cpuinfo says on three kinds of machine."""

import platform
import sys

import pytest

from fer_onnx.bench import cpu
from fer_onnx.bench.cpu import Processor, read_processor

pytestmark = pytest.mark.skipif(sys.platform == "darwin", reason="asks sysctl, not /proc")

XEON = """processor\t: 0
cpu family\t: 6
model\t\t: 143
model name\t: Intel(R) Xeon(R)
flags\t\t: fpu sse2 avx2 avx512f avx512_vnni amx_int8
"""
RASPBERRY_PI_4 = """processor\t: 0
BogoMIPS\t: 108.00
Features\t: fp asimd evtstrm crc32 cpuid

Model\t\t: Raspberry Pi 4 Model B Rev 1.5
"""
RASPBERRY_PI_5 = RASPBERRY_PI_4.replace("4 Model", "5 Model").replace("crc32", "crc32 asimddp")


@pytest.mark.parametrize(
    ("cpuinfo", "name", "dot_products"),
    [
        (XEON, "Intel(R) Xeon(R) (family 6 model 143)", ("avx512_vnni", "amx_int8")),
        (RASPBERRY_PI_4, "Raspberry Pi 4 Model B Rev 1.5", ()),
        (RASPBERRY_PI_5, "Raspberry Pi 5 Model B Rev 1.5", ("asimddp",)),
    ],
)
def test_name_and_dot_products_are_what_the_system_says(
    tmp_path, monkeypatch, cpuinfo, name, dot_products
):
    path = tmp_path / "cpuinfo"
    path.write_text(cpuinfo)
    monkeypatch.setattr(cpu, "CPUINFO", path)
    found = read_processor()
    assert (found.name, found.dot_products) == (name, dot_products)


def test_a_system_that_does_not_say_leaves_it_open(tmp_path, monkeypatch):
    monkeypatch.setattr(cpu, "CPUINFO", tmp_path / "nothing")
    found = read_processor()
    assert found == Processor(platform.processor() or platform.machine(), None)
    assert found.dot_products is None

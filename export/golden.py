"""Golden files for whoever ports the runtime: `python -m export.golden FOLDER`.

For each picture in the folder, `<name>.input.png` is the very array that the network gets (grey,
48×48, lossless), and `probabilities.json` holds what each model file answers.
"""

import json
import sys
from pathlib import Path

from PIL import Image

import fer_onnx
from fer_onnx.images import read_image
from fer_onnx.modelfile import bundled_names
from fer_onnx.preprocess import to_array
from train.checkpoint import write_text


def write_golden(folder: Path) -> None:
    """Write input and probabilities of every picture; each picture is one face."""
    answers: dict[str, dict[str, dict[str, float]]] = {}
    models = {name: fer_onnx.load(name) for name in bundled_names()}
    for path in sorted(folder.iterdir()):
        if path.name.endswith(".input.png") or path.suffix not in (".png", ".jpg"):
            continue
        spec = models["emotions"].info.input
        array = to_array(read_image(path), spec)
        Image.fromarray(array[..., 0]).save(folder / f"{path.stem}.input.png")
        answers[path.name] = {name: model.predict(path).scores for name, model in models.items()}
    write_text(folder / "probabilities.json", json.dumps(answers, indent=1) + "\n")


if __name__ == "__main__":
    write_golden(Path(sys.argv[1]))

"""Golden files for whoever ports the runtime: `python -m export.golden FOLDER`.

For each picture in the folder, `<name>.input.png` is the very array that the network gets (grey,
48×48, lossless), and `probabilities.json` holds what each model file answers.
"""

import argparse
import json
import sys
from pathlib import Path

from PIL import Image

import fer_onnx
from fer_onnx.atomic import write_whole
from fer_onnx.images import read_image
from fer_onnx.modelfile import bundled_models
from fer_onnx.preprocess import to_array


def write_golden(folder: Path) -> None:
    """Write input and probabilities of every picture; each picture is one face."""
    answers: dict[str, dict[str, dict[str, float]]] = {}
    models = {name: fer_onnx.load(name) for name in bundled_models()}
    for path in sorted(folder.iterdir()):
        if path.name.endswith(".input.png") or path.suffix not in (".png", ".jpg"):
            continue
        spec = models["emotions"].info.input
        array = to_array(read_image(path), spec)
        with write_whole(folder / f"{path.stem}.input.png") as file:
            Image.fromarray(array[..., 0]).save(file, "PNG")
        answers[path.name] = {name: model.predict(path).scores for name, model in models.items()}
    with write_whole(folder / "probabilities.json") as file:
        file.write((json.dumps(answers, indent=1) + "\n").encode())


def main() -> int:
    """Run the command; return its exit code: 0, or 2 with one line on stderr."""
    parser = argparse.ArgumentParser(prog="python -m export.golden", description=__doc__)
    parser.add_argument("folder", type=Path, help="of the pictures")
    try:
        write_golden(parser.parse_args().folder)
    except (fer_onnx.FerOnnxError, OSError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

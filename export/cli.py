"""Export a checkpoint to ONNX model files: `python -m export CHECKPOINT OUT`."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from fer_onnx.errors import FerOnnxError
from train.backend import import_keras
from train.cli.options import add_detections

if TYPE_CHECKING:
    import keras

    from fer_onnx.metadata import Precision
    from train.runs.record import Record


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m export", description=__doc__)
    parser.add_argument(
        "checkpoint", type=Path, help="a checkpoint of 'python -m train', e.g. RUN/best.keras"
    )
    parser.add_argument("out", type=Path, help="folder for the model files, one per head")
    parser.add_argument(
        "--head", help="original, ferplus, mixed or that of a further data set (default: all heads)"
    )
    parser.add_argument("--labels", help="keep only these labels, e.g. happy,sad")
    parser.add_argument("--name", help="the model's name (default: from labels and head)")
    parser.add_argument(
        "--balance",
        nargs="?",
        type=float,
        const=100.0,
        metavar="POINTS",
        help="logit adjustment for label frequency, which raises the recall of rare labels; POINTS "
        "is the accuracy it may cost, in percentage points (if omitted: as much as the mean recall "
        "gains); off unless given",
    )
    parser.add_argument("--version", default="1", help="version of the weights")
    parser.add_argument(
        "--int8",
        action="store_true",
        help="quantize to int8, calibrated on training pictures; refused if accuracy drops",
    )
    parser.add_argument(
        "--data",
        "--calibration",
        type=Path,
        default=os.environ.get("FER_DATA"),
        help="data set: its validation split sets the threshold and measures the model, its "
        "training split gives --int8 the ranges of activations (default: $FER_DATA)",
    )
    parser.add_argument(
        "--development",
        type=Path,
        metavar="FOLDER",
        help="folder of the development sets (nhfi.zip, search3.zip): temperature and threshold "
        "are chosen on these and the validation split together",
    )
    parser.add_argument(
        "--photos",
        type=Path,
        metavar="ZIP",
        help="zip of photographs that set a detector's threshold and measure it",
    )
    add_detections(parser)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run the command; return its exit code: 0, or 2 with one line on stderr."""
    args = build_parser().parse_args(argv)
    import_keras()
    from train.errors import TrainError, describe_error

    from .gate import GateError
    from .parity import ParityError

    try:
        run(args)
    except (TrainError, ParityError, GateError, FerOnnxError, OSError, ValueError) as exc:
        print(f"error: {describe_error(exc)}", file=sys.stderr)
        return 2
    return 0


def run(args: argparse.Namespace) -> None:
    from train.data.cutter import FaceCutter
    from train.data.formats import read_dataset
    from train.detection import network  # noqa: F401 - registers the loss that a last.keras names
    from train.errors import TrainError
    from train.runs.checkpoint import read_checkpoint

    from .description import CROP, Choice
    from .modelfile import make_model, write_model

    checkpoint, record = read_checkpoint(args.checkpoint)
    if record.kind == "detector":
        run_detector(args, checkpoint, record)
        return
    if args.head and args.head not in record.heads:
        raise TrainError(
            f"{args.checkpoint}: no head {args.head!r}; it has {', '.join(record.heads)}"
        )
    cutter = FaceCutter(CROP, "auto") if record.kind == "finetune" else None  # as it was fitted
    faces = read_dataset(args.data, record.input, cutter) if args.data else None
    for head in [args.head] if args.head else record.heads:
        labels = tuple(args.labels.split(",")) if args.labels else record.heads[head]
        precision: Precision = "int8" if args.int8 else "float32"
        choice = Choice(
            head, labels, args.name, args.version, args.balance, precision, args.development
        )
        model, info, parity = make_model(checkpoint, record, args.checkpoint, choice, faces)
        path = write_model(model, info, args.out)
        figures = info.metrics.get("accuracy")
        measured = (
            f", accuracy {figures:.1%} ({info.metrics['split']}, {info.label_set})"
            if figures
            else ""
        )
        same = info.metrics.get("same_labels_as_float32")
        before = f" in float32, int8 has {same:.1%} of its labels" if same else ""
        print(
            f"{path}: {path.stat().st_size / 1e6:.1f} MB, differs from Keras by "
            f"{parity.difference:.1e} on {parity.faces} faces{before}{measured}"
        )


def run_detector(args: argparse.Namespace, network: "keras.Model", record: "Record") -> None:
    from fer_onnx.detector import FaceFinder
    from train.detection.archive import list_photographs, select
    from train.detection.held_out import read_held_out
    from train.detection.pseudo_labels import ask_detectors
    from train.errors import TrainError
    from train.runs.progress import print_now

    from .detector import draw_photographs, make_detector
    from .modelfile import write_model

    held_out, calibration = None, []
    if args.photos:
        tried = select(list_photographs(args.photos), "development")
        detections = ask_detectors(args.photos, tried, args.detections, print_now)
        held_out = read_held_out(args.photos, tried, detections)
        calibration = draw_photographs(args.photos, record.seed) if args.int8 else []
    elif args.int8:
        raise TrainError("--int8 of a detector needs --photos: training pictures tell the ranges")
    model, info, parity = make_detector(
        network, record, args.checkpoint, args.version, held_out, calibration
    )
    path = write_model(model, info, args.out, FaceFinder)
    measured = (
        f", AP {info.metrics['average_precision']:.3f}, recall {info.metrics['recall']:.3f}"
        if info.metrics
        else ""
    )
    print(
        f"{path}: {path.stat().st_size / 1e6:.1f} MB, differs from Keras by "
        f"{parity.difference:.1e} on {parity.faces} pictures{measured}"
    )

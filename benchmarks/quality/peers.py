"""How often our models and the networks of others are right, on the same faces."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

import fer_onnx
from fer_onnx.errors import FerOnnxError
from fer_onnx.metadata import InputSpec
from fer_onnx.modelfile import bundled_names
from train.data.faceset import LABELS, FaceSet
from train.data.formats import read_dataset
from train.data.targets import heads_of, judge
from train.errors import DataError
from train.expression.metrics import Scores, score_answers

from .machine import describe_machine
from .peer import open_peers
from .report import print_table

QUESTIONS = (LABELS, ("happy", "sad"))
HEADS = {"original": "original labels", "ferplus": "FER+ majority"}
GREY = InputSpec(48, 48)  # FER2013 as it is


class Answers(NamedTuple):
    """Hold a network's answers: its labels, and float32 (faces, labels), probabilities."""

    labels: tuple[str, ...]
    probabilities: npt.NDArray[np.float32]


def build_parser() -> argparse.ArgumentParser:
    """Describe the options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    add = parser.add_argument
    add("models", nargs="*", help="names or ONNX files (default: all that are bundled)")
    add(
        "--data", type=Path, default=os.environ.get("FER_DATA"), help="FER2013 (default: $FER_DATA)"
    )
    add(
        "--split",
        default="PublicTest",
        choices=("PublicTest", "PrivateTest"),
        help="PrivateTest is looked at once a release (default: PublicTest)",
    )
    return parser


def main(argv: list[str] | None = None) -> int:
    """Measure and print the table; return 2 with one line on stderr where that cannot be."""
    args = build_parser().parse_args(argv)
    try:
        if args.data is None:
            raise DataError("no data: give --data PATH or set FER_DATA")
        compare(args.data, args.split, args.models or bundled_names())
    except (DataError, FerOnnxError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2
    return 0


def compare(data: Path, split: str, models: Sequence[str]) -> None:
    """Print one row a network, one column a question and label set."""
    faces = read_dataset(data, GREY).split(split)
    notes = ["accuracy / recall averaged over the labels, in %"]
    answers = dict(ask_models(models, faces, data, split))
    answers |= {
        peer.name: Answers(peer.labels, peer.run(faces.images)) for peer in open_peers(notes)
    }
    questions = [(head, labels) for labels in QUESTIONS for head in heads_of(faces)]
    print_table(
        f"peers: FER2013 {split}",
        describe_machine("fer-onnx", "onnxruntime", "fer", "ai-edge-litert"),
        ["network", *(_name(head, labels) for head, labels in questions)],
        [
            ["faces", *(str((judge(faces, *question) >= 0).sum()) for question in questions)],
            *(
                [name, *(_tell(score(given, faces, *q)) for q in questions)]
                for name, given in answers.items()
            ),
        ],
        notes,
    )


def ask_models(
    models: Sequence[str], faces: FaceSet, data: Path, split: str
) -> Iterator[tuple[str, Answers]]:
    """Ask models about the faces of a split, as each of them reads them."""
    for name in models:
        model = fer_onnx.load(name)
        same = model.info.input == GREY
        images = faces.images if same else read_dataset(data, model.info.input).split(split).images
        chunks = [model.run(images[start : start + 64]) for start in range(0, len(images), 64)]
        yield name, Answers(model.labels, np.concatenate(chunks))


def score(
    given: Answers, faces: FaceSet, head: str, labels: tuple[str, ...] = LABELS
) -> Scores | None:
    """Say how good answers are; None where the network lacks one of the labels."""
    if not set(labels) <= set(given.labels):
        return None
    chosen = given.probabilities[:, [given.labels.index(label) for label in labels]]
    return score_answers(chosen, judge(faces, head, labels), labels)


def _tell(scores: Scores | None) -> str:
    if scores is None:
        return "–"
    return f"{scores.accuracy:.1%} / {scores.mean_recall:.1%}".replace("%", "")


def _name(head: str, labels: tuple[str, ...]) -> str:
    question = f"{len(labels)} labels" if labels == LABELS else " or ".join(labels)
    return f"{question}, {HEADS[head]}"


if __name__ == "__main__":
    sys.exit(main())

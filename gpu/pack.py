"""Write what a GPU needs to teach a network: `python -m gpu.pack`.

Faces, targets and weights in a folder of less than 64 MB: `faces.webp`, `targets.npz`,
`identities.npz`, `start.npz`, and `pack.json` for the record of what comes back.
"""

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from train.backend import import_keras

if TYPE_CHECKING:
    from fer_onnx.metadata import InputSpec
    from train.data.faceset import FaceSet
    from train.data.sources import Part
    from train.expression.training_set import TrainingSet

RECIPE = "compact-strangers"  # whose faces, anchors and shares are packed
PHOTOS = "photos.zip"  # scenes, of which those without people are no faces


def main() -> int:
    """Write the pack."""
    parser = argparse.ArgumentParser(prog="python -m gpu.pack", description=__doc__)
    parser.add_argument("out", type=Path, help="folder of the pack")
    parser.add_argument("--data", type=Path, required=True, help="FER2013, the others beside it")
    parser.add_argument("--init", type=Path, required=True, help="where the student starts")
    parser.add_argument(
        "--anchor", type=Path, required=True, help="checkpoint that answers anchors"
    )
    parser.add_argument("--identities", type=Path, required=True, help="faceres-deep.json")
    given = parser.parse_args()
    import_keras()
    given.out.mkdir(parents=True, exist_ok=True)
    from train.runs.checkpoint import read_checkpoint

    from .identities import read_identities
    from .weights import list_arrays

    start, _ = read_checkpoint(given.init)
    weights: dict[str, Any] = list_arrays(start)
    identities: dict[str, Any] = read_identities(given.identities)
    np.savez(given.out / "start.npz", **weights)
    np.savez(given.out / "identities.npz", **identities)
    write_faces(given)
    size = sum(file.stat().st_size for file in given.out.iterdir() if file.is_file())
    print(f"{given.out}: {size / 2**20:.1f} MiB")
    return 0


def write_faces(given: argparse.Namespace) -> None:
    """Write the faces to learn from, and after them those of the development sets."""
    from export.description import CROP
    from train.data.development import NHFI, SMILES, UTKFACE, read_plain, read_posed, read_searched
    from train.data.faceset import drop_leaks
    from train.data.formats import read_dataset
    from train.data.nonfaces import add_nonfaces
    from train.data.sources import Source, read_sources
    from train.data.targets import HEADS
    from train.expression.presets import load_preset
    from train.expression.training_set import make_training_set

    from .faces import write_mosaic

    preset = replace(load_preset(RECIPE), teachers=(given.anchor,))
    spec, folder = preset.input, given.data
    faces = read_dataset(folder, spec)
    home = faces.split("validation")
    train = drop_leaks(faces.split("train"), home, faces.split("test"))
    train = add_nonfaces(train, folder / PHOTOS, spec)
    sources = [Source("nhfi", folder / NHFI, "test"), Source("utkface", folder / UTKFACE)]
    parts = read_sources([*sources, Source("lfw", folder / SMILES)], spec)
    own = dict.fromkeys(HEADS, faces.labels)
    kept, training = make_training_set(train, own, parts, preset, given.out, print)
    rest = _find_uncertain(training.images, [part.train.images for part in parts[1:]])
    posed, plain = read_posed(folder, spec), read_plain(folder, spec)
    searched = read_searched(folder, spec, CROP)
    shown = [training.images, rest, home.images, posed.images, searched.images, plain.images]
    write_mosaic(np.concatenate(shown)[..., 0], given.out / "faces.webp")
    _write_targets(
        given.out,
        training,
        len(kept),
        len(rest),
        _list_truth(home, plain) | {"posed": posed.answers, "searched": searched.answers},
    )
    _write_record(given, spec, kept, home, parts, list(training.targets))


def _list_truth(home: "FaceSet", plain: "FaceSet") -> dict[str, npt.NDArray[np.int64]]:
    """Return the right answers at home, by head, and the band of ages of each plain face."""
    from train.data.development import band_ages
    from train.data.targets import HEADS, true_labels

    bands = np.full(len(plain), -1)
    for number, chosen in enumerate(band_ages(plain).values()):
        bands[chosen] = number
    own = [true_labels(home, head, home.labels) for head in (*HEADS, HEADS[0])]
    return {"home": np.stack(own, axis=1), "bands": bands}


def _write_targets(
    out: Path,
    training: "TrainingSet",
    first: int,
    rest: int,
    truth: dict[str, Any],
) -> None:
    """Write `targets.npz`.

    Args:
        out: the folder.
        training: the faces with targets.
        first: how many of them are FER2013's, which come first.
        rest: faces without any target, which follow.
        truth: of the development sets.
    """
    targets = training.targets.values()
    weight = np.pad(np.stack([target.weight for target in targets], 1), ((0, rest), (0, 0)))
    beyond = np.arange(len(weight)) >= first
    np.savez_compressed(
        out / "targets.npz",
        soft=np.pad(np.stack([t.soft for t in targets], 1), ((0, rest), (0, 0), (0, 0))),
        weight=weight,
        counts=np.pad(training.counts, (0, rest)),
        anchored=beyond & (weight == 1).all(axis=1),  # what has labels has them for one head
        **truth,
    )


def _write_record(
    given: argparse.Namespace,
    spec: "InputSpec",
    train: "FaceSet",
    home: "FaceSet",
    parts: "list[Part]",
    heads: list[str],
) -> None:
    """Write `pack.json`: what the record of a checkpoint will say of its faces and its start."""
    from train.expression.start import Checkpoint, describe_start
    from train.runs.checkpoint import digest_file

    record = {
        "heads": dict.fromkeys(heads, home.labels),
        "input": asdict(spec),
        "data": train.name,
        "data_sha256": train.digest(),
        "splits": {"train": train.sizes(), "validation": home.sizes()},
        "weights": describe_start(Checkpoint(given.init)),
        "teachers": {given.anchor.name: digest_file(given.anchor)},
        "also": {part.name: f"{part.train.name} {part.train.digest()}" for part in parts},
    }
    (given.out / "pack.json").write_text(json.dumps(record, indent=2), encoding="utf-8")


def _find_uncertain(
    known: npt.NDArray[np.uint8], sets: list[npt.NDArray[np.uint8]]
) -> npt.NDArray[np.uint8]:
    """Return the faces of which the anchors' teacher is not certain: they are taught alone."""
    seen = {face.tobytes() for face in known}
    return np.stack([face for faces in sets for face in faces if face.tobytes() not in seen])


if __name__ == "__main__":
    sys.exit(main())

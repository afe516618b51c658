"""Write what a GPU needs to teach a network: `python -m gpu.pack`.

Faces, targets and weights in a folder of less than 64 MB: `faces.webp`, `targets.npz`,
`identities.npz`, `start.npz`, and `pack.json` for the record of what comes back.
"""

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from train.backend import import_keras

RECIPE = "compact-strangers"  # whose faces, anchors and shares are packed


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
    np.savez(given.out / "start.npz", **list_arrays(start))
    np.savez(given.out / "identities.npz", **read_identities(given.identities))
    write_faces(given)
    size = sum(file.stat().st_size for file in given.out.iterdir() if file.is_file())
    print(f"{given.out}: {size / 2**20:.1f} MiB")
    return 0


def write_faces(given: argparse.Namespace) -> None:
    """Write the faces to learn from, and after them those of the development sets."""
    from fer_onnx.metadata import Crop
    from train.data.development import band_ages, read_plain, read_posed, read_searched
    from train.data.faceset import drop_leaks
    from train.data.formats import read_dataset
    from train.data.nonfaces import add_nonfaces
    from train.data.sources import Source, read_sources
    from train.data.targets import HEADS, true_labels
    from train.expression.presets import load_preset
    from train.expression.start import Checkpoint, describe_start
    from train.expression.training_set import make_training_set
    from train.runs.checkpoint import digest_file

    preset = replace(load_preset(RECIPE), teachers=(given.anchor,))
    spec, folder = preset.input, given.data
    faces = read_dataset(folder, spec)
    train = faces.split("train")
    train = drop_leaks(train, faces.take(~(faces.splits == train.splits[0])))
    train = add_nonfaces(train, folder / "photos.zip", spec)
    names = ("nhfi=nhfi.zip:test", "utkface=utkface.zip", "lfw=lfw_smiles.zip")
    sources = [Source.parse(name.replace("=", f"={folder}/")) for name in names]
    parts = read_sources(sources, spec)
    own = dict.fromkeys(HEADS, faces.labels)
    kept, training = make_training_set(train, own, parts, preset, given.out, print)
    rest = _find_uncertain(training.images, [part.train.images for part in parts[1:]])
    home, posed = faces.split("PublicTest"), read_posed(folder, spec)
    searched, plain = read_searched(folder, spec, Crop(scale=0.95)), read_plain(folder, spec)
    shown = [training.images, rest, home.images, posed.images, searched.images, plain.images]
    from .faces import write_mosaic

    write_mosaic(np.concatenate(shown)[..., 0], given.out / "faces.webp")
    count, heads = len(training.images), list(training.targets)
    padding = ((0, len(rest)), (0, 0), (0, 0))
    bands = np.full(len(plain), -1)
    for number, chosen in enumerate(band_ages(plain).values()):
        bands[chosen] = number
    np.savez_compressed(
        given.out / "targets.npz",
        soft=np.pad(np.stack([training.targets[h].soft for h in heads], 1), padding),
        weight=np.pad(np.stack([training.targets[h].weight for h in heads], 1), padding[:2]),
        counts=np.pad(training.counts, (0, len(rest))),
        anchored=np.arange(count + len(rest)) >= count - _count_anchors(training.counts),
        home_original=true_labels(home, "original", faces.labels),
        home_ferplus=true_labels(home, "ferplus", faces.labels),
        posed=posed.answers,
        searched=searched.answers,
        bands=bands,
    )
    record = {
        "heads": dict.fromkeys(heads, faces.labels),
        "input": asdict(spec),
        "data": train.name,
        "data_sha256": kept.digest(),
        "splits": {"train": kept.sizes(), "validation": home.sizes()},
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


def _count_anchors(counts: npt.NDArray[np.floating]) -> int:
    """Return how many faces at the end are anchors: they follow those with labels of their own."""
    return len(counts) - 1 - int(np.flatnonzero(counts == 2).max())


if __name__ == "__main__":
    sys.exit(main())

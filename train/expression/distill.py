"""What trained checkpoints say of the training faces, mixed into what a network is taught.

Distillation after Hinton, Vinyals & Dean (2015, arXiv:1503.02531), at temperature 1: the answers of
several teachers, each averaged over shifted and mirrored views, take a share of every target. They
are asked once; what they said stays in the run folder.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fer_onnx.atomic import write_whole
from train.data.faceset import FaceSet, resize_faces
from train.data.targets import Target
from train.errors import TrainError
from train.runs.checkpoint import digest_file, read_checkpoint, read_record

from .networks import Heads

SHIFTS = ((0, 0), (1, -1), (-1, 1))  # right and down, in 24ths of the side; each mirrored as well
BATCH = 128  # faces answered at once

SoftLabels = dict[str, npt.NDArray[np.float32]]


def ask_teachers(
    paths: Sequence[Path],
    faces: FaceSet,
    heads: Heads,
    folder: Path,
    say: Callable[[str], None],
) -> SoftLabels:
    """Average what the teachers answer, for each head that any of them has.

    A teacher counts for a head of its own of that name which has all its labels, and what it says
    of other labels is left out.

    Args:
        paths: checkpoints, each with an input of its own.
        faces: what they are asked about.
        heads: labels of each head to be taught.
        folder: where the answers are kept.
        say: receives one line a teacher.

    Returns:
        By head, float32 array (n, labels); rows sum to 1.

    Raises:
        TrainError: not a checkpoint, or teachers that know none of the heads.
    """
    digest = faces.digest()
    known: dict[str, list[npt.NDArray[np.float32]]] = {}
    for path in paths:
        own = read_record(path).heads
        answers = _ask_once(path, faces, digest, folder, say)
        for head, labels in heads.items():
            if set(labels) <= set(own.get(head, ())):
                chosen = answers[head][:, [own[head].index(label) for label in labels]]
                total = np.maximum(chosen.sum(axis=1, keepdims=True), 1e-12)
                known.setdefault(head, []).append(chosen / total)
    if not known:
        raise TrainError(f"no teacher has the labels of {' or '.join(heads)}")
    return {head: np.mean(given, axis=0) for head, given in known.items()}


def mix_answers(
    targets: Mapping[str, Target],
    answers: SoftLabels,
    weight: float,
    nonfaces: npt.NDArray[np.bool_],
) -> dict[str, Target]:
    """Mix the teachers' predictions into every target that there is.

    Args:
        targets: of each head, over the same faces.
        answers: of the teachers, by head; a head without any stays as it is.
        weight: the teachers' share, from 0 to 1.
        nonfaces: bool array (n,): what no teacher can know; these targets stay.
    """
    mixed = dict(targets)
    for head, given in answers.items():
        soft = targets[head].soft.copy()
        taught = (targets[head].weight > 0) & ~nonfaces
        soft[taught] += weight * (given[taught] - soft[taught])
        mixed[head] = targets[head]._replace(soft=soft)
    return mixed


def draw_views(images: npt.NDArray[np.uint8]) -> Iterator[npt.NDArray[np.uint8]]:
    """Yield the faces (n, height, width, channels) shifted and mirrored; edge pixels move in."""
    height, width = images.shape[1:3]
    for right, down in SHIFTS:
        rows = np.clip(np.arange(height) - round(down * height / 24), 0, height - 1)
        columns = np.clip(np.arange(width) - round(right * width / 24), 0, width - 1)
        moved = images[:, rows][:, :, columns]
        yield moved
        yield moved[:, :, ::-1]


def _ask_once(
    path: Path, faces: FaceSet, digest: str, folder: Path, say: Callable[[str], None]
) -> SoftLabels:
    """Read what a teacher said of these faces, or ask it and keep that."""
    key = hashlib.sha256(f"{digest} {digest_file(path)} {SHIFTS}".encode()).hexdigest()
    kept = folder / f"teacher-{key[:16]}.npz"
    if kept.is_file():
        try:
            with np.load(kept) as file:
                return dict(file)
        except Exception:  # numpy and zipfile raise what they please of a damaged file
            say(f"{kept}: damaged, so the teacher is asked again")
    started = time.monotonic()
    model, record = read_checkpoint(path)
    images = resize_faces(faces.images, record.input)
    views = [model.predict(view, batch_size=BATCH, verbose=0) for view in draw_views(images)]
    answers = {head: np.mean([view[head] for view in views], axis=0) for head in record.heads}
    with write_whole(kept) as file:
        np.savez(file, **answers)
    say(f"{path}: asked about {len(faces):,} faces in {time.monotonic() - started:.0f} s")
    return answers

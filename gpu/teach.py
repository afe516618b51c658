"""Two teachers, then two small networks that are shown what the teachers are shown."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .augment import change, sample
from .faces import read_mosaic
from .loop import group_weights, train
from .networks import LABELS, Identities, Residual, fold

SMALL = (20, 40, 80, 160)  # widths of the network that ships
STUDENTS = {"student": (1, 2, 1), "deeper": (1, 2, 2)}
LARGE, LARGE_BLOCKS = (44, 88, 176, 352), (2, 2, 2)  # 6.6 M parameters
SIDE = 112  # pixels at which identities are fine-tuned
SMOOTHING, MIXED, ALPHA = 0.1, 0.5, 0.4  # labels; share of faces that are mixed, and how
TEACHER_WEIGHT = 0.75  # the rest are labels, of faces that are not mixed
VIEWS = ((0, 0), (-1 / 12, 1 / 12))  # shifts of a face for soft answers, each mirrored as well
BATCH, BATCH_TAUGHT = 512, 1024


class Pack:
    """Faces and targets of a pack on the device that trains."""

    def __init__(self, folder: Path, device: str) -> None:
        with np.load(folder / "targets.npz") as file:
            self.truth = dict(file)
        counts = self.truth["counts"]
        names = ("home", "posed", "searched", "bands")
        sizes = [len(self.truth[name]) for name in names]
        faces = torch.tensor(read_mosaic(folder / "faces.webp", len(counts) + sum(sizes)))[:, None]
        self.faces = faces[: len(counts)].to(device)
        self.development = dict(zip(names, faces[len(counts) :].split(sizes), strict=True))
        self.soft = torch.tensor(self.truth["soft"]).float().to(device)
        self.weight = torch.tensor(self.truth["weight"]).float().to(device)
        self.counts = torch.tensor(counts).float().to(device)
        # anchors twice as often, and what no label is known of at half a time an epoch
        anchored = torch.tensor(self.truth["anchored"], device=device) & (self.counts > 0)
        self.taught = torch.where(anchored, 2 * self.counts, self.counts)
        self.taught[self.counts == 0] = 0.5
        self.folder, self.device = folder, device


def teach(folder: Path, out: Path, seconds: float, seed: int, batch: int | None = None) -> None:
    """Train teachers and students of a pack within so many seconds; write all of them.

    Args:
        folder: what `gpu.pack` wrote.
        out: a folder for `teacher-1.npz`, `teacher-2.npz`, `answers.npz`, a file for each student,
            and `run.json`.
        seconds: for everything.
        seed: of weights, order and augmentation.
        batch: faces of a step; None: as many as the released network was taught with.
    """
    begun = time.monotonic()
    torch.manual_seed(seed)
    out.mkdir(parents=True, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    pack = Pack(folder, device)
    teachers = train_teachers(pack, (seconds - 30) * 0.28, (seconds - 30) * 0.31, batch)
    for number, teacher in enumerate(teachers, 1):
        save(teacher, out / f"teacher-{number}.npz", torch.float16)
        measure(f"teacher {number}", teacher, pack)
    answers = {f"teacher_{n}": answer(t, pack.faces) for n, t in enumerate(teachers, 1)}
    np.savez(out / "answers.npz", **{name: a.half().cpu().numpy() for name, a in answers.items()})
    pairs = zip(teachers, answers.values(), strict=True)
    folded = [fold(teacher) for teacher, given in pairs if given.isfinite().all()]  # not diverged
    left, started = seconds - (time.monotonic() - begun) - 12, time.monotonic()
    batch = batch or BATCH_TAUGHT
    students, steps = train_students(pack, folded, left, batch)
    spent = time.monotonic() - started
    for name, student in zip(STUDENTS, students, strict=True):
        save(student, out / f"{name}.npz", torch.float32)
        measure(name, student, pack)
    run = {
        "seed": seed,
        "epochs": round(steps * batch / float(pack.counts.sum())),
        "batch": batch,
        "torch": torch.__version__,
        "gpu": torch.cuda.get_device_name() if device == "cuda" else "none",
        "teacher_weight": TEACHER_WEIGHT,
        "seconds": round(spent, 1),
    }
    (out / "run.json").write_text(json.dumps(run, indent=2), encoding="utf-8")


def train_teachers(pack: Pack, first: float, second: float, batch: int | None) -> list[nn.Module]:
    """Train a large network of random weights, then one of identities, each for its seconds."""
    size = batch or BATCH

    def losses(networks: Sequence[nn.Module]) -> list[Tensor]:
        index = torch.multinomial(pack.counts, size, replacement=True)
        target, weight = smooth(pack.soft[index]), pack.weight[index]
        faces, other, share = mix(change(pack.faces[index]))
        mine, its = share[:, None], 1 - share[:, None]
        found = []
        for network in networks:
            logits = run(network, faces)
            loss = mine * weight * cross_entropy(logits, target)
            loss = loss + its * weight[other] * cross_entropy(logits, target[other])
            found.append(loss.sum(1).mean())
        return found

    large = prepare(Residual(LARGE, LARGE_BLOCKS, dropout=0.4), pack.device)
    sgd = torch.optim.SGD(group_weights(large, 5e-4), lr=0.25, momentum=0.9, nesterov=True)
    (large,), _ = train([large], [sgd], losses, first, decay=0.999)
    known = prepare(Identities(SIDE), pack.device).eval()
    shown = torch.randperm(len(pack.faces), device=pack.device)[:512]
    with np.load(pack.folder / "identities.npz") as arrays:
        known.load(dict(arrays), pack.faces[shown].float())
    adam = torch.optim.AdamW(group_weights(known, 0.05), lr=8e-4)
    (known,), _ = train([known.train()], [adam], losses, second, decay=0.998)
    return [large, known]


def train_students(
    pack: Pack, teachers: Sequence[nn.Module], seconds: float, batch: int
) -> tuple[list[nn.Module], int]:
    """Train small networks to answer as the mean of the teachers, on what these see themselves.

    Function matching (Beyer et al. 2022, arXiv:2106.05237).
    """

    def losses(networks: Sequence[nn.Module]) -> list[Tensor]:
        index = torch.multinomial(pack.taught, batch, replacement=True)
        faces, _, share = mix(change(pack.faces[index]))
        with torch.no_grad():
            soft = sum(F.softmax(run(each, faces), -1) for each in teachers) / len(teachers)
        own = (1 - TEACHER_WEIGHT) * pack.weight[index] * (share == 1)[:, None]
        target = torch.lerp(soft, smooth(pack.soft[index]), own[..., None])
        return [cross_entropy(run(net, faces), target).sum(1).mean() for net in networks]

    with np.load(pack.folder / "start.npz") as arrays:
        start = {name: torch.tensor(array) for name, array in arrays.items()}
    students = []
    for blocks in STUDENTS.values():
        student = Residual(SMALL, blocks, dropout=0.2)
        missing, _ = student.load_state_dict(start, strict=False)
        for name in missing:  # a block that is new begins as the identity
            if name.endswith("_b_norm.weight"):
                nn.init.zeros_(student.get_parameter(name))
        students.append(prepare(student, pack.device))
    sgds = [
        torch.optim.SGD(group_weights(each, 2e-4), lr=0.2, momentum=0.9, nesterov=True)
        for each in students
    ]
    return train(students, sgds, losses, seconds, decay=0.998)


def prepare(network: nn.Module, device: str) -> nn.Module:
    """Return a network on the device, about to learn."""
    return network.to(device, memory_format=torch.channels_last).train()


def run(network: nn.Module, faces: Tensor) -> Tensor:
    """Return logits (n, heads, labels), float32, computed in bfloat16."""
    with torch.autocast(faces.device.type, torch.bfloat16):
        return network(faces).float()


def smooth(target: Tensor) -> Tensor:
    """Return targets (n, heads, labels) with label smoothing."""
    return target * (1 - SMOOTHING) + SMOOTHING / LABELS


def cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Return the loss of each face and head: (n, heads)."""
    return -(target * F.log_softmax(logits, -1)).sum(-1)


def mix(faces: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mix half of the faces with another each (Zhang et al. 2018, arXiv:1710.09412).

    Returns:
        faces: float32 (n, 1, height, width).
        other: int (n,): which was mixed in.
        share: (n,): of the face itself, 0.5 to 1.
    """
    count = len(faces)
    other = torch.randperm(count, device=faces.device)
    drawn = torch.distributions.Beta(ALPHA, ALPHA).sample((count,)).to(faces.device)
    mixed = torch.rand(count, device=faces.device) < MIXED
    share = torch.where(mixed, torch.maximum(drawn, 1 - drawn), torch.ones_like(drawn))
    faces = torch.lerp(faces[other], faces, share.view(-1, 1, 1, 1))
    return faces.contiguous(memory_format=torch.channels_last), other, share


@torch.no_grad()
def answer(network: nn.Module, faces: Tensor) -> Tensor:
    """Return mean probabilities (n, heads, labels) over the views of faces (n, 1, h, w), uint8."""
    network.eval()
    chunks = []
    for part in faces.split(2048):
        views = []
        for right, down in VIEWS:
            turn = torch.tensor([[1, 0, -right], [0, 1, -down]], device=faces.device).float()
            moved = sample(part.float(), turn.expand(len(part), 2, 3))
            views += [moved, moved.flip(3)]
        chunks.append(sum(F.softmax(run(network, view), -1) for view in views) / len(views))
    return torch.cat(chunks)


def measure(name: str, network: nn.Module, pack: Pack) -> None:
    """Print what each head gets right of the development sets, in %."""
    network.eval()
    for key, faces in pack.development.items():
        truth = pack.truth[key]
        with torch.no_grad():
            parts = [run(network, f.to(pack.device).float()) for f in faces.split(2048)]
        labels = torch.cat(parts).argmax(-1).cpu().numpy()
        if key == "bands":
            rates = np.isin(labels, (0, 1, 2, 4)).mean(0)  # angry, disgust, fear, sad
        else:
            truth = truth.reshape(len(truth), -1)  # one for all heads, or one for each
            rates = np.nanmean(np.where(truth >= 0, labels == truth, np.nan), axis=0)
        print(f"{name}, {key}:", *(f"{100 * rate:.1f}" for rate in rates), flush=True)


def save(network: nn.Module, path: Path, dtype: torch.dtype) -> None:
    """Write the weights as arrays by their names."""
    state = {name: value for name, value in network.state_dict().items() if value.ndim}
    np.savez(path, **{name: value.to(dtype).cpu().numpy() for name, value in state.items()})

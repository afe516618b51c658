"""A Keras checkpoint that says what it is: the `.keras` file with its record inside."""

import hashlib
import json
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import keras

from fer_onnx.metadata import InputSpec
from train.errors import DataError

MEMBER = "fer_onnx.json"  # beside Keras's own members in the zip
# what must be alike for one training to go on with the state of another
SAME = (
    *(
        "preset",
        "also",
        "heads",
        "input",
        "data_sha256",
        "splits",
        "seed",
        "epochs",
        "batch",
        "weights",
    ),
    *("frozen", "teachers", "teacher_weight"),
)


@dataclass(frozen=True)
class Record:
    """Say how a checkpoint came about.

    Attributes:
        preset: name of the preset.
        heads: labels of each head, in order of its outputs.
        input: what the network reads.
        data: name of the data set.
        data_sha256: digest of the training part as used.
        splits: own name and size of the parts used, by role.
        seed: of initialisation, order and augmentation.
        epochs: in the whole training.
        also: name and digest of the training part of each data set beside the first, by name.
        batch: faces a step; 0 in records that do not say.
        history: one row of figures for each finished epoch.
        tools: versions of what trained it.
        weights: what the network started from: "imagenet", or a file's name and digest.
        frozen: epochs, the first of all, in which the heads alone learned.
        teachers: digests of the checkpoints whose answers are in the targets, by file.
        teacher_weight: share of their answers.
    """

    preset: str
    heads: dict[str, tuple[str, ...]]
    input: InputSpec
    data: str
    data_sha256: str
    splits: dict[str, dict[str, int]]
    seed: int
    epochs: int
    history: list[dict[str, Any]] = field(default_factory=list)
    tools: dict[str, str] = field(default_factory=dict)
    weights: str = ""
    frozen: int = 0
    teachers: dict[str, str] = field(default_factory=dict)
    teacher_weight: float = 0.0
    batch: int = 0
    also: dict[str, str] = field(default_factory=dict)

    @property
    def trained_on(self) -> str:
        """Name the data set and its parts that were learned, as model files do."""
        return f"{self.data} {', '.join(self.splits['train'])}"

    def to_json(self) -> str:
        """Write the record as JSON."""
        return json.dumps(asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        fields = json.loads(text)
        fields["heads"] = {head: tuple(labels) for head, labels in fields["heads"].items()}
        fields["input"] = InputSpec(**fields["input"])
        return cls(**fields)


def check_name(path: Path) -> None:
    """Refuse a name that Keras could not save under, before any work is done.

    Raises:
        DataError: another ending than a checkpoint's.
    """
    if path.suffix != ".keras":
        raise DataError(f"{path}: the name of a checkpoint ends in .keras")


def write_checkpoint(model: keras.Model, record: Record, path: Path) -> None:
    """Save a model and its record as one file; the old file stays until the new one is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}")
    model.save(draft)
    with zipfile.ZipFile(draft, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MEMBER, record.to_json())
    draft.replace(path)


def read_checkpoint(path: Path) -> tuple[keras.Model, Record]:
    """Load what `write_checkpoint` saved.

    Raises:
        DataError: no such file, or not a checkpoint of this project.
    """
    record = read_record(path)
    return keras.models.load_model(path), record


def read_record(path: Path) -> Record:
    """Read the record alone.

    Raises:
        DataError: no such file, or not a checkpoint of this project.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return Record.from_json(archive.read(MEMBER).decode())
    except FileNotFoundError as exc:
        raise DataError(f"{path}: no such checkpoint") from exc
    except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError) as exc:
        raise DataError(f"{path}: not a checkpoint made by 'python -m train fit'") from exc


def read_run(path: Path) -> Record:
    """Read the record of every epoch that a run folder keeps beside its checkpoints.

    Raises:
        DataError: no such file, or not a record.
    """
    try:
        return Record.from_json(path.read_text(encoding="utf-8"))
    except (OSError, KeyError, TypeError, ValueError) as exc:
        raise DataError(f"{path}: not the record of a run of 'python -m train fit'") from exc


def restore_training(model: keras.Model, path: Path, planned: Record) -> Record:
    """Take weights, optimizer and history from the last epoch of the same training.

    Raises:
        DataError: no such checkpoint, or one of another training.
    """
    saved, record = read_checkpoint(path)
    for name in SAME:
        theirs, ours = getattr(record, name), getattr(planned, name)
        if name == "teachers":  # wherever they lie
            theirs, ours = sorted(theirs.values()), sorted(ours.values())
        if name == "batch" and not theirs:
            continue
        if theirs != ours:
            raise DataError(
                f"{path}: is another training: its {name} is {theirs!r}, this one's {ours!r}"
            )
    # copied, not taken over: a saved optimizer forgets which variables have no weight decay
    for new, old in zip(model.weights, saved.weights, strict=True):
        new.assign(old)
    for new, old in zip(model.optimizer.variables, saved.optimizer.variables, strict=True):
        new.assign(old)
    return record


def digest_file(path: Path) -> str:
    """Hash a file.

    Raises:
        DataError: no such file.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise DataError(f"{path}: {exc.strerror}") from exc


def name_weights(weights: str | Path | None) -> str:
    """Name what a network starts from, a file by its digest."""
    if weights is None or not Path(weights).is_file():
        return str(weights or "")
    return f"{Path(weights).name} {digest_file(Path(weights))}"


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    draft = path.with_name(f".{path.name}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)

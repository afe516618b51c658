"""A Keras checkpoint that says what it is: the `.keras` file with its record inside."""

import hashlib
import zipfile
from pathlib import Path

import keras

from fer_onnx.atomic import draft_of
from train.errors import TrainError, describe_cause

from .record import Record

MEMBER = "fer_onnx.json"  # beside Keras's own members in the zip
RECORD = 2**24  # bytes of a record at most
SWELLING = 100  # times that a member may grow when it is unpacked; Keras stores its own unpacked
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
    *("frozen", "teachers", "teacher_weight", "kind", "detectors"),
)


def check_name(path: Path) -> None:
    """Check that Keras can save under a name, before any work is done.

    Raises:
        TrainError: another ending than a checkpoint's.
    """
    if path.suffix != ".keras":
        raise TrainError(f"{path}: the name of a checkpoint ends in .keras")


def write_checkpoint(model: keras.Model, record: Record, path: Path) -> None:
    """Save a model and its record as one file; the old file stays until the new one is on disk.

    Raises:
        TrainError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft_of(path) as draft:
            model.save(draft)
            with zipfile.ZipFile(draft, "a", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(MEMBER, record.to_json())
    except Exception as exc:  # of a full disk, Keras and zipfile make errors of their own
        raise TrainError(f"{path}: cannot be written ({describe_cause(exc)})") from exc


def read_checkpoint(path: Path) -> tuple[keras.Model, Record]:
    """Load what `write_checkpoint` saved.

    Raises:
        TrainError: no such file, not a checkpoint of this project, or a damaged one.
    """
    record = read_record(path)
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive)
        model = keras.models.load_model(path)
    except Exception as exc:  # of a damaged file, Keras, h5py and zipfile raise what they please
        raise TrainError(f"{path}: damaged checkpoint ({describe_cause(exc)})") from exc
    if not record.fits(model):
        raise TrainError(f"{path}: damaged checkpoint (its record is of another network)")
    return model, record


def read_record(path: Path) -> Record:
    """Read the record alone.

    Raises:
        TrainError: no such file, or not a checkpoint of this project.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo(MEMBER).file_size > RECORD:
                raise ValueError("its record is too long")
            return Record.from_json(archive.read(MEMBER).decode())
    except FileNotFoundError as exc:
        raise TrainError(f"{path}: no such checkpoint") from exc
    except Exception as exc:  # zipfile raises a dozen kinds: RuntimeError, zlib.error, …
        raise TrainError(f"{path}: not a checkpoint made by 'python -m train fit'") from exc


def read_run(path: Path) -> Record:
    """Read the record of every epoch that a run folder keeps beside its checkpoints.

    Raises:
        TrainError: no such file, or not a record.
    """
    try:
        return Record.from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise TrainError(f"{path}: not the record of a run of 'python -m train fit'") from exc


def restore_training(model: keras.Model, path: Path, planned: Record) -> Record:
    """Take weights, optimizer and history from the last epoch of the same training.

    Raises:
        TrainError: no such checkpoint, a damaged one, or one of another training.
    """
    saved, record = read_checkpoint(path)
    for name in SAME:
        theirs, ours = getattr(record, name), getattr(planned, name)
        if name == "teachers":  # wherever they lie
            theirs, ours = sorted(theirs.values()), sorted(ours.values())
        if name == "batch" and not theirs:
            continue
        if theirs != ours:
            raise TrainError(
                f"{path}: cannot resume: checkpoint has {name} {theirs!r}, this run {ours!r}"
            )
    try:
        # copied, not taken over: a saved optimizer forgets which variables have no weight decay
        for new, old in zip(model.weights, saved.weights, strict=True):
            new.assign(old)
        for new, old in zip(model.optimizer.variables, saved.optimizer.variables, strict=True):
            new.assign(old)
    except (AttributeError, ValueError) as exc:
        raise TrainError(f"{path}: cannot resume: its network or optimizer is another") from exc
    return record


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises:
        TrainError: no such file.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise TrainError(f"{path}: {exc.strerror}") from exc


def name_weights(path: Path) -> str:
    """Return the name and digest of a file of weights.

    Raises:
        TrainError: no such file.
    """
    return f"{path.name} {digest_file(path)}"


def _check_members(archive: zipfile.ZipFile) -> None:
    """Check every member against its checksum; Keras reads weights without doing so.

    Raises:
        ValueError: a member that would swell, or whose bytes are not those that were written.
    """
    for member in archive.infolist():
        if member.file_size > SWELLING * member.compress_size + RECORD:
            raise ValueError(f"{member.filename} would take {member.file_size:,} bytes")
    if damaged := archive.testzip():
        raise ValueError(f"checksum of {damaged}")

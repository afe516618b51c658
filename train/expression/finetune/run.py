"""What a fit to a person's own pictures leaves: a checkpoint, its record, and what it says."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import keras

from fer_onnx.atomic import write_whole
from fer_onnx.evaluation.intervals import wilson_interval
from train.data.cutter import FaceCutter
from train.data.faceset import FaceSet
from train.data.folds import Groups
from train.errors import TrainError
from train.runs.checkpoint import name_weights, write_checkpoint
from train.runs.record import Record
from train.runs.versions import TOOLS, list_versions

from .fitting import CALIBRATED, HEAD, LEAST, Fitted, build_network
from .starts import Calibration, Origin


def check_folder(out: Path) -> None:
    """Check that a folder holds no training yet.

    Raises:
        TrainError: it does.
    """
    for name in ("best.keras", "last.keras"):
        if (out / name).exists():
            raise TrainError(f"{out}: already holds a run; choose another --out")


def write_run(
    fitted: Fitted,
    faces: FaceSet,
    labels: tuple[str, ...],
    origin: Origin,
    init: Path,
    out: Path,
    regardless: bool,
) -> Record:
    """Write `best.keras`, `run.json` and `answers.csv`: the fitted head, or the start if it stays.

    Args:
        fitted: what came of it.
        faces: that it was fitted to.
        labels: that it tells apart.
        origin: the checkpoint it started from.
        init: that checkpoint's file.
        out: the run folder.
        regardless: whether the fitted head is written even if it does not beat the start.
    """
    start = fitted.start
    kept = start if not (regardless or fitted.better) else None
    head, calibration = (
        (kept.head, kept.calibration) if kept else (fitted.trained, fitted.calibration)
    )
    record = Record(
        preset="finetune",
        heads={HEAD: labels},
        input=origin.record.input,
        data=faces.name,
        data_sha256=faces.digest(),
        also={origin.record.data: origin.record.data_sha256, **origin.record.also},
        splits={"train": faces.sizes()},
        seed=0,
        epochs=0,
        tools={"backend": keras.backend.backend(), **list_versions(TOOLS)},
        kind="finetune",
        sources=(name_weights(init),),
        metrics=_shares(fitted),
        held_out=_figures(fitted, labels, bool(kept)),
        calibration=calibration._asdict(),
    )
    write_checkpoint(build_network(origin, head, labels), record, out / "best.keras")
    with write_whole(out / "run.json") as file:
        file.write(record.to_json().encode())
    with write_whole(out / "answers.csv") as file:
        file.write(_tabulate(fitted, faces, labels).encode())
    return record


def describe_data(
    faces: FaceSet, labels: tuple[str, ...], cutter: FaceCutter, groups: Groups, out: Path
) -> Iterator[str]:
    """Describe what is learned from, in lines."""
    yield f"{cutter.describe()} ({out / 'faces.csv'})"
    counts = {label: int((faces.original == faces.labels.index(label)).sum()) for label in labels}
    yield "learning " + ", ".join(f"{label} {count:,}" for label, count in counts.items())
    people = f"of {groups.people:,} people by name" if groups.people else "no people by name"
    yield f"held out together: {groups.copies:,} copies and near-copies; {people}"


def describe_fit(fitted: Fitted, labels: tuple[str, ...], record: Record) -> Iterator[str]:
    """Describe what came of it, in lines; the last one says what to do."""
    scores, verdict = fitted.score(labels), fitted.verdict
    low, high = wilson_interval(round(verdict.trained * verdict.faces), verdict.faces)
    name = fitted.start.name if fitted.start else "always the most frequent label"
    if fitted.enough:
        yield f"start ({name}): {verdict.start:.1%} right"
        yield f"fitted: {verdict.trained:.1%} right (95 %: {low:.1%} to {high:.1%}), held out"
        yield "recall: " + ", ".join(f"{k} {v:.0%}" for k, v in scores.recall.items())
    yield describe_calibration(Calibration(**record.calibration), verdict.faces)


def describe_calibration(calibration: Calibration, faces: int) -> str:
    """Describe what makes an answer certain, and where that comes from."""
    few = f"{faces} held-out faces, {CALIBRATED} are needed to choose them"
    if calibration.temperature is None:
        return f"temperature and threshold: none; {few}"
    return (
        f"temperature {calibration.temperature:.2f}, threshold {calibration.threshold:.2f}: "
        f"from {calibration.source}{f'; {few}' if faces < CALIBRATED else ''}"
    )


def conclude(fitted: Fitted, labels: tuple[str, ...], record: Record, out: Path) -> str:
    """Return the verdict in one line, with what was written."""
    file, verdict = out / "best.keras", fitted.verdict
    kept = record.held_out["kept"] == "start"
    written = f"{file} is what you started from" if kept else f"{file} is the fitted model"
    if not fitted.enough:
        missing = ", ".join(
            f"{LEAST - count} more of {label}"
            for label, count in zip(labels, fitted.pictures, strict=True)
            if count < LEAST
        )
        advice = "; --regardless writes the fitted one" if kept else ""
        return (
            f"too few pictures to say whether it is better: it takes {LEAST} of each label: "
            f"{missing}; {written}{advice}"
        )
    name = "what you started from" if fitted.start else "answering the most frequent label always"
    figures = (
        f"{100 * verdict.trained:.1f} against {100 * verdict.start:.1f} %, "
        f"± {100 * verdict.accuracy.half:.1f} points on {verdict.faces} faces"
    )
    if verdict.accuracy.low > 0:
        return f"better than {name}: {figures}; {written}"
    if verdict.better:
        gain = verdict.likelihood
        return (
            f"better than {name} in its scores (log-likelihood +{gain.mean:.2f} ± {gain.half:.2f} "
            f"a face), and by chance or more in its labels: {figures}; {written}"
        )
    advice = "; keep the model you have" if kept else ""
    return f"no better than {name}: {figures}{advice}; {written}"


def _shares(fitted: Fitted) -> dict[str, float]:
    accuracy = round(fitted.verdict.trained, 4)
    return {f"{HEAD}_accuracy": accuracy, "mean_accuracy": accuracy}


def _figures(fitted: Fitted, labels: tuple[str, ...], kept: bool) -> dict[str, object]:
    """Return the figures of whichever head is written, as model files list them."""
    verdict = fitted.verdict
    about = {
        "split": "held out in turn",
        "images": verdict.faces,
        "kept": "start" if kept else "fitted",
        "start": fitted.start.name if fitted.start else "the most frequent label",
        "strength": fitted.strength,
    }
    if not fitted.enough:
        return about | {"claimed": f"nothing: fewer than {LEAST} pictures of a label"}
    answers = fitted.start_answers if kept else fitted.answers
    scores = fitted._replace(answers=answers).score(labels)
    return about | {
        "accuracy": round(scores.accuracy, 4),
        "mean_recall": round(scores.mean_recall, 4),
        "macro_f1": round(scores.macro_f1, 4),
        "ece": round(scores.ece, 4),
        "recall": {label: round(value, 4) for label, value in scores.recall.items()},
        "confusion": scores.confusion,
        "start_accuracy": round(verdict.start, 4),
        "difference": round(verdict.accuracy.mean, 4),
        "difference_low": round(verdict.accuracy.low, 4),
        "difference_high": round(verdict.accuracy.high, 4),
    }


def _tabulate(fitted: Fitted, faces: FaceSet, labels: tuple[str, ...]) -> str:
    """Return the held-out answers as a table: file, right label, those of the fitted and start."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["file", "label", "fitted", "score", "start", "start_score"])
    rows = zip(faces.names, fitted.truth, fitted.answers, fitted.start_answers, strict=True)
    for name, right, ours, theirs in rows:
        given, before = int(ours.argmax()), int(theirs.argmax())
        scores = f"{ours[given]:.4f}", f"{theirs[before]:.4f}"
        writer.writerow([name, labels[right], labels[given], scores[0], labels[before], scores[1]])
    return table.getvalue()

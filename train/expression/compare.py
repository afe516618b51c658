"""Trainings side by side: one table, one picture."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from train.errors import TrainError
from train.runs.checkpoint import read_checkpoint, read_record, read_run
from train.runs.record import Record, rank_epoch

from .evaluate import ask


@dataclass(frozen=True)
class Run:
    """A training, finished or not, or an average of several.

    Attributes:
        name: of its folder, or of the checkpoint.
        record: with every epoch that is known.
        parameters: of the network.
        megabytes: of the checkpoint.
        measured: accuracy of each head on a part of one's choice.
    """

    name: str
    record: Record
    parameters: int
    megabytes: float
    measured: dict[str, float]

    @property
    def best(self) -> dict[str, Any]:
        """Figures of the best epoch, or of an average."""
        if not self.record.history:
            return self.record.metrics
        return max(self.record.history, key=rank_epoch)

    @property
    def seconds(self) -> float:
        """Median time of the epochs of the whole network, or of the heads if they learned alone."""
        history = self.record.history
        return median(row["seconds"] for row in history[self.record.frozen :] or history)

    @property
    def minutes(self) -> float:
        """Time of all epochs."""
        return sum(row["seconds"] for row in self.record.history) / 60


def read_runs(sources: Sequence[Path], data: Path | None, split: str | None) -> list[Run]:
    """Read trainings from run folders, or from checkpoints, which know the epochs until then.

    Args:
        sources: the folders and files.
        data: the data set of `split`.
        split: part on which the best checkpoint of each is measured as well; None: on none.

    Raises:
        TrainError: not a training, or one without a finished epoch; no such data or split.
    """
    runs = []
    for source in sources:
        file = source / "best.keras" if source.is_dir() else source
        record = read_run(source / "run.json") if source.is_dir() else read_record(file)
        if record.kind == "detector":
            raise TrainError(f"{source}: finds faces, and is not compared by the labels it gives")
        if not record.history and not record.metrics:
            raise TrainError(f"{source}: no epoch is done yet")
        measured = _measure(file, data, split) if data and split else {}
        runs.append(
            Run(
                _name(source),
                record,
                read_checkpoint(file)[0].count_params(),
                file.stat().st_size / 1e6,
                measured,
            )
        )
    return runs


def describe_runs(runs: Sequence[Run], split: str | None) -> Iterator[str]:
    """Write the table as lines of Markdown; accuracies in percent, `-` where there is no head."""
    heads = list(dict.fromkeys(head for run in runs for head in run.record.heads))
    columns = ["run", "preset", "labels", "faces", "parameters", "MB", "epochs", "best"]
    columns += [f"{head}, {_name_validation(runs)}" for head in heads]
    columns += [f"{head}, {split}" for head in heads if split]
    rows = [[*columns, "s an epoch", "minutes"]]
    for run in runs:
        record, best = run.record, run.best
        labels = next(iter(record.heads.values()))
        made = record.preset if record.kind == "fit" else f"{record.kind} of {len(record.sources)}"
        row = [run.name, made, ", ".join(labels) if len(labels) < 4 else str(len(labels))]
        row += [f"{sum(record.splits['train'].values()):,}", f"{run.parameters:,}"]
        trained = bool(record.history)
        row += [f"{run.megabytes:.1f}"]
        row += [f"{len(record.history)} of {record.epochs}" if trained else "-"]
        row += [str(best["epoch"]) if trained else "-"]
        row += [_percent(best.get(f"{head}_accuracy")) for head in heads]
        row += [_percent(run.measured.get(head)) for head in heads if split]
        times = [f"{run.seconds:.1f}", f"{run.minutes:.1f}"] if trained else ["-", "-"]
        rows.append([*row, *times])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, ["-" * width for width in widths])
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield f"| {' | '.join(cells)} |"


def _measure(checkpoint: Path, data: Path, split: str) -> dict[str, float]:
    faces, answers = ask(checkpoint, data, split)
    return {answer.head: answer.score(faces).accuracy for answer in answers}


def _name(source: Path) -> str:
    """Name a run by its folder, a checkpoint elsewhere by its file."""
    path = source.resolve()
    if path.is_dir():
        return path.name
    return path.parent.name if path.name in ("best.keras", "last.keras") else path.stem


def _name_validation(runs: Sequence[Run]) -> str:
    """Name the part by which the epochs were chosen, if it is the same for all."""
    parts = {", ".join(run.record.splits.get("validation", ())) for run in runs}
    return parts.pop() if len(parts) == 1 else "validation"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"

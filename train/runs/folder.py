"""The folder that a training leaves: checkpoints, history, curves, record, TensorBoard log."""

import csv
import io
from pathlib import Path

import keras

from fer_onnx.atomic import remove_drafts, write_whole
from train.errors import TrainError, describe_cause

from .checkpoint import restore_training
from .curves import draw_curves
from .record import Record


class RunFolder:
    """The files of one training.

    `best.keras` is the checkpoint to export; `last.keras` the whole state, to resume from;
    `history.csv` one row an epoch, `curves.png` its picture; `run.json` the record; `logs/` for
    TensorBoard.

    Args:
        path: the folder; it is made.
        resume: whether a run that it holds is to be continued.

    Raises:
        TrainError: it holds a run that is not to be continued.
    """

    def __init__(self, path: Path, resume: bool = False) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.best = path / "best.keras"
        self.last = path / "last.keras"
        self._board: keras.callbacks.TensorBoard | None = None
        if self.last.exists() and not resume:
            raise TrainError(f"{path}: already holds a run; use --resume to continue it")
        remove_drafts(path)

    def restore(self, model: keras.Model, planned: Record) -> Record:
        """Take the state of the last complete epoch, and write what a kill left unwritten after it.

        Raises:
            TrainError: no such epoch, or one of another training.
        """
        record = restore_training(model, self.last, planned)
        if record.history:
            self.write(record, model)
        return record

    def write(self, record: Record, model: keras.Model) -> None:
        """Bring every file beside the checkpoints up to date with the last epoch.

        Raises:
            TrainError: the log cannot be written.
            OSError: another file cannot be written.
        """
        table = io.StringIO()
        writer = csv.DictWriter(table, fieldnames=list(record.history[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(record.history)
        with write_whole(self.path / "history.csv") as file:
            file.write(table.getvalue().encode())
        with write_whole(self.path / "run.json") as file:
            file.write(record.to_json().encode())
        draw_curves([("", record.history)], self.path / "curves.png")
        self._log(record.history[-1], model)

    def _log(self, row: dict[str, float], model: keras.Model) -> None:
        if keras.backend.backend() != "tensorflow":  # the summary writer is TensorFlow's
            return
        logs = self.path / "logs"
        try:
            if self._board is None:
                self._board = keras.callbacks.TensorBoard(str(logs), write_graph=False)
                self._board.set_model(model)
            self._board.on_epoch_end(row["epoch"], {k: v for k, v in row.items() if k != "epoch"})
        except Exception as exc:  # of a full disk, TensorFlow makes an error of its own
            raise TrainError(f"{logs}: cannot be written ({describe_cause(exc)})") from exc

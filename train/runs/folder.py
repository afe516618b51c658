"""The folder that a training leaves: checkpoints, history, curves, record, TensorBoard log."""

import csv
import io
from pathlib import Path

import keras

from .checkpoint import Record, write_text
from .curves import draw_curves


class RunFolder:
    """Name and write the files of one training.

    `best.keras` is the checkpoint to export; `last.keras` the whole state, to resume from;
    `history.csv` one row an epoch, `curves.png` its picture; `run.json` the record; `logs/` for
    TensorBoard.
    """

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.best = path / "best.keras"
        self.last = path / "last.keras"
        self._board: keras.callbacks.TensorBoard | None = None

    def write(self, record: Record, model: keras.Model) -> None:
        """Bring every file beside the checkpoints up to date with the last epoch."""
        table = io.StringIO()
        writer = csv.DictWriter(table, fieldnames=list(record.history[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(record.history)
        write_text(self.path / "history.csv", table.getvalue())
        write_text(self.path / "run.json", record.to_json())
        draw_curves([("", record.history)], self.path / "curves.png")
        self._log(record.history[-1], model)

    def _log(self, row: dict[str, float], model: keras.Model) -> None:
        if keras.backend.backend() != "tensorflow":  # the summary writer is TensorFlow's
            return
        if self._board is None:
            self._board = keras.callbacks.TensorBoard(str(self.path / "logs"), write_graph=False)
            self._board.set_model(model)
        self._board.on_epoch_end(row["epoch"], {k: v for k, v in row.items() if k != "epoch"})

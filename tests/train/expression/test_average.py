"""Trainings that began alike are averaged, and measured."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from train.cli import main
from train.expression.average import average
from train.expression.networks import build_residual
from train.expression.presets import load_preset
from train.runs.checkpoint import digest_file, read_checkpoint, write_checkpoint
from train.runs.record import Record

LABELS = ("happy", "sad", "neutral")
SPEC = load_preset("compact").input
HEADS = {"original": LABELS, "ferplus": LABELS}


@pytest.fixture
def write(tmp_path):
    """Write a checkpoint all of whose weights are one number."""

    def write_constant(value: float, widths: tuple[int, int] = (4, 8), **changes: object) -> str:
        model = build_residual(SPEC, HEADS, widths=widths, blocks=(1,))
        model.set_weights([np.full(weight.shape, value) for weight in model.get_weights()])
        record = Record("compact", HEADS, SPEC, "FER2013", "", {"train": {"Training": 96}}, 1, 9)
        path = tmp_path / f"{value:g}.keras"
        write_checkpoint(model, replace(record, **changes), path)
        return str(path)

    return write_constant


def test_the_average_is_written_with_what_it_was_made_from(write, tiny_data, tmp_path, capsys):
    sources = [write(value) for value in (5, 2)]
    out = tmp_path / "new" / "average.keras"
    words = ["average", *sources, "--data", str(tiny_data), "--out", str(out)]
    assert main(words) == 0
    averaged, record = read_checkpoint(out)
    assert all(np.allclose(weight, 3.5) for weight in averaged.get_weights())
    five, two = map(Path, sources)
    assert record.kind == "average"
    assert record.sources == (f"5.keras {digest_file(five)}", f"2.keras {digest_file(two)}")
    assert (record.epochs, record.history, record.weights) == (0, [], "")
    assert record.splits == {"train": {"Training": 96}, "validation": {"PublicTest": 24}}
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[-1] for line in lines] == [*sources, str(out)]


def test_the_figures_of_its_record_are_what_evaluate_measures(write, tiny_data, tmp_path, capsys):
    out = tmp_path / "average.keras"
    assert main(["average", write(0.5), "--data", str(tiny_data), "--out", str(out)]) == 0
    figures = read_checkpoint(out)[1].metrics
    capsys.readouterr()
    assert main(["evaluate", str(out), "--data", str(tiny_data), "--split", "PublicTest"]) == 0
    assert f"accuracy    {figures['original_accuracy']:.2%}" in capsys.readouterr().out
    assert main(["compare", str(out)]) == 0
    table = capsys.readouterr().out
    assert "| average of 1 |" in table
    assert f"| {100 * figures['original_accuracy']:.1f} " in table


def test_arrays_are_averaged_one_by_one():
    first, second = (
        [np.array([1.0, 2.0]), np.array([[4.0]])],
        [np.array([3.0, 6.0]), np.zeros((1, 1))],
    )
    mean = average([first, second])
    assert [array.tolist() for array in mean] == [[2.0, 4.0], [[2.0]]]


def test_networks_that_differ_are_refused_in_one_line(write, tiny_data, tmp_path, capsys):
    sources = [write(1), write(2, widths=(4, 12))]
    words = ["average", *sources, "--data", str(tiny_data), "--out", str(tmp_path / "a.keras")]
    assert main(words) == 2
    assert capsys.readouterr().err == f"error: {sources[1]}: not the network of {sources[0]}\n"


def test_the_other_split_of_fer2013_does_not_choose(write, tiny_data, tmp_path, capsys):
    source = write(1, splits={"train": {"train": 96}})
    words = ["average", source, "--data", str(tiny_data), "--out", str(tmp_path / "a.keras")]
    assert main(words) == 2
    assert "the two overlap by 80 %" in capsys.readouterr().err
    assert not (tmp_path / "a.keras").exists()

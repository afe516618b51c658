"""The figures that the documents quote are those of the very files that are bundled."""

import json
from dataclasses import replace

import numpy as np
import pytest

import fer_onnx
from benchmarks import accuracy, figures
from benchmarks.accuracy import PRIVATE, Part, measure_model, read_calibration
from benchmarks.figures import (
    ACCURACY,
    DOCUMENTS,
    MARKED,
    ROBUSTNESS,
    digest_model,
    fill,
    read_figures,
    write_figures,
)
from benchmarks.tables import render_tables
from export.calibration import Calibration
from fer_onnx.modelfile import bundled_names
from train.data.faceset import LABELS, FaceSet

AGAIN = "measure it again: make report"


@pytest.fixture(scope="module")
def tables():
    return render_tables(read_figures(ACCURACY), read_figures(ROBUSTNESS))


def make_faces(split: str, count: int = 28) -> FaceSet:
    """Make noise that has every label in turn, and ten votes for it."""
    rng, right = np.random.default_rng(count), np.arange(count) % len(LABELS)
    votes = np.zeros((count, 10), dtype=np.int64)
    votes[np.arange(count), [4, 5, 6, 1, 3, 2, 0] * (count // 7)] = 10
    return FaceSet(
        images=rng.integers(0, 256, (count, 48, 48, 1), dtype=np.uint8),
        splits=np.full(count, split),
        original=right,
        votes=votes,
        labels=LABELS,
        name="FER2013",
        names=np.arange(count).astype(str),
    )


@pytest.fixture(scope="module")
def parts():
    copied = np.arange(28) >= 21
    return {split: Part(make_faces(split), copied) for split in ("PublicTest", PRIVATE)}


def test_the_figures_are_of_the_files_that_are_bundled():
    digests = {name: digest_model(name) for name in bundled_names()}
    known = {model["info"]["name"]: key for key, model in read_figures(ACCURACY).items()}
    assert known == digests, AGAIN
    assert read_figures(ROBUSTNESS)["model_sha256"] == digests["emotions"], AGAIN


def test_the_model_files_say_of_themselves_what_was_measured():
    for model in read_figures(ACCURACY).values():
        said, found = model["info"]["metrics"], model["splits"]["PublicTest"]["shipped"]
        assert said["split"] == "PublicTest"
        assert said["images"] == found["images"]
        for key in ("accuracy", "mean_recall", "macro_f1", "ece"):
            assert said[key] == pytest.approx(found[key], abs=0.01), (model["info"]["name"], key)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_tables_of_the_documents_are_what_the_figures_say(document, tables):
    text = document.read_text(encoding="utf-8")
    assert fill(text, tables) == text, "render it again: python -m benchmarks.accuracy"


def test_every_table_stands_in_some_document(tables):
    found = [name for path in DOCUMENTS for _, name, _ in MARKED.findall(path.read_text())]
    assert sorted(found) == sorted(tables)


def test_only_what_stands_between_markers_changes():
    text = "a\n<!-- report: one -->\nold\n<!-- end -->\nb\n<!-- report: two --><!-- end -->\n"
    filled = fill(text, {"one": "new"})
    assert filled == text.replace("old", "\nnew\n")
    assert fill(filled, {"one": "new"}) == filled
    with pytest.raises(ValueError, match="no table 'one'; there are two"):
        fill(text, {"two": "new"})


def test_the_private_part_is_measured_once_a_file(parts):
    model, train = fer_onnx.load("emotions"), make_faces("Training")
    public = {"PublicTest": parts["PublicTest"]}
    assert list(measure_model(model, train, public, {})["splits"]) == ["PublicTest"]
    asked = measure_model(model, train, parts, {})["splits"]
    assert list(asked) == ["PublicTest", PRIVATE]
    seen = {"PublicTest": "old", PRIVATE: "seen"}
    for some in (public, parts):
        splits = measure_model(model, train, some, seen)["splits"]
        assert splits == {"PublicTest": asked["PublicTest"], PRIVATE: "seen"}


def test_a_file_is_measured_with_and_without_copies_and_as_it_was_trained(parts):
    model = fer_onnx.load("emotions")
    found = measure_model(model, make_faces("Training"), parts, {})["splits"]["PublicTest"]
    assert found["shipped"]["images"] == found["as_trained"]["images"] == 28
    assert found["without_copies"]["images"] == 21
    assert np.array(found["shipped"]["confusion"]).sum() == 28
    assert 0 <= found["shipped"]["intervals"]["accuracy"][0] <= found["shipped"]["accuracy"]
    assert set(found["cross_fitted"]) == {"accuracy", "mean_recall", "macro_f1", "ece"}


def test_what_a_file_says_is_enough_to_undo_its_calibration():
    done = Calibration(0.5, np.array([-2.0, -1, 0, -0.5, -1, -1, -1]), 0.7, 0.6)
    info = replace(
        fer_onnx.load("emotions").info,
        temperature=done.temperature,
        prior_removed=dict(zip(LABELS, done.prior.tolist(), strict=True)),
        metrics={"prior_strength": done.strength},
        uncertain_below=done.threshold,
    )
    trained = np.random.default_rng(0).dirichlet(np.ones(7), 50)
    assert read_calibration(info).undo(done.apply(trained)) == pytest.approx(trained)


def test_without_data_the_documents_are_rendered_all_the_same(tmp_path, monkeypatch, capsys):
    copy = tmp_path / "README.md"
    copy.write_text("<!-- report: headline -->\n<!-- end -->\n")
    monkeypatch.setattr(figures, "DOCUMENTS", (copy,))
    monkeypatch.delenv("FER_DATA", raising=False)
    before = ACCURACY.read_bytes()
    assert accuracy.main([]) == 0
    assert "| `emotions`, FER+ majority |" in copy.read_text()
    assert capsys.readouterr().err.splitlines() == [accuracy.NO_DATA]
    assert ACCURACY.read_bytes() == before


def test_without_data_a_file_of_which_there_are_no_figures_is_named(tmp_path, monkeypatch, capsys):
    stale = dict(list(read_figures(ACCURACY).items())[1:])
    write_figures(stale, tmp_path / "accuracy.json")
    monkeypatch.setattr(accuracy, "ACCURACY", tmp_path / "accuracy.json")
    monkeypatch.delenv("FER_DATA", raising=False)
    assert accuracy.main([]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: emotions: no figures of this file")


def test_figures_are_written_to_five_places_and_read_again(tmp_path):
    write_figures({"a": [1, 2], "b": {"c": 0.1234567}, "d": []}, tmp_path / "x.json")
    assert "[1,2]" in (tmp_path / "x.json").read_text()
    assert json.loads((tmp_path / "x.json").read_text()) == {
        "a": [1, 2],
        "b": {"c": 0.12346},
        "d": [],
    }
    assert read_figures(tmp_path / "none.json") == {}

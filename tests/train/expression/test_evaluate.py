"""`evaluate` measures what is named, and refuses what the model was trained on."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_onnx.evaluation.metrics import score_answers
from train.cli import main
from train.data.formats import read_dataset
from train.data.targets import true_labels
from train.expression.networks import build_residual
from train.expression.presets import load_preset, preset_names
from train.runs.checkpoint import write_checkpoint
from train.runs.record import Record

LABELS = ("happy", "sad", "neutral")
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """A network that was never trained: its figures need only be counted right."""
    heads = {"original": LABELS, "ferplus": LABELS}
    spec = load_preset("compact").input
    model = build_residual(spec, heads, widths=(4, 8), blocks=(1,))
    record = Record("compact", heads, spec, "FER2013", "", {"train": {"Training": 96}}, 1, 1)
    path = tmp_path_factory.mktemp("run") / "best.keras"
    write_checkpoint(model, record, path)
    return path, model, record


def test_figures_are_those_of_the_checkpoints_answers(checkpoint, tiny_data, tmp_path, capsys):
    path, model, record = checkpoint
    words = ["evaluate", str(path), "--data", str(tiny_data), "--split", "PublicTest"]
    assert main([*words, "--out", str(tmp_path)]) == 0
    faces = read_dataset(tiny_data, record.input).split("PublicTest")
    expected = {
        head: score_answers(probabilities, true_labels(faces, head, LABELS), LABELS)
        for head, probabilities in model.predict(faces.images, verbose=0).items()
    }
    written = json.loads((tmp_path / "metrics.json").read_text())
    assert written["split"] == "PublicTest"
    for head, scores in expected.items():
        assert written[head]["confusion"] == scores.confusion
        assert written[head]["accuracy"] == pytest.approx(scores.accuracy)
        assert (tmp_path / f"confusion-{head}.png").read_bytes()[:4] == b"\x89PNG"
    out = " ".join(capsys.readouterr().out.split())
    assert f"accuracy {expected['original'].accuracy:.2%}" in out
    assert "ferplus labels, PublicTest" in out


def test_one_head_may_be_named(checkpoint, tiny_data, capsys):
    words = ["evaluate", str(checkpoint[0]), "--data", str(tiny_data), "--head", "ferplus"]
    assert main(words) == 0
    assert "original" not in capsys.readouterr().out
    assert main([*words[:-1], "nose"]) == 2
    assert "no head 'nose'; it has original, ferplus" in capsys.readouterr().err


def test_each_group_is_measured_by_itself(checkpoint, tiny_data, tmp_path, capsys):
    path, model, record = checkpoint
    faces = read_dataset(tiny_data, record.input).split("PublicTest")
    groups = np.array(["old", "young", ""])[np.arange(24) % 3]
    table = tmp_path / "people.csv"
    lines = [f"{name},x,{group}" for name, group in zip(faces.names, groups, strict=True)]
    table.write_text("\n".join(["face,other,age", *lines, "images/99999.png,x,old"]))
    words = ["evaluate", str(path), "--data", str(tiny_data), "--head", "original"]
    assert main([*words, "--group-column", str(table), "age"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line]
    rows = {line[0]: line for line in lines}
    given = model.predict(faces.images, verbose=0)["original"]
    for group in ("old", "young"):
        some = groups == group
        scores = score_answers(given[some], true_labels(faces, "original", LABELS)[some], LABELS)
        low, high = scores.intervals()["accuracy"]
        assert rows[group][1:4] == [
            "8",
            str(sum(map(any, scores.confusion))),
            f"{scores.accuracy:.1%}",
        ]
        assert rows[group][4:7] == [f"({low:.1%}", "to", f"{high:.1%})"]
        assert rows[group][7] == f"{scores.mean_recall:.1%}"
    assert rows["8"] == ["8", "faces", "that", "count", "are", "in", "no", "group"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "people.csv: cannot be read"),
        ("face,age\n", "gives none of the faces a group; it names none"),
        ("face,sex\nimages/00096.png,f\n", "no column 'age' after the first; it has sex"),
        ("age\nimages/00096.png\n", "no column 'age' after the first; it has none"),
        ("face,age\n96,old\n", "it names 96, the data set images/00096.png"),
        ("face,age\nimages/00096.png,old\nimages/00096.png,young\n", "is in two groups of 'age'"),
    ],
)
def test_an_unusable_table_of_groups_is_one_line(
    text, message, checkpoint, tiny_data, tmp_path, capsys
):
    table = tmp_path / "people.csv"
    if text is not None:
        table.write_text(text)
    words = ["evaluate", str(checkpoint[0]), "--data", str(tiny_data)]
    assert main([*words, "--group-column", str(table), "age"]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_kaggles_validation_part_is_refused_to_a_model_of_the_official_split(
    checkpoint, lay_out, tmp_path, capsys
):
    for row in lay_out.rows(("happy", "sad"), {"Training": 4, "PublicTest": 4}):
        part = "train" if row["usage"] == "Training" else "validation"
        path = tmp_path / "images" / part / row["emotion"] / f"{row['row']}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(lay_out.png(row["pixels"]))
    assert main(["evaluate", str(checkpoint[0]), "--data", str(tmp_path)]) == 2
    assert "the two overlap by 80 %" in capsys.readouterr().err


def test_a_training_is_measured_on_the_faces_that_it_held_out(lay_out, tmp_path, capsys):
    data, out = tmp_path / "mine", tmp_path / "run"
    for row in lay_out.rows(("happy", "sad"), {"Training": 60}):
        path = data / row["emotion"] / f"{row['row']}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(lay_out.png(row["pixels"]))
    words = ["fit", "compact", "--data", str(data), "--out", str(out), "--epochs", "1"]
    assert main([*words, "--side", "24", "--batch", "16"]) == 0
    record = json.loads((out / "run.json").read_text())
    held = record["splits"]["validation"]["validation"]
    assert record["data"] == "mine"
    assert main(["evaluate", str(out / "best.keras"), "--data", str(data)]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    share = record["history"][0]["original_accuracy"]
    assert f"accuracy {share:.2%}" in printed
    assert f"({held} faces)" in printed


def test_the_official_split_is_refused_to_a_model_of_kaggles(
    checkpoint, tiny_data, tmp_path, capsys
):
    _, model, record = checkpoint
    path = tmp_path / "kaggle.keras"
    write_checkpoint(model, replace(record, splits={"train": {"train": 96}}), path)
    assert main(["evaluate", str(path), "--data", str(tiny_data)]) == 2
    assert "not to be measured on PublicTest of another split" in capsys.readouterr().err


def test_a_bundled_model_is_measured_by_its_name(fer_data, capsys):
    assert main(["evaluate", "happy-sad", "--data", str(fer_data)]) == 0
    accuracy = float(capsys.readouterr().out.split("accuracy ")[1].split("%")[0])
    import fer_onnx

    noted = fer_onnx.load("happy-sad").info.metrics
    assert noted["split"] == "PublicTest"
    assert accuracy == pytest.approx(100 * noted["accuracy"], abs=0.01)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["missing.keras"], "missing.keras: no such checkpoint"),
        (["missing.onnx"], "missing.onnx: no such file, and no bundled model"),
        (["checkpoints/faces.keras"], "checkpoints/faces.keras: finds faces"),
        (["{checkpoint}", "--split", "Nowhere"], "no split 'Nowhere'; it has PrivateTest"),
    ],
)
def test_bad_words_are_one_line_and_exit_2(words, message, checkpoint, tiny_data, capsys):
    words = [word.format(checkpoint=checkpoint[0]) for word in words]
    assert main(["evaluate", *words, "--data", str(tiny_data)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error
    assert error.count("\n") == 1


def test_without_data_the_error_says_how_to_name_it(monkeypatch, capsys):
    monkeypatch.delenv("FER_DATA", raising=False)
    assert main(["evaluate", "emotions"]) == 2
    assert capsys.readouterr().err == "error: no data: give --data PATH or set FER_DATA\n"


def test_presets_are_listed_with_what_they_are(capsys):
    assert main(["presets"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == preset_names()
    assert {"compact", "finetune-whole", "origin", "transfer-vgg16"} <= set(preset_names())
    assert all(len(line) > 30 for line in lines)


def test_random_answers_have_the_accuracy_of_chance(checkpoint, fer_data):
    faces = read_dataset(fer_data, checkpoint[2].input).split("PublicTest")
    rng = np.random.default_rng(0)
    answers = true_labels(faces, "original", faces.labels)
    scores = score_answers(rng.random((len(faces), 7)), answers, faces.labels)
    assert 0.11 < scores.accuracy < 0.18


def test_presets_are_listed_without_keras():
    code = (
        "import sys; from train.cli import main; main(['presets']); "
        "sys.exit(any(name in sys.modules for name in ('keras', 'tensorflow', 'matplotlib')))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_a_model_file_has_one_head(tiny_data, capsys):
    words = ["evaluate", "happy-sad", "--data", str(tiny_data), "--head", "ferplus"]
    assert main(words) == 2
    assert capsys.readouterr().err == "error: happy-sad: no head 'ferplus'; it has original\n"

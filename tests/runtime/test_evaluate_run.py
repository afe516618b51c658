"""Long runs of `fer-onnx evaluate --out`: nothing answered is lost, whatever ends them."""

import json
from pathlib import Path

import pytest

from fer_onnx.cli import evaluate_run
from fer_onnx.runs.files import Picture

FILES = ("answers.csv", "metrics.json", "records.jsonl", "report.png")


@pytest.fixture
def inverse(onnx, tmp_path):
    """The model with its outer labels exchanged."""
    path = tmp_path / "inverse.onnx"
    path.write_bytes(onnx.model(info=onnx.info(labels=["bright", "grey", "dark"])))
    return path


@pytest.fixture
def evaluate(run, picture, model_file, inverse, tmp_path, monkeypatch):
    """Compare two models on six pictures."""
    monkeypatch.chdir(tmp_path)
    for number in range(6):
        picture(f"faces/{('dark', 'bright')[number % 2]}/{number}.png", 20 + 40 * number)
    models = "--model", model_file, "--model", inverse
    return lambda *words: run("evaluate", "faces", *models, "--out", *words)


@pytest.fixture
def answered(monkeypatch):
    """The pictures that are answered, in order; Ctrl-C comes once there are `stop` of them."""
    answer = evaluate_run.answer_pictures

    class Answered(list[Picture]):
        stop = None

    names = Answered()

    def count(pictures, answerer, workers):
        for record in answer(pictures, answerer, workers):
            if len(names) == names.stop:
                raise KeyboardInterrupt
            names.append(Path(record.image).name)
            yield record

    monkeypatch.setattr(evaluate_run, "answer_pictures", count)
    return names


@pytest.mark.parametrize("stop", [1, 4, 6, 9])
def test_an_interrupted_run_is_resumed_and_ends_as_one_that_was_not(evaluate, answered, stop):
    assert evaluate("whole").code == 0
    answered.clear()
    answered.stop = stop
    done = evaluate("out")
    assert (done.code, done.out) == (130, "")
    part = Path("out/records.jsonl.part").resolve()
    assert (
        done.err == f"stopped: {stop} of 12 answered, in out/{part.name}; continue with --resume\n"
    )
    answered.clear()
    answered.stop = None
    assert evaluate("out", "--resume").code == 0
    assert len(answered) == 12 - stop
    assert sorted(path.name for path in Path("out").iterdir()) == list(FILES)
    for name in FILES:
        assert (Path("out") / name).read_bytes() == (Path("whole") / name).read_bytes()


def test_an_unfinished_run_is_not_begun_anew_unasked(evaluate, answered):
    answered.stop = 4
    evaluate("out")
    done = evaluate("out")
    assert (done.code, done.out) == (2, "")
    assert "an unfinished run answered 4 of 12; continue with --resume" in done.err


def test_pictures_that_have_come_since_are_answered_after_the_others(evaluate, answered, picture):
    answered.stop = 8
    evaluate("out")
    picture("faces/dark/new.png", 30)
    answered.stop = None
    assert evaluate("out", "--resume").code == 0
    assert (
        answered[8:] == ["1.png", "3.png", "5.png", "0.png", "2.png", "4.png"][2:] + ["new.png"] * 2
    )
    metrics = json.loads(Path("out/metrics.json").read_text())
    assert [model["images"] for model in metrics["models"]] == [7, 7]


def test_a_run_with_other_settings_is_not_gone_on_with(evaluate, answered):
    answered.stop = 4
    evaluate("out")
    done = evaluate("out", "--resume", "--faces", "whole")
    assert done.code == 2
    assert f"cannot resume {Path('out/records.jsonl')}: --faces was auto, is now whole" in done.err


def test_only_what_is_written_can_be_resumed(run):
    done = run("evaluate", "faces", "--resume")
    assert (done.code, done.err) == (2, "error: --resume requires --out DIR\n")

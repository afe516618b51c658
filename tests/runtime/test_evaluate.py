"""`fer-onnx evaluate`: labelled pictures in, figures out; the library's call says the same."""

import csv
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import fer_onnx
from fer_onnx.evaluation.answers import choose_face
from fer_onnx.evaluation.charts import draw_confusion, draw_reliability
from fer_onnx.evaluation.intervals import wilson_interval
from fer_onnx.evaluation.metrics import bin_scores, score_answers
from fer_onnx.prediction import Face, Prediction

DARK, UNCLEAR, BRIGHT = 55, 127, 200  # the second is answered "dark", just so
FACES = {
    "faces/dark/a.png": DARK,
    "faces/dark/b.png": BRIGHT,
    "faces/dark/c.png": UNCLEAR,
    "faces/Bright/deep/d.png": BRIGHT,
    "faces/bright/e.png": BRIGHT,
    "faces/blue/f.png": DARK,
}


@pytest.fixture
def faces(picture, tmp_path, monkeypatch):
    """A folder of five pictures that count: four right, one wrong; one has another label."""
    monkeypatch.chdir(tmp_path)
    for name, grey in FACES.items():
        picture(name, grey)
    return tmp_path / "faces"


@pytest.fixture
def evaluate(run, model_file, faces):
    return lambda *arguments: run("evaluate", "--model", model_file, *arguments)


def figures(done: SimpleNamespace) -> dict:
    return json.loads(done.out)["models"][0]


class TestFigures:
    def test_they_are_those_of_the_answers(self, evaluate):
        done = evaluate("faces", "--format", "json")
        found = figures(done)
        assert done.code == 0
        assert found["labels"] == ["dark", "grey", "bright"]
        assert (found["pictures"], found["images"]) == (6, 5)
        assert found["left_out"] == {"other label": 1}
        assert found["confusion"] == [[2, 0, 1], [0, 0, 0], [0, 0, 2]]
        assert found["accuracy"] == 0.8
        assert found["recall"] == {"dark": pytest.approx(2 / 3, abs=1e-6), "grey": None} | {
            "bright": 1
        }
        assert found["precision"]["bright"] == pytest.approx(2 / 3, abs=1e-6)
        assert found["mean_recall"] == pytest.approx(5 / 6, abs=1e-6)
        assert found["intervals"]["accuracy"] == pytest.approx(wilson_interval(4, 5), abs=1e-6)
        assert found["intervals"]["recall"]["bright"] == pytest.approx(
            wilson_interval(2, 2), abs=1e-6
        )
        assert (found["certain"]["share"], found["certain"]["accuracy"]) == (0.8, 0.75)
        assert sum(each["faces"] for each in found["reliability"]) == 5

    def test_the_worst_mistake_is_named_first(self, evaluate, picture):
        picture("faces/dark/g.png", 205)  # surer than b.png
        mistakes = figures(evaluate("faces", "--format", "json"))["mistakes"]
        assert [each["image"].replace("\\", "/") for each in mistakes] == [
            "faces/dark/g.png",
            "faces/dark/b.png",
        ]
        assert mistakes[0]["label"] == "dark"
        assert mistakes[0]["answer"] == "bright"
        assert mistakes[0]["score"] > mistakes[1]["score"] > 0.8

    def test_text_says_the_same(self, evaluate):
        done = evaluate("faces")
        lines = [" ".join(line.split()) for line in done.out.splitlines()]
        assert lines[0].endswith("brightness.onnx (brightness), version 1, trained on nothing")
        assert lines[1:3] == ["faces: 6 pictures", "left out: 1 with another label (blue)"]
        assert "accuracy 80.00% (37.6% to 96.4%) (5 faces)" in lines
        assert "dark 3 66.7% (20.8% to 93.9%) 100.0% (34.2% to 100.0%)" in lines
        assert "grey 0 - -" in lines
        assert "dark 2 0 1" in lines
        assert "certain: 80.0% (37.6% to 96.4%), of which 75.0% (30.1% to 95.4%) are right" in lines
        assert [line for line in lines if line.endswith("b.png: bright 0.90, labelled dark")]

    def test_only_the_labels_that_are_asked_for_count(self, evaluate, expected):
        found = figures(evaluate("faces", "--labels", "dark,grey", "--format", "json"))
        assert (found["labels"], found["images"]) == (["dark", "grey"], 3)
        assert found["confusion"] == [[2, 1], [0, 0]]  # what is bright is rather grey than dark
        assert found["left_out"] == {"other label": 3}

    def test_several_processes_find_the_same(self, evaluate):
        alone = evaluate("faces", "--format", "json")
        shared = evaluate("faces", "--format", "json", "--workers", "2")
        assert shared.out == alone.out

    def test_the_library_finds_the_same(self, evaluate, model_file):
        found = figures(evaluate("faces", "--format", "json"))
        evaluation = fer_onnx.evaluate("faces", model_file)
        assert evaluation.scores.confusion == found["confusion"]
        assert evaluation.left_out == found["left_out"]
        assert evaluation.mistakes()[0].image == found["mistakes"][0]["image"]
        assert repr(evaluation).endswith("brightness.onnx: 80.0% of 5>")


class TestTable:
    @pytest.fixture
    def table(self, faces):
        def write(text: str | bytes, name: str = "t.csv") -> str:
            data = text if isinstance(text, bytes) else text.encode()
            (faces.parent / name).write_bytes(data)
            return name

        return write

    @pytest.mark.parametrize(
        "text",
        [
            "file,label\nfaces/dark/a.png,dark\nfaces/dark/b.png, BRIGHT \nfaces/blue/f.png,\n",
            "\ufefflabel;age;File\r\ndark;3;faces/dark/a.png\r\nbright;;./faces/dark/b.png\r\n"
            ";;faces/blue/f.png\r\n\r\ndark;3;faces/dark/a.png\r\n",
        ],
    )
    def test_it_names_files_from_its_own_folder(self, evaluate, table, monkeypatch, tmp_path, text):
        table(text)
        (tmp_path / "else").mkdir()
        monkeypatch.chdir(tmp_path / "else")
        found = figures(evaluate("../t.csv", "--format", "json"))
        assert (found["images"], found["accuracy"]) == (2, 1)
        assert found["left_out"] == {"other label": 1}

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("file,emotion\na.png,dark\n", "found no column label"),
            ("a.png,dark\n", "found no column file and no label"),
            ("", "found no column file and no label"),
            ("file,label\n", "a table without rows"),
            ("file,label\n,dark\n", "row 2 names no file"),
            ("file,label\na.png,dark\n./a.png,grey\n", "./a.png has two labels, dark and grey"),
            ("file,label\na.png,blue\n", "none of its labels (blue) is one of the model's labels"),
            ("file,label\n" + "a" * 200_000 + ",dark\n", "row 2 cannot be read (field larger"),
            (b"file,label\n\xff,dark\n", "expected a folder or a CSV table in UTF-8"),
        ],
    )
    def test_what_is_wrong_with_it_is_one_line_and_exit_2(self, evaluate, table, text, message):
        done = evaluate(table(text))
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("error: t.csv: ")
        assert message in done.err
        assert done.err.count("\n") == 1

    def test_a_limit_of_fields_that_others_raised_is_neither_used_nor_changed(
        self, evaluate, table
    ):
        before = csv.field_size_limit(2**31 - 1)
        try:
            done = evaluate(table("file,label\n" + "a" * 200_000 + ",dark\n"))
            assert csv.field_size_limit() == 2**31 - 1
        finally:
            csv.field_size_limit(before)
        assert "row 2 cannot be read (field larger" in done.err


class TestFolder:
    def test_none_of_its_labels_is_the_models(self, evaluate, picture):
        picture("other/anger/a.png")
        done = evaluate("other")
        assert done.code == 2
        line = "other: none of its labels (anger) is one of the model's labels (dark, grey, bright)"
        assert done.err == f"error: {line}\n"

    def test_the_parts_that_have_labels_are_named(self, evaluate, picture):
        picture("all/images/test/dark/a.png")
        picture("all/images/train/Grey/a.png")
        parts = Path("all", "images", "test"), Path("all", "images", "train")
        assert evaluate("all").err.endswith(f"; there are some in {parts[0]}, {parts[1]}\n")

    def test_pictures_without_a_folder_of_their_own_have_no_label(self, evaluate, picture):
        picture("plain/a.png")
        done = evaluate("plain")
        assert done.err.startswith("error: plain: expected one sub-folder per label, named like")
        picture("plain/dark/b.png", DARK)
        found = figures(evaluate("plain", "--format", "json"))
        assert (found["images"], found["left_out"]) == (1, {"other label": 1})

    @pytest.mark.parametrize("name", ["missing", "missing.csv"])
    def test_one_that_is_missing_is_one_line(self, evaluate, name):
        done = evaluate(name)
        assert (done.code, done.err) == (2, f"error: {name}: no such folder or CSV table\n")

    def test_one_without_pictures_says_so(self, evaluate, tmp_path):
        (tmp_path / "empty").mkdir()
        assert "error: empty: no images in this folder" in evaluate("empty").err

    def test_unreadable_pictures_are_named_and_the_others_counted(self, evaluate, tmp_path):
        (tmp_path / "faces/dark/broken.png").write_bytes(b"nothing")
        done = evaluate("faces", "--format", "json", "--out", "out")
        assert done.code == 1
        assert "broken.png: not a JPEG, PNG, WebP, BMP or GIF image" in done.err.splitlines()[0]
        assert figures(done)["images"] == 5
        assert figures(done)["left_out"] == {"other label": 1, "failed": 1}
        with (tmp_path / "out/answers.csv").open(newline="") as file:
            (row,) = [row for row in csv.DictReader(file) if row["left_out"] == "failed"]
        assert row["label"] == "dark"
        assert "not a JPEG" in row["error"]

    def test_if_no_picture_counts_there_are_no_figures(self, evaluate, tmp_path):
        (tmp_path / "bad/dark").mkdir(parents=True)
        (tmp_path / "bad/dark/a.png").write_bytes(b"nothing")
        done = evaluate("bad")
        assert (done.code, done.out) == (2, "")
        line = "error: no picture can be evaluated: 1 that could not be read"
        assert done.err.splitlines()[-1] == line


class TestPhotographs:
    """Pictures above 128 pixels, in which faces are searched for as `predict` does."""

    @pytest.fixture(autouse=True)
    def _photo(self, picture):
        picture("photos/bright/a.png", size=(300, 200))
        picture("photos/bright/crop.png")

    @staticmethod
    def place(*sizes: int) -> list[SimpleNamespace]:
        boxes = ((10 + 90 * i, 10, size, size) for i, size in enumerate(sizes))
        return [SimpleNamespace(box=box, score=0.9) for box in boxes]

    @pytest.mark.parametrize(
        ("sizes", "left_out"),
        [
            ((80,), {}),
            ((80, 56), {}),  # the first has more than twice the area
            ((80, 57), {"several faces": 1}),
            ((), {"no face": 1}),
        ],
    )
    def test_one_counts_if_its_face_is_clear(self, evaluate, found, sizes, left_out):
        found += self.place(*sizes)
        done = evaluate("photos", "--format", "json")
        assert done.code == 0
        assert figures(done)["left_out"] == left_out
        assert figures(done)["images"] == 2 - len(left_out)

    def test_whole_searches_for_none(self, evaluate, no_detector):
        assert figures(evaluate("photos", "--faces", "whole", "--format", "json"))["images"] == 2

    def test_what_was_left_out_is_in_a_file_by_name(self, evaluate, found, tmp_path):
        assert evaluate("photos", "--out", "out").code == 0
        with (tmp_path / "out/answers.csv").open(newline="") as file:
            rows = {row["image"].replace("\\", "/"): row for row in csv.DictReader(file)}
        assert rows["photos/bright/a.png"]["left_out"] == "no face"
        assert rows["photos/bright/crop.png"]["answer"] == "bright"
        assert rows["photos/bright/crop.png"]["right"] == "true"

    def test_the_clear_face_is_the_largest_in_whatever_order(self):
        answer = Prediction.from_scores({"dark": 1.0}, 0.5)
        small, large = (Face((0, 0, side, side), 0.9, answer) for side in (10, 20))
        assert choose_face([small, large]) is large
        assert choose_face([small, small]) is None
        assert choose_face([]) is None


class TestComparison:
    @pytest.fixture
    def inverse(self, onnx, tmp_path):
        """The same model with its outer labels exchanged: wrong wherever the other is right."""
        path = tmp_path / "inverse.onnx"
        path.write_bytes(onnx.model(info=onnx.info(labels=["bright", "grey", "dark"])))
        return path

    def test_two_models_are_compared_on_the_same_faces(self, evaluate, inverse):
        done = evaluate("faces", "--model", inverse, "--format", "json")
        found = json.loads(done.out)
        assert [model["accuracy"] for model in found["models"]] == [0.8, 0.2]
        compared = found["comparison"]
        assert (compared["faces"], compared["both"]) == (5, 0)
        assert (compared["only_first"], compared["only_second"]) == (4, 1)
        assert compared["accuracy"] == -0.6
        assert compared["p_value"] == pytest.approx((2 + 5) / 2**5)
        low, high = compared["accuracy_interval"]
        assert -1 <= low < -0.6 < high

    def test_text_says_who_is_right_where(self, evaluate, inverse):
        done = evaluate("faces", "--model", inverse)
        lines = [" ".join(line.split()) for line in done.out.splitlines()]
        (right,) = [line for line in lines if line.startswith("right: ")]
        assert right.startswith("right: both 0, only ")
        assert "brightness.onnx 4, only " in right
        assert right.endswith("inverse.onnx 1, neither 0")
        assert lines[-1] == (
            "McNemar's test: p = 0.22; the difference of the accuracy may be chance"
        )

    def test_a_model_compared_with_itself_differs_in_nothing(self, evaluate, model_file):
        done = evaluate("faces", "--model", model_file, "--format", "json")
        compared = json.loads(done.out)["comparison"]
        assert (compared["accuracy"], compared["p_value"]) == (0, 1)
        assert compared["accuracy_interval"][0] < 0 < compared["accuracy_interval"][1]

    def test_models_choose_among_the_labels_that_both_have(self, evaluate, onnx, tmp_path):
        path = tmp_path / "blue.onnx"
        path.write_bytes(onnx.model(info=onnx.info(labels=["dark", "blue", "bright"])))
        done = evaluate("faces", "--model", path, "--format", "json")
        assert [each["labels"] for each in json.loads(done.out)["models"]] == [
            ["dark", "bright"]
        ] * 2
        assert done.err.splitlines()[0] == "labels in common: dark, bright"
        path.write_bytes(onnx.model(info=onnx.info(labels=["red", "blue", "bright"])))
        done = evaluate("faces", "--model", path)
        assert done.code == 2
        assert done.err.endswith("blue.onnx: fewer than two labels in common\n")

    def test_more_than_two_are_wrong_usage(self, evaluate):
        done = evaluate("faces", "--model", "emotions", "--model", "happy-sad")
        assert (done.code, done.err) == (2, "error: --model: at most 2 can be compared\n")

    def test_other_labels_cannot_be_compared(self, faces, model_file):
        all_three = fer_onnx.evaluate("faces", model_file)
        two = fer_onnx.evaluate("faces", model_file, labels=["dark", "bright"])
        with pytest.raises(ValueError, match="evaluate both with the same labels"):
            all_three.compare(two)


class TestFiles:
    def test_a_report_figures_and_every_answer_are_written(self, evaluate, tmp_path):
        done = evaluate("faces", "--format", "json", "--out", "deep/out")
        out = tmp_path / "deep/out"
        assert sorted(path.name for path in out.iterdir()) == [
            "answers.csv",
            "metrics.json",
            "records.jsonl",
            "report.png",
        ]
        assert json.loads((out / "metrics.json").read_text()) == json.loads(done.out)
        assert len((out / "answers.csv").read_text().splitlines()) == 7
        with Image.open(out / "report.png") as report:
            assert report.format == "PNG"
            assert min(report.size) > 300

    def test_what_is_written_among_the_pictures_is_not_evaluated_next_time(self, evaluate):
        first = evaluate("faces", "--format", "json", "--out", "faces/dark/out")
        second = evaluate("faces", "--format", "json", "--out", "faces/dark/out")
        assert first.out == second.out

    def test_a_place_that_cannot_be_written_is_one_line_and_exit_2(self, evaluate, tmp_path):
        (tmp_path / "taken").write_text("")
        done = evaluate("faces", "--out", "taken")
        assert done.code == 2
        assert done.err.startswith("error: taken: cannot be written")


class TestCharts:
    @pytest.mark.parametrize("count", [2, 7, 30, 200])
    def test_any_number_of_labels_fits(self, count):
        labels = tuple(f"label {i}" for i in range(count))
        scores = score_answers(np.eye(count), np.arange(count), labels)
        size = draw_confusion(scores, "a title").size
        assert max(size) < 2000
        assert size[1] > 6 * count

    def test_the_diagonal_of_right_answers_is_dark_and_the_rest_pale(self):
        scores = score_answers(np.eye(2), np.arange(2), ("a", "ж"))
        grey = np.asarray(draw_confusion(scores, "").convert("L"))
        assert (grey < 100).sum() == pytest.approx(2 * 62 * 62, rel=0.1)

    def test_the_points_lie_where_scores_and_answers_are(self):
        bins = bin_scores(np.array([0.5] * 4), np.array([True, True, False, False]))
        picture = np.asarray(draw_reliability(bins, "ECE 0"), dtype=int)
        rows, columns = np.nonzero(picture[..., 2] - picture[..., 0] > 100)
        assert columns.mean() == pytest.approx(24 + 60 + 190, abs=2)
        assert rows.mean() == pytest.approx(24 + 17 + 22 + 20 + 190, abs=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"faces": "some"}, "faces='some': expected one of auto, detect, whole"),
        ({"labels": "happy"}, "labels='happy': expected two or more labels"),
        ({"labels": ["happy"]}, r"labels=\['happy'\]: expected two or more labels"),
        ({"model": 3}, "expected the name of a model or a path, not int"),
    ],
)
def test_wrong_arguments_of_the_library_are_one_line(faces, arguments, message):
    with pytest.raises(ValueError, match=message):
        fer_onnx.evaluate("faces", **arguments)

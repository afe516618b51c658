"""What `fer-onnx predict` writes: results in a file, and annotated pictures."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PIL import Image


def detection(x: int, y: int, width: int, height: int) -> SimpleNamespace:
    return SimpleNamespace(box=(x, y, width, height), score=0.875)


class TestOutput:
    def test_results_go_to_the_file_and_nothing_to_stdout(self, predict, picture, tmp_path):
        picture("face.png")
        for kind in ("text", "json", "jsonl", "csv"):
            done = predict("face.png", "--format", kind, "--output", f"result.{kind}")
            assert (done.code, done.out, done.err) == (0, "", "")
            written = (tmp_path / f"result.{kind}").read_text(encoding="utf-8")
            assert written == predict("face.png", "--format", kind).out

    def test_failures_are_in_the_file_too(self, predict, picture, tmp_path):
        picture("face.png")
        done = predict("nobody.png", "face.png", "--format", "json", "--output", "result.json")
        assert done.code == 1
        records = json.loads((tmp_path / "result.json").read_text())
        assert [record["error"] for record in records] == ["nobody.png: no such file", None]

    def test_what_stood_there_stays_until_all_is_answered(
        self, predict, picture, tmp_path, monkeypatch
    ):
        def interrupt(*arguments: object, **options: object) -> None:
            raise KeyboardInterrupt

        picture("face.png")
        (tmp_path / "result.json").write_text("before")
        monkeypatch.setattr("fer_onnx.reader.read_whole", interrupt)
        done = predict("face.png", "--format", "json", "--output", "result.json")
        stopped = "stopped: 0 of 1 answered, nothing to go on with\n"
        assert (done.code, done.out, done.err) == (130, "", stopped)
        assert (tmp_path / "result.json").read_text() == "before"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["face.png", "result.json"]

    def test_a_folder_that_is_not_there_is_exit_2(self, predict, picture, tmp_path):
        picture("face.png")
        done = predict("face.png", "--output", "no/result.txt")
        path = tmp_path / "no" / "result.txt"
        line = f"error: {path}: cannot be written (No such file or directory)\n"
        assert (done.code, done.out, done.err) == (2, "", line)

    def test_a_picture_is_never_written_over(self, predict, picture, tmp_path):
        before = picture("face.png").read_bytes()
        (tmp_path / "link.txt").symlink_to("face.png")
        for output in ("face.png", "link.txt"):
            done = predict("face.png", "--output", output)
            line = f"error: {output}: one of the pictures; write the results elsewhere\n"
            assert (done.code, done.out, done.err) == (2, "", line)
            assert (tmp_path / "face.png").read_bytes() == before

    def test_a_link_is_followed(self, predict, picture, tmp_path):
        picture("face.png")
        (tmp_path / "latest.txt").symlink_to("monday.txt")
        assert predict("face.png", "--output", "latest.txt").code == 0
        assert (tmp_path / "latest.txt").is_symlink()
        assert (tmp_path / "monday.txt").read_text(encoding="utf-8").startswith("face.png: bright")


class TestAnnotate:
    def test_a_picture_of_the_same_size_is_written_with_something_drawn_in(
        self, predict, picture, tmp_path, found
    ):
        found.append(detection(50, 60, 80, 80))
        for name in ("a.png", "b.jpg", "c.gif"):
            picture(name, size=(300, 200))
        done = predict("a.png", "b.jpg", "c.gif", "--annotate", "new/out")
        assert (done.code, done.err) == (0, "")
        written = sorted((tmp_path / "new" / "out").iterdir())
        assert [path.name for path in written] == ["a.png", "b.jpg", "c.png"]
        kinds = ("PNG", "JPEG", "PNG")
        for path, source, kind in zip(written, ("a.png", "b.jpg", "c.gif"), kinds, strict=True):
            before = np.asarray(Image.open(tmp_path / source).convert("RGB"), int)
            with Image.open(path) as image:
                assert (image.format, image.size) == (kind, (300, 200))
                changed = np.abs(np.asarray(image.convert("RGB"), int) - before).max(axis=2) > 60
                assert changed.mean() > 0.01

    def test_a_record_says_where_its_annotated_picture_is(self, predict, picture, tmp_path):
        picture("a.png")
        (tmp_path / "b.png").write_text("no picture")
        done = predict("a.png", "b.png", "--annotate", "out", "--format", "json")
        written = [record["annotated"] for record in json.loads(done.out)]
        assert written == [str(Path("out", "a.png")), None]
        assert (tmp_path / written[0]).is_file()

    def test_answers_are_the_same_as_without(self, predict, picture):
        picture("a.png", 90)
        assert predict("a.png", "--annotate", "out").out == predict("a.png").out

    def test_pictures_of_one_name_do_not_overwrite_each_other(self, predict, picture, tmp_path):
        picture("1/a.png", 200)
        picture("2/a.png", 60)
        for number in (1, 2):
            predict(f"{number}/a.png", "--annotate", f"out{number}")
        predict("1/a.png", "2/a.png", "--annotate", "out")
        written = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
        assert written == {
            "a.png": (tmp_path / "out1" / "a.png").read_bytes(),
            "a-2.png": (tmp_path / "out2" / "a.png").read_bytes(),
        }
        assert written["a.png"] != written["a-2.png"]

    def test_the_input_is_left_alone_even_in_its_own_folder(self, predict, picture, tmp_path):
        before = picture("a.png").read_bytes()
        assert predict("a.png", "--annotate", ".").code == 0
        assert (tmp_path / "a.png").read_bytes() == before
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a-2.png", "a.png"]

    def test_a_link_to_the_input_is_replaced_and_not_followed(self, predict, picture, tmp_path):
        before = picture("a.png").read_bytes()
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "a.png").symlink_to(tmp_path / "a.png")
        assert predict("a.png", "--annotate", "out").code == 0
        assert (tmp_path / "a.png").read_bytes() == before
        assert (tmp_path / "out" / "a.png").read_bytes() != before

    def test_a_second_run_does_not_read_what_the_first_has_drawn(self, predict, picture):
        picture("in/a.png")
        first = predict("in", "--annotate", "in/annotated")
        assert predict("in", "--annotate", "in/annotated").out == first.out

    def test_evidence_is_drawn_in(self, predict, tmp_path):
        pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "a.png")
        plain = predict("a.png", "--annotate", "plain")
        shown = predict("a.png", "--annotate", "shown", "--evidence")
        assert shown.out == plain.out
        plain_pixels = np.asarray(Image.open(tmp_path / "plain" / "a.png").convert("RGB"), int)
        shown_pixels = np.asarray(Image.open(tmp_path / "shown" / "a.png").convert("RGB"), int)
        assert np.abs(plain_pixels - shown_pixels).mean() > 1

    def test_a_folder_that_cannot_be_made_is_exit_2(self, predict, picture, tmp_path):
        picture("a.png")
        (tmp_path / "out").write_text("a file")
        done = predict("a.png", "--annotate", "out")
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("error: out: ")
        assert done.err.count("\n") == 1

    def test_a_picture_that_cannot_be_written_is_a_failure_of_that_picture(
        self, predict, picture, tmp_path
    ):
        picture("a.png")
        picture("b.png")
        (tmp_path / "out" / "a.png").mkdir(parents=True)
        done = predict("a.png", "b.png", "--annotate", "out", "--format", "json")
        errors = [record["error"] for record in json.loads(done.out)]
        assert done.code == 1
        assert "a.png: cannot be written (" in errors[0]
        assert errors[1] is None

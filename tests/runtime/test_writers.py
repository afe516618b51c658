"""Records in their four formats, to the letter."""

import csv
import io
import json

import pytest

from fer_onnx import Face, Prediction
from fer_onnx.cli.writers import write_records
from fer_onnx.errors import printable
from fer_onnx.runs.records import Record

LABELS = ("happy", "sad", "surprise")
HAPPY = Prediction.from_scores({"happy": 0.97, "sad": 0.02, "surprise": 0.01}, 0.5)
UNSURE = Prediction.from_scores({"happy": 0.25, "sad": 0.375, "surprise": 0.375}, 0.5)
ONE = Record("a.png", 640, 480, "emotions", (Face((10, 20, 64, 66), 0.875, HAPPY),))
TWO = Record(
    "b.jpg",
    100,
    50,
    "emotions",
    (Face((0, 0, 40, 40), 0.5, HAPPY), Face((50, 2, 41, 40), None, UNSURE)),
)
NONE = Record("c.jpg", 100, 50, "emotions")
FAILED = Record("d.jpg", None, None, "emotions", error="d.jpg: no such file")
EVERY = (ONE, TWO, NONE, FAILED)


def write(kind: str, *records: Record, encoding: str = "utf-8") -> str:
    data = io.BytesIO()
    stream = io.TextIOWrapper(data, encoding, newline="")
    write_records(kind, iter(records), stream, LABELS)
    stream.flush()
    return data.getvalue().decode(encoding)


def test_text_of_one_face_starts_with_picture_label_and_score():
    assert write("text", ONE) == (
        "a.png: happy 0.97\n"
        "  happy     0.97  ███████████████████\n"
        "  sad       0.02\n"
        "  surprise  0.01\n"
    )


def test_text_of_several_faces_is_a_block_each_with_its_box():
    assert write("text", TWO) == (
        "b.jpg: 2 faces\n"
        "  face 1, 40x40 at 0,0: happy 0.97\n"
        "    happy     0.97  ███████████████████\n"
        "    sad       0.02\n"
        "    surprise  0.01\n"
        "  face 2, 41x40 at 50,2: sad 0.38 (uncertain)\n"
        "    happy     0.25  █████\n"
        "    sad       0.38  ████████\n"
        "    surprise  0.38  ████████\n"
    )


def test_text_says_that_no_face_was_found_and_leaves_failures_to_stderr():
    assert write("text", NONE, FAILED) == "c.jpg: no face found\n"


def test_text_draws_its_bars_with_what_the_stream_can_print():
    assert write("text", ONE, encoding="ascii") == write("text", ONE).replace("█", "#")


def test_a_json_record_is_as_documented():
    assert json.loads(write("json", ONE)) == [
        {
            "image": "a.png",
            "width": 640,
            "height": 480,
            "model": "emotions",
            "faces": [
                {
                    "box": [10, 20, 64, 66],
                    "detection_score": 0.875,
                    "label": "happy",
                    "score": 0.97,
                    "scores": {"happy": 0.97, "sad": 0.02, "surprise": 0.01},
                    "uncertain": False,
                    "legible": True,
                    "crop": [10, 20, 64, 66],
                    "quarters": 0,
                }
            ],
            "whole": False,
            "annotated": None,
            "error": None,
        }
    ]


def test_a_failure_is_a_json_record_without_faces():
    assert json.loads(write("jsonl", FAILED)) == {
        "image": "d.jpg",
        "width": None,
        "height": None,
        "model": "emotions",
        "faces": [],
        "whole": False,
        "annotated": None,
        "error": "d.jpg: no such file",
    }


@pytest.mark.parametrize("records", [(), (ONE,), EVERY])
def test_json_is_one_array_and_jsonl_the_same_records_a_line_each(records):
    lines = write("jsonl", *records).splitlines()
    assert json.loads(write("json", *records)) == [json.loads(line) for line in lines]
    assert len(lines) == len(records)


def test_json_is_plain_ascii_whatever_the_picture_is_called():
    record = Record("é\udcff\n.png", 1, 1, "emotions")
    assert write("jsonl", record).isascii()
    assert json.loads(write("jsonl", record))["image"] == "é\udcff\n.png"


def test_csv_is_a_row_a_face_and_leaves_out_no_picture():
    assert write("csv", *EVERY) == (
        "image,width,height,model,x,y,box_width,box_height,detection_score,whole,label,"
        "score,uncertain,score_happy,score_sad,score_surprise,error\n"
        "a.png,640,480,emotions,10,20,64,66,0.875000,false,"
        "happy,0.970000,false,0.970000,0.020000,0.010000,\n"
        "b.jpg,100,50,emotions,0,0,40,40,0.500000,false,"
        "happy,0.970000,false,0.970000,0.020000,0.010000,\n"
        "b.jpg,100,50,emotions,50,2,41,40,,false,"
        "sad,0.375000,true,0.250000,0.375000,0.375000,\n"
        "c.jpg,100,50,emotions,,,,,,,,,,,,,\n"
        "d.jpg,,,emotions,,,,,,,,,,,,,d.jpg: no such file\n"
    )


def test_csv_quotes_what_would_break_a_row():
    record = Record('a,"b"\n.png', 1, 1, "emotions")
    rows = list(csv.DictReader(io.StringIO(write("csv", record), newline="")))
    assert [row["image"] for row in rows] == ['a,"b"\n.png']


@pytest.mark.parametrize("name", ["a\rb.png", "a\r\nb.png", "b.png\r"])
def test_csv_quotes_a_carriage_return(name):
    text = write("csv", Record(name, 1, 1, "emotions"), ONE)
    assert f'\n"{name}",1,1,' in text
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["image"] for row in rows] == [name, "a.png"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_csv_text_that_could_be_a_formula_gets_an_apostrophe(start):
    name = f"{start}1+1.png"
    rows = write("csv", Record(name, None, None, f"{start}m", error=f"{name}: no such file"))
    (row,) = csv.DictReader(io.StringIO(rows, newline=""))
    assert row["image"] == f"'{name}"
    assert row["model"] == f"'{start}m"
    assert row["error"] == f"'{name}: no such file"


def test_csv_leaves_numbers_numbers():
    face = Face((-5, 20, 64, 66), 0.5, HAPPY)
    (row,) = csv.DictReader(
        io.StringIO(write("csv", Record("a=b.png", 9, 9, "emotions", (face,))), newline="")
    )
    assert (row["x"], row["image"]) == ("-5", "a=b.png")


def test_numbers_have_six_decimals():
    scores = {"happy": 1 / 3, "sad": 2 / 3 - 4e-8, "surprise": 4e-8}
    face = Face((0, 0, 4, 4), 1 / 7, Prediction.from_scores(scores, 0.5))
    record = Record("a.png", 4, 4, "emotions", (face,))
    (found,) = json.loads(write("jsonl", record))["faces"]
    assert (found["detection_score"], found["score"]) == (0.142857, 0.666667)
    assert found["scores"] == {"happy": 0.333333, "sad": 0.666667, "surprise": 0.0}
    assert ",0.142857,false,sad,0.666667,false,0.333333,0.666667,0.000000,\n" in write(
        "csv", record
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plain.png", "plain.png"),
        ("Grüße 中.png", "Grüße 中.png"),
        ("two\nlines.png", "two\\nlines.png"),
        ("\x1b[31mred.png", "\\x1b[31mred.png"),
        ("\udcff.png", "\\udcff.png"),
    ],
)
def test_names_that_would_break_a_line_or_steer_a_terminal_are_escaped(name, shown):
    assert printable(name) == shown
    assert write("text", Record(name, 1, 1, "emotions")) == f"{shown}: no face found\n"

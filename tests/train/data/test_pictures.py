"""A CSV table beside pictures is a data set: file, label, and what else it says of them."""

from pathlib import Path

import pytest
from PIL import Image

from fer_onnx.metadata import InputSpec
from train.data.folds import group_faces
from train.data.formats import read_parts
from train.data.pictures import count_pictures
from train.errors import DataError

SPEC = InputSpec(48, 48)


@pytest.fixture
def listing(tmp_path):
    """Write a table beside four pictures of different greys."""

    def write(text: str) -> Path:
        for number, name in enumerate("abcd"):
            path = tmp_path / "pictures" / f"{name}.png"
            path.parent.mkdir(exist_ok=True)
            Image.new("L", (48, 48), 60 * number).save(path)
        (tmp_path / "mine.csv").write_text(text)
        return tmp_path / "mine.csv"

    return write


TABLE = """File,label,person
pictures/a.png,calm,ann
pictures/b.png,tense,ann
pictures/c.png,calm,bob
pictures/d.png,tense,
"""


def test_files_labels_and_further_columns_are_read(listing):
    faces = read_parts(listing(TABLE), SPEC)
    assert faces.labels == ("calm", "tense")
    assert faces.names.tolist() == [f"pictures/{name}.png" for name in "abcd"]
    assert faces.images[:, 0, 0, 0].tolist() == [0, 60, 120, 180]
    assert faces.original.tolist() == [0, 1, 0, 1]
    assert faces.sizes() == {"train": 4}


def test_a_column_names_the_people(listing):
    groups = group_faces(read_parts(listing(TABLE), SPEC), "person")
    assert groups.people == 2
    assert groups.numbers[0] == groups.numbers[1]
    assert len(set(groups.numbers[1:].tolist())) == 3  # whose name is missing stands alone


def test_a_column_names_the_part_of_the_data_set(listing):
    text = TABLE.replace("person", "split").replace("ann", "train").replace("bob", "test")
    assert read_parts(listing(text), SPEC).sizes() == {"test": 1, "train": 3}
    with pytest.raises(DataError, match=r"pictures/c.png is in part 'dev', expected one of Train"):
        read_parts(listing(text.replace("test", "dev")), SPEC)


def test_a_missing_picture_is_named_and_the_others_are_read(listing, capsys):
    table = listing(TABLE + "pictures/e.png,calm,ann\n")
    assert len(read_parts(table, SPEC)) == 4
    assert "e.png: no such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,emotion\na.png,calm\n", "found no column label"),
        ("file,label\na.png,calm\na.png,tense\n", "a.png has two labels, calm and tense"),
        ("", "found no column file and no label"),
    ],
)
def test_another_table_is_one_line(listing, text, message):
    with pytest.raises(DataError, match=message) as told:
        read_parts(listing(text), SPEC)
    assert "\n" not in str(told.value)


def test_pictures_are_counted_before_they_are_read(listing, lay_out, tmp_path):
    table = listing(TABLE)
    assert count_pictures(table) == 4
    assert count_pictures(tmp_path / "pictures") == 4
    rows = [
        {"file": f"{i}.png", "emotion": "sad", "pixels": lay_out.draw("sad", i)} for i in (1, 2)
    ]
    assert count_pictures(lay_out.listed(rows, tmp_path / "faces.zip")) == 2
    assert count_pictures(lay_out.table(lay_out.rows(("sad",), {"Training": 2}), tmp_path)) == 4
    assert count_pictures(tmp_path / "fer2013.csv") is None

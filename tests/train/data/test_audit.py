"""`audit` finds what was put into a data set, and nothing else."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from fer_onnx.metadata import InputSpec
from train.cli import main
from train.data.duplicates import find_blanks, group_alike, group_identical, try_comparison
from train.data.formats import read_parts


def draw_portrait(number):
    """Draw something smooth that is like no other: uint8 (48, 48)."""
    rng = np.random.default_rng(number)
    small = Image.fromarray(rng.integers(0, 255, (8, 8), dtype=np.uint8))
    return np.asarray(small.resize((48, 48), Image.Resampling.BICUBIC))


def reencode(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=75)
    return np.asarray(Image.open(file))


@pytest.fixture
def faulty(lay_out, tmp_path):
    """FER2013's archive of 30 + 10 + 10 faces with one fault of each kind."""
    sizes = {"Training": 30, "PublicTest": 10, "PrivateTest": 10}
    rows = lay_out.rows(("happy", "sad"), sizes)
    for row in rows:
        row["pixels"] = draw_portrait(row["row"])
    rows[2]["pixels"] = rows[0]["pixels"]  # both happy
    rows[31]["pixels"] = rows[4]["pixels"]  # sad in PublicTest, happy in Training
    rows[40]["pixels"] = reencode(rows[6]["pixels"])  # happy both, PrivateTest and Training
    rows[8]["pixels"] = np.full((48, 48), 7, np.uint8)
    rows[9]["votes"] = [0] * 9 + [10]
    rows[11]["votes"] = [0, 0, 0, 3] + [0] * 5 + [7]
    return lay_out.archive(rows, tmp_path)


def audit(path, capsys):
    assert main(["audit", "--data", str(path), "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_copies_are_counted_within_and_across_parts(faulty, capsys):
    found = audit(faulty, capsys)
    identical, alike = found["identical"], found["alike"]
    assert identical["within"] == {"Training": 1, "PublicTest": 0, "PrivateTest": 0}
    assert identical["across"] == {
        "PublicTest also in Training": 1,
        "PrivateTest also in Training": 0,
        "PrivateTest also in PublicTest": 0,
    }
    assert alike["within"] == identical["within"]
    assert alike["across"] == identical["across"] | {"PrivateTest also in Training": 1}


def test_copies_are_named_with_part_and_label(faulty, capsys):
    found = audit(faulty, capsys)
    assert [[face["name"] for face in group] for group in found["alike"]["groups"]] == [
        ["images/00000.png", "images/00002.png"],
        ["images/00004.png", "images/00031.png"],
        ["images/00006.png", "images/00040.png"],
    ]
    assert found["alike"]["groups"][1][1] == {
        "name": "images/00031.png",
        "part": "PublicTest",
        "label": "sad",
    }


def test_copies_with_other_labels_contradict(faulty, capsys):
    found = audit(faulty, capsys)
    for kind in ("identical", "alike"):
        assert found[kind]["contradicting"] == 1
        assert found[kind]["contradicting_faces"] == 2


def test_blanks_and_non_faces_are_named(faulty, capsys):
    found = audit(faulty, capsys)
    assert found["blank"] == ["images/00008.png"]
    assert found["not_a_face"] == ["images/00009.png", "images/00011.png"]
    assert found["not_a_face_by_every_vote"] == ["images/00009.png"]


def test_the_text_says_the_same(faulty, capsys):
    assert main(["audit", "--data", str(faulty)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "FER2013: 50 faces"
    assert lines[1] == "  Training: 30 (happy 15, sad 15)"
    rows = {line[:40].strip(): line[40:].split() for line in lines}
    assert rows["more than once in Training"] == ["1", "1"]
    assert rows["of PrivateTest also in Training"] == ["0", "1"]
    assert rows["of one tone throughout"] == ["1"]
    assert rows["not a face, by most votes"] == ["2"]


def test_a_folder_of_ones_own_is_looked_through_as_it_lies_there(lay_out, tmp_path, capsys):
    for label, numbers in {"tired": (1, 2, 3), "awake": (4, 5, 1)}.items():
        (tmp_path / label).mkdir()
        for number in numbers:
            (tmp_path / label / f"{number}.png").write_bytes(lay_out.png(draw_portrait(number)))
    found = audit(tmp_path, capsys)
    assert found["parts"] == {"train": {"awake": 3, "tired": 3}}  # nothing is held out
    (group,) = found["identical"]["groups"]
    assert [face["name"] for face in group] == ["awake/1.png", "tired/1.png"]
    assert found["identical"]["contradicting"] == 1
    assert "not_a_face" not in found


def test_re_encoded_and_slightly_moved_pictures_are_alike_and_others_are_not(faulty):
    faces = read_parts(faulty, InputSpec(48, 48))
    moved = np.roll(draw_portrait(20), 1, axis=1)
    darker = (draw_portrait(22) * 0.5 + 60).astype(np.uint8)
    faces.images[21], faces.images[23] = moved[..., None], darker[..., None]
    groups = group_alike(faces)
    assert groups[20] == groups[21]
    assert groups[22] == groups[23]
    assert len(set(groups.tolist())) == 50 - 5
    assert len(set(group_identical(faces).tolist())) == 50 - 2


def test_the_trial_finds_re_encoded_faces_and_mistakes_no_mirrored_one(faulty):
    faces = read_parts(faulty, InputSpec(48, 48))
    trial = try_comparison(faces, group_alike(faces))
    assert trial == (49, 49, 0)  # all but the blank one
    faces.images[13] = faces.images[14, :, ::-1]
    assert try_comparison(faces, group_alike(faces)).mistaken == 2


def test_blank_pictures_are_like_no_other(faulty):
    faces = read_parts(faulty, InputSpec(48, 48))
    faces.images[:3] = np.array([9, 200, 201], np.uint8)[:, None, None, None]
    assert find_blanks(faces)[[0, 1, 2, 8]].all()
    assert len(set(group_alike(faces)[[0, 1, 2, 8]].tolist())) == 4


def test_no_data_is_one_line_and_exit_2(tmp_path, capsys):
    assert main(["audit", "--data", str(tmp_path / "none")]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {tmp_path / 'none'}: no such data")
    assert error.count("\n") == 1

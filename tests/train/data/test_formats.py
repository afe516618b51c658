"""Whatever form a person has the faces in, training gets the same arrays."""

import numpy as np
import pytest

from fer_onnx.metadata import InputSpec
from train.data.faceset import LABELS, VOTES
from train.data.formats import read_dataset
from train.errors import DataError

GREY = InputSpec(48, 48)


def by_row(faces):
    """Order by pixels, so that forms which order files differently can be compared."""
    order = np.argsort(faces.pixel_hashes())
    return faces.take(order)


def test_archive_table_and_folders_hold_the_same_faces(rows, lay_out, tmp_path):
    archive = by_row(read_dataset(lay_out.archive(rows, tmp_path / "a"), GREY))
    table = by_row(read_dataset(lay_out.votes(rows, lay_out.table(rows, tmp_path / "t")), GREY))
    folders = by_row(read_dataset(lay_out.votes(rows, lay_out.folders(rows, tmp_path / "f")), GREY))
    assert len(archive) == 35
    for other in (table, folders):
        assert np.array_equal(other.images, archive.images)
        assert np.array_equal(other.original, archive.original)
        assert np.array_equal(other.votes, archive.votes)
        assert other.splits.tolist() == archive.splits.tolist()
        assert other.labels == LABELS


def test_the_other_download_of_the_table_has_spaces_in_its_header(rows, lay_out, tmp_path):
    folder = lay_out.table(rows, tmp_path, "icml_face_data.csv")
    assert np.array_equal(
        by_row(read_dataset(folder, GREY)).images,
        by_row(read_dataset(lay_out.archive(rows, tmp_path / "a"), GREY)).images,
    )


def test_kaggle_folders_keep_their_own_split_and_labels(rows, lay_out, tmp_path):
    for part, label, row in [("train", "happy", 3), ("train", "sad", 4), ("validation", "sad", 11)]:
        path = tmp_path / "images" / part / label / f"{row}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(lay_out.png(rows[row]["pixels"]))
    faces = read_dataset(tmp_path, GREY)
    assert faces.labels == ("happy", "sad")
    assert faces.splits.tolist() == ["train", "train", "validation"]
    assert faces.original.tolist() == [0, 1, 1]
    assert faces.names[0] == "images/train/happy/3.png"
    assert faces.votes is None


def test_a_folder_of_the_users_own_labels_is_read_and_part_is_held_out(lay_out, tmp_path):
    rng = np.random.default_rng(0)
    for label in ("tired", "awake"):
        (tmp_path / "mine" / label).mkdir(parents=True)
        for number in range(40):
            pixels = rng.integers(0, 255, (60, 50, 3), dtype=np.uint8)
            (tmp_path / "mine" / label / f"{number}.png").write_bytes(lay_out.png(pixels))
    faces = read_dataset(tmp_path / "mine", GREY)
    assert faces.labels == ("awake", "tired")
    assert faces.name == "mine"
    assert faces.images.shape == (80, 48, 48, 1)
    assert 0 < (faces.splits == "validation").sum() < 20


def test_the_same_faces_are_held_out_at_every_size_and_when_others_are_added(lay_out, tmp_path):
    def write(numbers: range) -> None:
        for number in numbers:
            pixels = np.random.default_rng(number).integers(0, 255, (50, 50), dtype=np.uint8)
            for label in ("tired", "awake"):
                path = tmp_path / label / f"{number}.png"
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(lay_out.png(pixels ^ (label == "tired")))

    def held(side: int) -> set[str]:
        faces = read_dataset(tmp_path, InputSpec(side, side)).split("validation")
        return set(faces.names.tolist())

    write(range(40))
    before = held(48)
    assert 0 < len(before) < 20
    assert held(24) == before
    write(range(40, 60))
    known = {f"{label}/{number}.png" for label in ("tired", "awake") for number in range(40)}
    assert held(48) & known == before


def test_one_face_at_least_is_held_out(lay_out, tmp_path):
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "0.png").write_bytes(
            lay_out.png(np.full((48, 48), ord(label), np.uint8))
        )
    assert len(read_dataset(tmp_path, GREY).split("validation")) == 1


def test_a_persons_own_faces_under_familiar_labels_are_not_taken_for_fer2013(lay_out, tmp_path):
    for label in ("happy", "sad"):
        (tmp_path / "mine" / label).mkdir(parents=True)
        for number in range(4):
            pixels = np.full((48, 48), number + 100 * (label == "sad"), np.uint8)
            (tmp_path / "mine" / label / f"{number}.png").write_bytes(lay_out.png(pixels))
    faces = read_dataset(tmp_path / "mine", GREY)
    assert (faces.name, faces.labels) == ("mine", ("happy", "sad"))


def test_copies_of_a_picture_are_held_out_together(lay_out, tmp_path):
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        for number in range(60):
            pixels = np.full((48, 48), number // 3 + (100 if label == "b" else 0), np.uint8)
            (tmp_path / label / f"{number}.png").write_bytes(lay_out.png(pixels))
    faces = read_dataset(tmp_path, GREY)
    held = set(faces.split("validation").pixel_hashes())
    assert held
    assert not held & set(faces.split("train").pixel_hashes())


def test_votes_of_other_images_are_refused(rows, lay_out, tmp_path):
    lay_out.table(rows, tmp_path)
    for row, other in zip(rows, rows[1:] + rows[:1], strict=True):
        row["votes"] = list(other["votes"])
    rotated = [dict(row, votes=rows[(i + 3) % 35]["votes"]) for i, row in enumerate(rows)]
    lay_out.votes(rotated, tmp_path)
    with pytest.raises(DataError, match=r"votes of fer2013new.csv belong to other images"):
        read_dataset(tmp_path, GREY)


def test_a_table_without_votes_is_told_of(rows, lay_out, tmp_path):
    lay_out.table(rows, tmp_path)
    lay_out.votes([], tmp_path)
    with pytest.raises(
        DataError, match=r"fer2013new.csv: not the table of FER\+ votes \(it has no"
    ):
        read_dataset(tmp_path, GREY)
    lay_out.votes([dict(row, votes=[0] * 10) for row in rows], tmp_path)
    with pytest.raises(DataError, match=r"fer2013new.csv has votes on none of these images"):
        read_dataset(tmp_path, GREY)
    lay_out.votes([dict(rows[0], row=99)], tmp_path)
    with pytest.raises(DataError, match=r"fer2013new.csv has votes on none of these images"):
        read_dataset(tmp_path, GREY)


def test_faces_without_votes_are_left_out_where_votes_are_joined(rows, lay_out, tmp_path):
    rows[5]["votes"] = [0] * 10
    faces = read_dataset(lay_out.votes(rows, lay_out.table(rows, tmp_path)), GREY)
    assert len(faces) == 34
    assert "5" not in faces.names


def test_an_unreadable_file_is_named_and_the_others_are_read(rows, lay_out, tmp_path, capsys):
    lay_out.folders(rows, tmp_path)
    broken = tmp_path / "train" / "sad" / "Training_99999.png"
    broken.write_bytes(b"not a picture")
    assert len(read_dataset(tmp_path, GREY)) == 35
    assert capsys.readouterr().err == (
        f"skipped: {broken}: not a JPEG, PNG, WebP, BMP or GIF image\n"
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder / "missing", "no such data"),
        (lambda folder: folder, "expected faces of two labels or more, found none"),
        (lambda folder: (folder / "x.txt").write_text("") or folder / "x.txt", "expected a folder"),
        (
            lambda folder: (folder / "fer2013.zip").write_bytes(b"no zip") and folder,
            "not the FER2013 archive",
        ),
        (
            lambda folder: (folder / "fer2013.csv").write_text("a,b\n1,2\n") and folder,
            "lacks Usage, emotion, pixels",
        ),
        (
            lambda folder: (
                (folder / "fer2013.csv").write_text("emotion,pixels,Usage\n3,1 2 3,Training\n")
                and folder
            ),
            "row 2 is not a face",
        ),
    ],
)
def test_unusable_data_is_one_clear_line(make, message, tmp_path):
    with pytest.raises(DataError, match=message) as caught:
        read_dataset(make(tmp_path), GREY)
    assert "\n" not in str(caught.value)


def test_one_label_is_not_enough(rows, lay_out, tmp_path):
    lay_out.table([row for row in rows if row["emotion"] == "happy"], tmp_path)
    with pytest.raises(DataError, match="two labels or more, found happy"):
        read_dataset(tmp_path, GREY)


def test_fer2013_has_its_known_sizes_and_leaks(fer_data):
    from train.data.faceset import drop_leaks
    from train.data.targets import true_labels

    faces = read_dataset(fer_data, GREY)
    parts = {name: faces.split(name) for name in ("Training", "PublicTest", "PrivateTest")}
    assert {name: len(part) for name, part in parts.items()}["PrivateTest"] == 3589
    assert len(parts["PublicTest"]) == 3589
    assert faces.votes.shape == (len(faces), len(VOTES))
    majority = true_labels(parts["PrivateTest"], "ferplus", LABELS)
    assert (majority >= 0).sum() == 3137  # FER+, seven labels, majority
    leaked = len(parts["Training"]) - len(
        drop_leaks(parts["Training"], parts["PublicTest"], parts["PrivateTest"])
    )
    assert leaked == 701

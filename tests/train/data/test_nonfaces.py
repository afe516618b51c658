"""Windows without faces come from pictures whose captions name nobody."""

import zipfile

import numpy as np
import pytest

from fer_onnx.metadata import InputSpec
from train.data.formats import read_dataset
from train.data.nonfaces import add_nonfaces, draw_windows
from train.errors import DataError

GREY = InputSpec(48, 48)
SCENES = {  # brightness tells them apart
    "dog.jpg": (40, "A dog runs in the snow | Two dogs"),
    "man.jpg": (120, "A dog runs | A man throws a ball"),
    "silent.jpg": (200, ""),
    "hill.jpg": (80, "A green hill ."),
}


@pytest.fixture
def scenes(tmp_path, lay_out):
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        lines = ["file,captions"]
        for name, (level, captions) in SCENES.items():
            archive.writestr(f"scenes/{name}", lay_out.png(np.full((64, 96), level, np.uint8)))
            lines.append(f"{name},{captions}")
        archive.writestr("scenes.csv", "\n".join(lines) + "\n")
    return tmp_path / "photos.zip"


def test_pictures_of_people_or_without_captions_are_left_out(scenes):
    windows = draw_windows(scenes, GREY, 50, seed=1)
    assert windows.shape == (50, 48, 48, 1)
    assert set(np.unique(windows)) == {40, 80}
    assert np.array_equal(windows, draw_windows(scenes, GREY, 50, seed=1))


def test_they_join_the_training_faces_as_not_a_face(scenes, tiny_data):
    train = read_dataset(tiny_data, GREY).split("train")
    more = add_nonfaces(train, scenes, GREY)
    assert len(more) == 96 + 5
    assert more.original[96:].tolist() == [-1] * 5
    assert set(more.splits.tolist()) == {"Training"}
    assert np.array_equal(more.images[:96], train.images)
    assert more.votes[96:, 9].tolist() == [10] * 5


def test_an_archive_of_something_else_is_one_line(tmp_path, tiny_data):
    (tmp_path / "x.zip").write_bytes(b"no zip")
    with pytest.raises(DataError, match="not an archive of captioned scenes"):
        draw_windows(tmp_path / "x.zip", GREY, 3, seed=0)
    with pytest.raises(DataError, match="not an archive of captioned scenes"):
        draw_windows(tiny_data / "fer2013.zip", GREY, 3, seed=0)


def test_windows_of_the_photographs_are_not_all_alike(fer_data):
    archive = fer_data / "photos.zip"
    if not archive.exists():
        pytest.skip("needs photos.zip, the captioned scenes, in the folder that FER_DATA names")
    windows = draw_windows(archive, GREY, 20, seed=0)
    assert len({window.tobytes() for window in windows}) == 20

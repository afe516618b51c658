"""Which pictures the command line reads, and what it writes without harm."""

import os
from pathlib import Path

import pytest

from fer_onnx.images import SUFFIXES
from fer_onnx.runs.files import (
    Picture,
    find_pictures,
    is_input,
    open_output,
    place_annotated,
)


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def touch(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


def place(names: list[str], folder: str) -> list[str]:
    pictures = [Picture(name, name) for name in names]
    placed = place_annotated(pictures, Path(folder))
    return [Path(os.path.relpath(picture.annotated)).as_posix() for picture in placed]


class TestFind:
    def test_a_folder_is_walked_in_order_of_names(self):
        touch("in/b.png", "in/a.jpg", "in/z/c.PNG", "in/m/d.gif", "in/m/a.webp")
        names = [picture.name for picture in find_pictures(["in"]).pictures]
        assert names == [
            os.path.normpath(name)
            for name in ("in/a.jpg", "in/b.png", "in/m/a.webp", "in/m/d.gif", "in/z/c.PNG")
        ]

    def test_what_is_hidden_or_no_image_is_passed_over(self):
        touch("in/a.png", "in/notes.txt", "in/.hidden.png", "in/.git/b.png", "in/png")
        assert [Path(picture.name).name for picture in find_pictures(["in"]).pictures] == ["a.png"]

    def test_every_suffix_that_can_be_read_is_found(self):
        touch(*(f"in/a{suffix}" for suffix in SUFFIXES))
        assert len(find_pictures(["in"]).pictures) == len(SUFFIXES)

    def test_names_stay_as_the_user_gave_them(self):
        touch("in/a.png")
        pictures = find_pictures(["./in/a.png", "./in", "nobody.png"]).pictures
        names = [picture.name.replace(os.sep, "/") for picture in pictures]
        assert names == ["./in/a.png", "./in/a.png", "nobody.png"]

    def test_a_file_named_on_its_own_is_taken_whatever_its_suffix(self):
        touch("notes.txt")
        assert find_pictures(["notes.txt"]).pictures == [Picture("notes.txt", "notes.txt")]

    def test_a_folder_without_images_is_an_input_that_failed(self):
        touch("in/notes.txt")
        suffixes = ".jpg, .jpeg, .jpe, .jfif, .mpo, .png, .apng, .webp, .bmp, .gif"
        error = f"in: a folder without images ({suffixes})"
        assert find_pictures(["in"]).pictures == [Picture("in", None, error=error)]

    def test_a_name_that_no_disk_can_hold_is_an_input_like_any_other(self):
        touch("a.png")
        name = "x" * 300
        assert find_pictures([name, "a.png"]).pictures == [
            Picture(name, name),
            Picture("a.png", "a.png"),
        ]
        assert not is_input(Path("a.csv"), find_pictures([name, "a.png"]).pictures)

    def test_the_folder_of_annotated_pictures_is_not_read_again(self):
        touch("in/a.png", "in/out/a.png", "in/other/b.png")
        found = find_pictures(["in"], skip=Path("in/out")).pictures
        assert [Path(picture.name).as_posix() for picture in found] == [
            "in/a.png",
            "in/other/b.png",
        ]


class TestPlace:
    def test_a_picture_keeps_its_name(self):
        assert place(["in/a.png", "in/b.jpg", "c.JPEG"], "out") == [
            "out/a.png",
            "out/b.jpg",
            "out/c.JPEG",
        ]

    def test_other_formats_become_png(self):
        names = ["a.gif", "b.webp", "c.bmp", "d", "-"]
        expected = ["out/a.png", "out/b.png", "out/c.png", "out/d.png", "out/stdin.png"]
        assert place(names, "out") == expected

    def test_pictures_of_one_name_get_files_of_their_own(self):
        names = ["1/a.png", "2/a.png", "3/a.gif", "4/A.PNG", "5/a-2.png", "6/a.jpg"]
        assert place(names, "out") == [
            "out/a.png",
            "out/a-2.png",
            "out/a-3.png",
            "out/A-4.PNG",
            "out/a-2-2.png",
            "out/a.jpg",
        ]

    def test_an_input_is_never_written_over(self):
        touch("in/a.png", "in/a-2.png")
        assert place(["in/a.png", "in/a-2.png"], "in") == ["in/a-3.png", "in/a-2-2.png"]
        assert place(["x/a.png", "in/a.png"], "in") == ["in/a-2.png", "in/a-3.png"]

    def test_the_same_pictures_get_the_same_names_again(self):
        names = ["1/a.png", "2/a.png"]
        touch("out/a.png", "out/a-2.png")
        assert place(names, "out") == ["out/a.png", "out/a-2.png"]


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="no file has a name by its number here")
def test_a_pipe_that_a_shell_names_by_its_number_is_written_to():
    reading, writing = os.pipe()
    with open_output(f"/dev/fd/{writing}") as stream:
        stream.write("answer\n")
    os.close(writing)
    with os.fdopen(reading) as pipe:
        assert pipe.read() == "answer\n"

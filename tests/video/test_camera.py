"""Cameras, with a film in place of one."""

import itertools
import json
import threading

import pytest

import fer_onnx
from fer_onnx import video
from fer_onnx.cli import main
from fer_onnx.video import camera
from fer_onnx.video.camera import Camera

from .conftest import rows, still


@pytest.fixture
def film(films):
    return films("short.mp4", still, rows(10))


def test_a_camera_gives_its_newest_picture_until_it_is_gone(film):
    seen = list(Camera(str(film)).pictures(0.0))
    assert 1 <= len(seen) <= 10
    assert seen[-1][1] == 9
    assert all(a[0] <= b[0] and a[1] < b[1] for a, b in itertools.pairwise(seen))
    assert seen[0][2].size == (320, 180)


def test_pictures_come_no_closer_than_asked_for(film):
    seen = [t for t, _, _ in Camera(str(film)).pictures(0.1)]
    assert all(b - a >= 0.1 for a, b in itertools.pairwise(seen))


def test_a_program_reads_the_moments_of_a_camera(film):
    moments = list(video.watch(film, 0, labels=["happy", "sad"]))
    assert moments[0].frame == 0
    assert {face.track for moment in moments for face in moment.faces} == {1}
    assert {tuple(face.scores) for moment in moments for face in moment.faces} == {("happy", "sad")}
    with pytest.raises(ValueError, match=r"^no label glad; there are angry, "):
        video.watch(film, labels=["glad"])
    with pytest.raises(ValueError, match=r"^region 0,0,999,5: outside the picture"):
        next(video.watch(film, region=(0, 0, 999, 5)))


def test_a_camera_that_nobody_reads_any_more_is_closed(film, monkeypatch):
    closed = threading.Event()
    play = Camera._play

    def watched(self):
        try:
            yield from play(self)
        finally:
            closed.set()

    monkeypatch.setattr(Camera, "_play", watched)
    pictures = Camera(str(film)).pictures(0.0)
    next(pictures)
    pictures.close()
    assert closed.wait(60)


def test_what_a_camera_sees_is_written_as_it_comes(film, capsys):
    assert main(["video", "--camera", str(film), "--every", "0", "--format", "jsonl"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines
    assert {line["track"] for line in lines} == {1}
    assert {line["label"] for line in lines} == {"happy"}


def test_ctrl_c_ends_a_camera_and_its_file_is_whole(film, tmp_path, monkeypatch, capsys):
    pictures = Camera.pictures

    def stop(self, every):
        yield from itertools.islice(pictures(self, every), 1)
        raise KeyboardInterrupt

    monkeypatch.setattr(Camera, "pictures", stop)
    out = tmp_path / "t.csv"
    assert main(["video", "--camera", str(film), "--output", str(out)]) == 0
    assert len(out.read_text().splitlines()) == 2
    assert capsys.readouterr().err == f"camera {film}: 1 moment\n"


def test_what_was_seen_stays_when_a_camera_fails_and_the_exit_code_is_1(
    film, tmp_path, monkeypatch, capsys
):
    pictures = Camera.pictures

    def fail(self, every):
        yield from itertools.islice(pictures(self, every), 1)
        raise fer_onnx.VideoError("camera 0: Input/output error")

    monkeypatch.setattr(Camera, "pictures", fail)
    out = tmp_path / "t.csv"
    assert main(["video", "--camera", str(film), "--output", str(out)]) == 1
    assert len(out.read_text().splitlines()) == 2
    assert capsys.readouterr().err == "error: camera 0: Input/output error\n"
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_rows_are_in_the_file_as_they_come_beside_what_was_there(film, tmp_path, monkeypatch):
    pictures = Camera.pictures
    out, seen = tmp_path / "t.csv", []
    out.write_text("before")

    def look(self, every):
        for picture in itertools.islice(pictures(self, every), 2):
            yield picture
            seen.append((out.read_text(), (tmp_path / "t.csv.part").read_text().count("\n")))

    monkeypatch.setattr(Camera, "pictures", look)
    assert main(["video", "--camera", str(film), "--every", "0", "--output", str(out)]) == 0
    assert seen == [("before", 2), ("before", 3)]
    assert out.read_text().count("\n") == 3


def test_what_a_killed_run_left_is_not_overwritten(film, tmp_path, capsys):
    part = tmp_path / "t.csv.part"
    part.write_text("rows")
    assert main(["video", "--camera", str(film), "--output", str(tmp_path / "t.csv")]) == 2
    assert capsys.readouterr().err == f"error: {part}: cannot be written (File exists)\n"
    assert part.read_text() == "rows"


def test_a_film_that_stands_in_for_a_camera_is_not_overwritten(film, capsys):
    before = film.read_bytes()
    assert main(["video", "--camera", str(film), "--format", "csv", "--output", str(film)]) == 2
    assert capsys.readouterr().err.endswith("is one of the films; choose another name\n")
    assert film.read_bytes() == before


def test_ctrl_c_before_the_first_picture_ends_a_camera_too(film, monkeypatch, capsys):
    def stop(self, every):
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(Camera, "pictures", stop)
    assert main(["video", "--camera", str(film)]) == 0
    assert capsys.readouterr().err == f"camera {film}: 0 moments\n"


def test_a_camera_that_is_not_there_is_one_line(capsys, monkeypatch):
    monkeypatch.setattr(camera.sys, "platform", "linux")
    assert main(["video", "--camera", "97"]) == 2
    assert capsys.readouterr().err == "error: camera 97: no /dev/video97\n"


def test_a_camera_that_fails_is_one_line(film, monkeypatch):
    def fail(self):
        raise OSError(5, "Input/output error")
        yield

    monkeypatch.setattr(Camera, "_play", fail)
    with pytest.raises(fer_onnx.VideoError, match=r"^camera .*: Input/output error$"):
        list(Camera(str(film)).pictures(0.0))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "expected films, or --camera"),
        (["a.mp4", "--camera", "0"], "expected films, or --camera"),
        (["--camera", "0", "--chart", "c.png"], "--chart is for films, not for a camera"),
        (["--camera", "0", "--from", "1"], "--from is for films, not for a camera"),
        (
            ["--camera", "0", "--format", "csv", "--output", "-"],
            "-: expected the name of a file; the table goes to stdout without one",
        ),
    ],
)
def test_wrong_usage_is_one_line(arguments, message, capsys):
    assert main(["video", *arguments]) == 2
    assert capsys.readouterr().err.strip() == f"error: {message}"

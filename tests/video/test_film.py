"""Pictures of films: when each is, its number, which way up it is, and what cannot be read."""

import sys
import wave

import av
import numpy as np
import pytest
from PIL import Image

import fer_onnx
from fer_onnx.video.film import Film

from .conftest import HAPPY, rows, still


def times(film, *args, **options) -> list[float]:
    with Film(film) as opened:
        return [frame.t for frame in opened.frames(*args, **options)]


def numbers(film, *args, **options) -> list[int]:
    with Film(film) as opened:
        return [frame.number for frame in opened.frames(*args, **options)]


def fail(path) -> str:
    """Read a film that cannot be read to its end; return what is said of it."""
    with pytest.raises(fer_onnx.VideoError) as raised, Film(path) as film:
        list(film.frames())
    assert "\n" not in str(raised.value)
    return str(raised.value)


def grey(t: float) -> Image.Image:
    return Image.new("RGB", (64, 48), (round(60 + 50 * t),) * 3)


def test_every_picture_has_its_time_and_number(films):
    film = films("grey.mp4", grey, rows(50))
    assert times(film) == [n / 25 for n in range(50)]
    assert numbers(film) == list(range(50))


@pytest.mark.parametrize("name", ["grey.mp4", "grey.mkv", "grey.avi", "grey.ts", "grey.mov"])
def test_moments_are_the_first_pictures_at_whole_multiples_of_the_interval(films, name):
    film = films(name, grey, rows(50), codec="mpeg4" if name.endswith("avi") else "libx264")
    assert numbers(film, 0.2) == list(range(0, 50, 5))


def test_pictures_at_varying_intervals_are_taken_by_their_times_not_by_their_numbers(films):
    seen = [0.0, 0.01, 0.02, 0.03, 0.25, 0.26, 1.5, 1.51, 1.7]
    film = films("varying.mkv", grey, seen)
    assert times(film, 0.2) == [0.0, 0.25, 1.5, 1.7]
    assert numbers(film, 0.2) == [0, 4, 6, 8]


@pytest.mark.parametrize("start", [0.04, 0.4, 0.8, 1.0, 1.96])
@pytest.mark.parametrize("name", ["grey.mp4", "grey.mkv", "grey.ts"])
def test_a_part_of_a_film_has_the_times_and_numbers_that_it_has_in_all_of_it(films, name, start):
    film = films(name, grey, rows(50))
    whole = list(zip(times(film), numbers(film), strict=True))
    expected = [(t, n) for t, n in whole if start <= t < 1.98]
    number = expected[0][1]
    for known in (None, number):
        part = times(film, 0, start, 1.98, known), numbers(film, 0, start, 1.98, known)
        assert list(zip(*part, strict=True)) == expected


def test_each_picture_is_the_one_of_its_time(films):
    film = films("grey.mp4", grey, rows(50))
    for start in (0.0, 0.88):
        with Film(film) as opened:
            for frame in opened.frames(0.2, start):
                assert abs(np.mean(frame.to_image()) - 60 - 50 * frame.t) < 4


@pytest.mark.parametrize(("turn", "stored"), [(0, 0), (90, 3), (180, 2), (-90, 1)])
def test_a_film_is_shown_as_its_file_says_it_is_turned(films, turn, stored):
    film = films(f"turned{turn}.mp4", still, rows(5), turn=turn, stored=stored)
    with Film(film) as opened:
        assert opened.size == (320, 180)
        assert opened.turned is bool(turn)
        image = next(opened.frames()).to_image()
    assert np.abs(np.asarray(image, float) - np.asarray(still(0), float)).mean() < 3


def test_a_film_turned_by_no_quarter_is_read_as_it_is_stored_and_says_so(films):
    with Film(films("askew.mp4", still, rows(5), turn=30)) as film:
        (note,) = film.notes
        assert "askew.mp4: says that it is turned by" in note
        assert "no quarter turn; read as it is stored" in note
        assert film.size == (320, 180)


def test_pixels_that_are_wider_than_high_are_shown_square(films, monkeypatch):
    film = films("grey.mp4", grey, rows(50))
    from fer_onnx.video import container

    monkeypatch.setattr(container.Container, "rewind", lambda self: None)
    opened = Film(film)
    opened.container.stretch = 1.5
    opened._measure()
    assert opened.size == (96, 48)
    assert next(opened.frames()).to_image().size == (96, 48)


def test_a_film_that_is_cut_off_is_read_as_far_as_it_goes(films, tmp_path):
    data = films("long.mkv", still, rows(75)).read_bytes()
    path = tmp_path / "cut.mkv"
    path.write_bytes(data[: len(data) // 2])
    seen = []
    with pytest.raises(fer_onnx.VideoError) as raised, Film(path) as film:
        seen.extend(frame.number for frame in film.frames())
    assert str(raised.value).startswith(f"{path}: cut off: it ends after ")
    assert str(raised.value).endswith("of 3.0 seconds")
    assert seen == list(range(len(seen)))
    assert 10 < len(seen) < 60


def test_a_film_that_is_damaged_inside_says_so_after_its_last_picture(films, tmp_path):
    data = bytearray(films("long.mp4", still, rows(75)).read_bytes())
    with av.open(str(films("long.mp4"))) as file:
        place = [packet.pos for packet in file.demux(video=0) if packet.size][33]
    data[place : place + 4] = bytes(4)
    path = tmp_path / "damaged.mp4"
    path.write_bytes(data)
    seen = []
    with pytest.raises(fer_onnx.VideoError) as raised, Film(path) as film:
        seen.extend(frame.number for frame in film.frames())
    assert str(raised.value) == f"{path}: damaged: 1 part of it could not be decoded"
    assert len(seen) == 74


def test_what_is_no_film_is_named(tmp_path, films):
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "empty.mp4").write_bytes(b"")
    HAPPY.save(tmp_path / "face.png")
    assert fail(tmp_path / "none.mp4") == f"{tmp_path}/none.mp4: no such file"
    assert fail(tmp_path) == f"{tmp_path}: expected a film file"
    assert fail(tmp_path / "notes.txt").startswith(f"{tmp_path}/notes.txt: no film, or a damaged")
    assert fail(tmp_path / "empty.mp4").startswith(f"{tmp_path}/empty.mp4: no film, or a damaged")
    picture = fail(tmp_path / "face.png")
    assert picture == f"{tmp_path}/face.png: a PNG picture; read it with 'fer-onnx predict'"


def test_sound_alone_is_no_film(tmp_path):
    path = tmp_path / "tone.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(16000))
    assert fail(path) == f"{path}: no pictures in it, sound alone"


def test_a_film_without_a_picture_that_can_be_decoded_is_none(films, monkeypatch):
    from fer_onnx.video import container

    monkeypatch.setattr(container.Container, "pictures", lambda self: iter(()))
    path = films("grey.mp4", grey, rows(50))
    assert fail(path) == f"{path}: no picture in it can be decoded"


def test_a_film_of_no_pictures_is_none(films, tmp_path):
    data = films("grey.mkv", grey, rows(50)).read_bytes()
    path = tmp_path / "empty.mkv"
    path.write_bytes(data[: data.index(b"\x1f\x43\xb6\x75")])  # before the first cluster
    assert fail(path).startswith(f"{path}: no")


@pytest.mark.parametrize(
    "text", ["#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n", "ffconcat version 1.0\nfile a.mp4\n"]
)
def test_a_playlist_is_no_film_and_leads_nowhere(tmp_path, text):
    path = tmp_path / "list.m3u8"
    path.write_text(text)
    assert fail(path).startswith(f"{path}: no film, or a damaged one")


def test_a_path_is_a_file_and_never_an_address():
    assert fail("http://127.0.0.1:9/a.mp4") == "http://127.0.0.1:9/a.mp4: no such file"
    assert fail("concat:a.mp4|b.mp4") == "concat:a.mp4|b.mp4: no such file"


def test_pictures_beyond_the_limit_are_refused(films, monkeypatch):
    from fer_onnx.video import film

    monkeypatch.setattr(film, "MAX_PIXELS", 64 * 48 - 1)
    path = films("grey.mp4", grey, rows(50))
    assert fail(path) == f"{path}: pictures of 64x48 pixels, more than 0.0 megapixels"


def test_without_pyav_one_line_says_what_to_install(films, monkeypatch):
    path = films("grey.mp4", grey, rows(50))
    monkeypatch.setitem(sys.modules, "av", None)
    assert "films and cameras need PyAV: pip install 'fer-onnx[video]'" in fail(path)

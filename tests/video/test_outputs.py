"""What is made of films besides tables: summaries, charts, annotated films."""

import csv
import hashlib
import os
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

import fer_onnx
from fer_onnx import video
from fer_onnx.cli import main
from fer_onnx.overlay import colour_of
from fer_onnx.prediction import Face, Prediction
from fer_onnx.video.annotated import AnnotatedFilm, find_between
from fer_onnx.video.chart import draw_chart
from fer_onnx.video.film import Film
from fer_onnx.video.follower import Moment
from fer_onnx.video.summary import Summary

from .conftest import cut, rows, two

LABELS = ("happy", "sad")


def face(happy: float, track: int = 1, left: int = 0, legible: bool = True) -> Face:
    answer = Prediction.from_scores({"happy": happy, "sad": 1 - happy}, 0.6)
    prediction = answer if legible else answer.illegible()
    return Face((left, 0, 10, 10), 0.9, prediction, track=track)


def moment(t: float, *faces: Face) -> Moment:
    return Moment(t, round(25 * t), faces, faces)


def sum_up(*moments: Moment, every: float = 0.2) -> Summary:
    summary = Summary(LABELS, every)
    for each in moments:
        summary.add(each)
    summary.finish()
    return summary


def read_rows(summary: Summary) -> list[dict[str, str]]:
    return list(csv.DictReader(summary.to_csv().splitlines()))


def test_a_track_lasts_from_its_first_to_its_last_moment_and_its_labels_add_up():
    summary = sum_up(
        moment(0.0, face(0.9)), moment(0.2, face(0.7), face(0.1, 2)), moment(0.4, face(0.2)),
        moment(0.6, face(0.5)), moment(0.8),
    )  # fmt: skip
    first, second = read_rows(summary)
    assert (first["first"], first["last"], first["moments"]) == ("0.000000", "0.600000", "4")
    seconds = [float(first[f"seconds_{name}"]) for name in (*LABELS, "uncertain")]
    assert seconds == pytest.approx([0.4, 0.2, 0.2])
    assert float(first["score_happy"]) == pytest.approx((0.9 + 0.7 + 0.2 + 0.5) / 4)
    assert (first["label"], second["label"], second["track"]) == ("happy", "sad", "2")


def test_where_pictures_are_missing_a_moment_stands_for_two_intervals():
    (row,) = read_rows(sum_up(moment(0.0, face(0.9)), moment(5.0)))
    assert float(row["seconds_happy"]) == pytest.approx(0.4)


def test_a_face_that_cannot_be_read_has_no_part_in_the_mean():
    (row,) = read_rows(sum_up(moment(0.0, face(0.9)), moment(0.2, face(0.1, legible=False))))
    assert float(row["score_happy"]) == pytest.approx(0.9)
    assert float(row["seconds_uncertain"]) == pytest.approx(0.2)


def test_a_chart_has_a_band_a_track_in_the_colours_of_what_it_shows():
    spells = [moment(n / 5, face(0.9 if n < 10 else 0.1), face(0.9, 2)) for n in range(20)]
    chart = draw_chart(sum_up(*spells), LABELS, "a.mp4")
    one = draw_chart(sum_up(*(moment(n / 5, face(0.9)) for n in range(20))), LABELS, "a.mp4")
    assert chart.height > one.height
    assert chart.size[0] == one.size[0] == 1600
    shown = {f"#{r:02x}{g:02x}{b:02x}" for _, (r, g, b) in chart.getcolors(10**6)}
    assert {colour_of("happy"), colour_of("sad")} <= shown


def test_a_chart_is_read_without_colours(tmp_path):
    """The hatching of two labels differs where their colours were the same."""
    halves = [moment(n / 5, face(0.9 if n < 10 else 0.1)) for n in range(20)]
    chart = np.asarray(draw_chart(sum_up(*halves), LABELS)).min(axis=-1) < 60
    band = chart[90:115]
    left, right = band[:, 400:800].mean(), band[:, 1000:1500].mean()
    assert left < 0.01 < right


def test_a_chart_of_nobody_says_so():
    assert draw_chart(sum_up(moment(0.0), moment(0.2)), LABELS, "a.mp4").size[0] == 1600


def test_faces_between_two_moments_are_on_their_way():
    before, after = moment(1.0, face(0.9, 1, 0), face(0.9, 2, 50)), moment(2.0, face(0.9, 1, 100))
    assert [each.box[0] for each in find_between(before, after, 1.25)] == [25, 50]
    assert [each.box[0] for each in find_between(before, after, 1.75)] == [75]
    assert [each.box[0] for each in find_between(before, None, 1.25)] == [0, 50]
    assert find_between(before, None, 1.75) == []
    assert find_between(None, after, 0.5) == []


def packets(path: Path, kind: str) -> list[tuple[float, str]]:
    with av.open(str(path)) as file:
        stream = getattr(file.streams, kind)[0]
        return [
            (round(float(packet.pts * packet.time_base), 4), hashlib.md5(bytes(packet)).hexdigest())
            for packet in file.demux(stream)
            if packet.size
        ]


def times(path: Path) -> list[float]:
    with Film(path) as film:
        return [frame.t for frame in film.frames()]


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_an_annotated_film_has_the_same_pictures_in_time_and_the_same_sound(
    films, tmp_path, suffix
):
    film, out = films("two.mp4", two, rows(50), sound=True), tmp_path / f"out.{suffix}"
    assert main(["video", str(film), "--annotate", str(out), "--every", "0.4"]) == 0
    drawn = times(out)  # Matroska begins with the sound, which an encoder begins before 0
    assert [t - drawn[0] for t in drawn] == pytest.approx(times(film), abs=0.002)
    sound, copy = packets(film, "audio"), packets(out, "audio")
    assert [content for _, content in copy] == [content for _, content in sound]
    shift = copy[0][0] - sound[0][0]
    assert [t - shift for t, _ in copy] == pytest.approx([t for t, _ in sound], abs=0.002)
    with av.open(str(out)) as file:
        assert file.streams.video[0].codec_context.name == "h264"
    with Film(out) as drawn, Film(film) as source:
        for one, other in zip(drawn.frames(), source.frames(), strict=True):
            a, b = (np.asarray(frame.to_image(), float) for frame in (one, other))
            assert (np.abs(a - b).max(axis=-1) > 60).mean() > 0.02  # frames and words


def test_pictures_at_varying_intervals_stay_at_their_times(films, tmp_path):
    seen = [0.0, 0.01, 0.02, 0.25, 0.26, 1.5, 1.51]
    film, out = films("uneven.mkv", two, seen), tmp_path / "out.mkv"
    main(["video", str(film), "--annotate", str(out)])
    assert times(out) == pytest.approx(seen, abs=0.001)


def test_a_part_of_a_film_begins_at_0(films, tmp_path):
    film, out = films("two.mp4", two, rows(50), sound=True), tmp_path / "out.mp4"
    main(["video", str(film), "--annotate", str(out), "--from", "1", "--to", "1.4"])
    assert times(out) == pytest.approx([n / 25 for n in range(10)], abs=0.001)


def test_without_an_encoder_for_h264_it_is_mpeg_4_and_that_is_said(
    films, tmp_path, monkeypatch, capsys
):
    from fer_onnx.video import annotated

    monkeypatch.setattr(annotated, "CODECS", ("libnone", "mpeg4"))
    out = tmp_path / "out.mp4"
    film = films("two.mp4", two, rows(50), sound=True)
    assert main(["video", str(film), "--annotate", str(out)]) == 0
    assert f"note: {out}: MPEG-4, as there is no encoder for H.264 here" in capsys.readouterr().err
    with av.open(str(out)) as file:
        assert file.streams.video[0].codec_context.name == "mpeg4"
    assert times(out) == pytest.approx(times(film), abs=0.001)


def test_what_is_drawn_so_far_plays_when_it_is_broken_off(films, tmp_path):
    film = films("two.mp4", two, rows(50), sound=True)
    with Film(film) as source:
        drawn = AnnotatedFilm(source, tmp_path / "out.mp4")
        for each in video.read(film, end=1.01):
            drawn.add(each)
        drawn.close()
    assert os.listdir(tmp_path) == ["out.part.mp4"]  # noqa: PTH208
    assert len(times(tmp_path / "out.part.mp4")) == 25  # up to the last moment, at 1 second


def test_films_side_by_side_have_files_of_their_names(films, tmp_path, capsys):
    one, other = films("two.mp4", two, rows(50), sound=True), films("cut.mp4", cut, rows(50))
    folder = str(tmp_path / "out")
    arguments = ["--summary", folder, "--chart", folder, "--annotate", folder, "--output", folder]
    arguments += ["--model", "emotions-ferplus"]  # whose answers here are certain
    assert main(["video", str(one), str(other), *arguments]) == 0
    made = sorted(path.name for path in Path(folder).iterdir())
    ends = ("-annotated.mp4", "-summary.csv", ".csv", ".png")
    assert made == sorted(f"{stem}{end}" for stem in ("cut", "two") for end in ends)
    with Image.open(Path(folder) / "cut.png") as chart:
        assert chart.size[0] == 1600
    with (Path(folder) / "cut-summary.csv").open() as file:
        assert [row["label"] for row in csv.DictReader(file)] == ["happy", "neutral"]


def test_films_of_odd_sizes_are_drawn_too(films, tmp_path):
    film = films("odd.avi", lambda t: two(t).crop((0, 0, 321, 179)), rows(10), codec="ffv1")
    out = tmp_path / "out.mp4"
    assert main(["video", str(film), "--annotate", str(out)]) == 0
    with Film(out) as drawn:
        assert drawn.size == (320, 178)


def test_what_is_no_name_of_a_film_is_refused(films, capsys):
    assert main(["video", str(films("still.mp4")), "--annotate", "out.gif"]) == 2
    assert capsys.readouterr().err == "error: out.gif: expected a name with .mp4, .mov, .mkv\n"


def test_the_error_of_films_is_one_of_the_package():
    assert issubclass(fer_onnx.VideoError, fer_onnx.FerOnnxError)

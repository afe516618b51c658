"""The command `fer-onnx video`: its tables, its exit codes, and runs that are broken off."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fer_onnx import video
from fer_onnx.cli import main
from fer_onnx.runs import journal
from fer_onnx.video.film import Film

from .conftest import cut, dark, empty, rows, still, two

PLACE = ["t", "frame", "track", "x", "y", "width", "height", "detection_score"]
COLUMNS = [*PLACE, "label", "score", "uncertain", "legible"]
LABELS = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run the command in a folder of its own; return its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        code = main(["video", *map(str, arguments)])
        return (code, *capsys.readouterr())

    return call


def read_csv(name: str) -> list[dict[str, str]]:
    with Path(name).open(newline="") as file:
        return list(csv.DictReader(file))


def test_lines_for_people(films, run):
    code, out, err = run(films("dark.mp4", dark, rows(50)), "--every", "0.6s")
    assert (code, err) == (0, "")
    times = [line.split("  ")[0] for line in out.splitlines()]
    assert times == ["0:00.0", "0:00.6", "0:01.2", "0:01.8"]
    assert out.splitlines()[0] == "0:00.0  no face"
    assert re.match(r"0:01\.8  face 1 happy 0\.[89]\d?\b", out.splitlines()[-1])


def test_a_table_has_a_row_for_each_moment_and_face_in_stated_columns(films, run):
    film = films("dark.mp4", dark, rows(50))
    assert run(film, "--output", "t.csv")[0] == 0
    table = read_csv("t.csv")
    assert list(table[0]) == [
        *COLUMNS, "steady_label", "steady_score",
        *(f"score_{label}" for label in LABELS), *(f"steady_score_{label}" for label in LABELS),
    ]  # fmt: skip
    moments = list(video.read(film))
    assert [float(row["t"]) for row in table] == [moment.t for moment in moments]
    for row, moment in zip(table, moments, strict=True):
        assert int(row["frame"]) == moment.frame
        if not moment.faces:
            assert set(list(row.values())[2:]) == {""}
            continue
        (face,), (steady,) = moment.faces, moment.steadied
        assert [row["track"], row["label"], row["steady_label"]] == ["1", "happy", "happy"]
        assert [int(row[name]) for name in COLUMNS[3:7]] == list(face.box)
        assert (row["uncertain"], row["legible"]) == ("false", "true")
        for label in LABELS:
            assert float(row[f"score_{label}"]) == face.scores[label]
            assert float(row[f"steady_score_{label}"]) == steady.scores[label]


def test_json_lines_have_the_same_columns_and_null_without_a_face(films, run):
    film = films("dark.mp4", dark, rows(50))
    _, out, _ = run(film, "--format", "jsonl")
    run(film, "--output", "t.csv")
    lines = [json.loads(line) for line in out.splitlines()]
    table = read_csv("t.csv")
    assert len(lines) == len(table)
    assert list(lines[0]) == list(table[0])
    assert set(list(lines[0].values())[2:]) == {None}
    for line, row in zip(lines, table, strict=True):
        assert line["t"] == float(row["t"])
        assert str(line["track"] or "") == row["track"]
    assert lines[-1]["uncertain"] is False


def test_what_was_left_out_of_a_part_is_not_in_the_table(films, run):
    run(films("two.mp4", two, rows(50), sound=True), "--from", "0.4", "--to", "0:01.0",
        "--region", "160,0,160,180", "--labels", "sad,neutral", "--output", "t.csv")  # fmt: skip
    table = read_csv("t.csv")
    assert [float(row["t"]) for row in table] == [0.4, 0.6, 0.8]
    assert {row["label"] for row in table} == {"neutral"}
    assert "score_happy" not in table[0]


def test_several_films_have_a_table_each_in_a_folder(films, run):
    both = films("dark.mp4", dark, rows(50)), films("cut.mp4", cut, rows(50))
    code, out, err = run(*both, "--output", "tables")
    assert (code, out) == (0, "")
    assert sorted(os.listdir("tables")) == ["cut.csv", "dark.csv"]  # noqa: PTH208
    assert [row["track"] for row in read_csv("tables/cut.csv")] == ["1"] * 5 + ["2"] * 5
    assert err.splitlines()[1].startswith(f"{both[1]}: 10 moments, 10 with a face, 2 tracks; ")


def test_films_that_fail_are_told_and_the_others_are_read(films, run, tmp_path):
    (tmp_path / "bad.mp4").write_text("no film")
    code, out, err = run("bad.mp4", films("empty.mp4", empty, rows(50)), "none.mp4")
    assert code == 1
    assert out.count("no face\n") == 10
    assert [line.split(" (")[0] for line in err.splitlines()] == [
        "error: bad.mp4: no film, or a damaged one",
        "error: none.mp4: no such file",
    ]


def test_a_film_that_is_cut_off_leaves_its_rows(films, run, tmp_path):
    data = films("long.mkv", still, rows(75)).read_bytes()
    (tmp_path / "cut.mkv").write_bytes(data[: len(data) // 2])
    code, _, err = run("cut.mkv", "--output", "t.csv")
    assert code == 1
    assert err.startswith("error: cut.mkv: cut off: it ends after ")
    assert len(read_csv("t.csv")) > 2
    assert not Path("t.csv.part").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--every", "soon"], "argument --every: expected a time, e.g. 0.2s, 1:30"),
        (["--every", "-1"], "argument --every: expected a time"),
        (["--from", "1:75"], "argument --from: expected a time"),
        (["--from", "2", "--to", "1"], "--to must be after --from"),
        (["--region", "0,0,0,5"], "argument --region: expected X,Y,W,H in pixels"),
        (["--resume"], "--resume requires --output FILE"),
        (["--output", "t.xls"], "t.xls: expected a name with .csv or .jsonl, or --format"),
        (["--labels", "happy,glad"], "emotions: no label glad"),
        (["--model", "none.onnx"], "none.onnx: no such file"),
        (["--detector", "none"], "none: no such detector"),
    ],
)  # fmt: skip
def test_wrong_usage_is_one_line_and_exit_code_2(films, run, arguments, message):
    code, out, err = run(films("still.mp4"), *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {message}")
    assert err.count("\n") == 1


def test_a_film_is_never_overwritten(films, run):
    shutil.copy(films("still.mp4"), "film.csv")
    code, _, err = run("film.csv", "--output", "film.csv")
    assert code == 2
    assert err == "error: film.csv: is one of the films; choose another name\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--output", "t.csv", "--summary", "t.csv"], "t.csv: is named for two results; choose"),
        (["--summary", "-"], "-: expected the name of a file; the table goes to stdout without"),
        (["--chart", "none/c.png"], "none/c.png: cannot be written (there is no folder none)"),
        (["--annotate", "none/a.mp4"], "none/a.mp4: cannot be written (there is no folder none)"),
        (["--summary", "."], ".: cannot be written (is a folder)"),
    ],
)
def test_what_could_not_be_written_at_the_end_is_refused_before_a_film_is_read(
    films, run, monkeypatch, arguments, message
):
    monkeypatch.setattr(video.reading.Reading, "begin", None)
    code, out, err = run(films("still.mp4"), *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {message}")
    assert err.count("\n") == 1


def test_films_whose_results_would_have_one_name_are_refused(films, run, tmp_path):
    shutil.copy(films("still.mp4"), tmp_path / "a.mp4")
    shutil.copy(films("still.mp4"), tmp_path / "a-summary.mp4")
    code, _, err = run("a.mp4", "a-summary.mp4", "--output", "out", "--summary", "out")
    assert code == 2
    assert err.startswith(f"error: {Path('out/a-summary.csv')}: is named for two results")


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX limits")
@pytest.mark.parametrize("name", ["t.csv", "out.mp4"])
def test_a_full_disk_is_one_line_that_names_the_file_and_whole_rows_stay(films, tmp_path, name):
    import resource

    film = films("seconds.mkv", still, rows(300))
    option = "--output" if name == "t.csv" else "--annotate"
    command = [sys.executable, "-m", "fer_onnx", "video", film, "--every", "0", option, name]
    done = subprocess.run(
        [*map(str, command)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)),
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith(f"{name}: cannot be written (File too large)")
    if name == "t.csv":
        text = (tmp_path / "t.csv.part").read_text()
        assert text.count("\n") > 10


def test_without_pyav_one_line_and_exit_code_2(films, run, monkeypatch):
    path = films("still.mp4")
    monkeypatch.setitem(sys.modules, "av", None)
    code, out, err = run(path)
    assert (code, out) == (2, "")
    assert err.startswith("error: films and cameras need PyAV: pip install 'fer-onnx[video]'")
    assert err.count("\n") == 1


class Stop(Exception):
    """Something that ends a run."""


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl"])
@pytest.mark.parametrize("moments", [1, 5, 6, 9])
def test_a_run_that_is_broken_off_is_gone_on_with_to_the_same_bytes(
    films, run, monkeypatch, name, moments
):
    film = films("cut.mp4", cut, rows(50))
    run(film, "--output", f"whole-{name}")
    monkeypatch.setattr(journal, "INTERVAL", 0)
    append, left = journal.Journal.append, [moments]

    def stop(self, text, counts=None):
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        append(self, text, counts)

    monkeypatch.setattr(journal.Journal, "append", stop)
    code, _, err = run(film, "--output", name)
    assert code == 130
    counted = "1 moment" if moments == 1 else f"{moments} moments"
    assert f"stopped: {film}: {counted}, up to 0:0" in err
    assert f"in {Path(name).resolve()}.part; continue with --resume" in err
    whole = Path(f"whole-{name}").read_bytes()
    assert whole.startswith(Path(f"{name}.part").read_bytes())
    monkeypatch.setattr(journal.Journal, "append", append)
    code, _, err = run(film, "--output", name)
    assert code == 2
    assert f"an unfinished run answered {moments}; continue with --resume" in err
    code, _, err = run(film, "--output", name, "--every", "0.4", "--resume")
    assert code == 2
    assert "--every was 0.2, is now 0.4" in err
    assert run(film, "--output", name, "--resume")[0] == 0
    assert Path(name).read_bytes() == whole
    assert sorted(os.listdir()) == sorted([f"whole-{name}", name])  # noqa: PTH208


def test_all_results_of_a_run_that_is_gone_on_with_are_those_of_one_that_was_not_broken_off(
    films, run, monkeypatch
):
    film = films("two.mp4", two, rows(50), sound=True)
    names = ("t.jsonl", "s.csv", "c.png", "a.mp4")
    options = ("--output", "--summary", "--chart", "--annotate")

    def name_files(start: str) -> list[str]:
        return [
            part for pair in zip(options, names, strict=True) for part in (pair[0], start + pair[1])
        ]

    assert run(film, *name_files("whole-"))[0] == 0
    monkeypatch.setattr(journal, "INTERVAL", 0)
    append, left = journal.Journal.append, [6]

    def stop(self, text, counts=None):
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        append(self, text, counts)

    monkeypatch.setattr(journal.Journal, "append", stop)
    code, _, err = run(film, *name_files(""))
    assert code == 130
    assert "a.part.mp4 plays up to there; --resume draws it anew" in err
    with Film("a.part.mp4") as drawn:
        assert len(list(drawn.frames())) == 25  # up to the last moment, at 1 second
    assert sorted(name for name in names if Path(name).exists()) == []
    monkeypatch.setattr(journal.Journal, "append", append)
    assert run(film, *name_files(""), "--resume")[0] == 0
    for name in names:
        assert Path(name).read_bytes() == Path(f"whole-{name}").read_bytes()
    assert not Path("a.part.mp4").exists()


def test_a_run_over_several_films_goes_on_with_those_that_are_left(films, run, monkeypatch):
    both = films("dark.mp4", dark, rows(50)), films("cut.mp4", cut, rows(50))
    run(*both, "--output", "tables")
    whole = Path("tables/cut.csv").read_bytes()
    Path("tables/cut.csv").unlink()
    code, _, err = run(*both, "--output", "tables", "--resume")
    assert code == 0
    assert err.splitlines()[0] == f"{both[0]}: is finished"
    assert Path("tables/cut.csv").read_bytes() == whole


def test_what_a_finished_run_was_not_asked_for_is_made_when_it_is(films, run):
    film = films("dark.mp4", dark, rows(50))
    run(film, "--output", "t.csv")
    code, _, err = run(film, "--output", "t.csv", "--resume")
    assert (code, err) == (0, f"{film}: is finished\n")
    code, _, err = run(film, "--output", "t.csv", "--summary", "s.csv", "--resume")
    assert code == 0
    assert [row["track"] for row in read_csv("s.csv")] == ["1"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_whole_rows(films, tmp_path, number):
    film = films("seconds.mkv", still, rows(300))
    command = [sys.executable, "-m", "fer_onnx", "video", film, "--every", "0", "--output", "t.csv"]
    process = subprocess.Popen(
        [*map(str, command)],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        # what a shell starts in the background ignores it, and so would the process
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    part = tmp_path / "t.csv.part"
    while process.poll() is None and not (part.exists() and part.read_bytes().count(b"\n") > 3):
        pass
    process.send_signal(number)
    _, err = process.communicate()
    assert process.returncode == 128 + number
    assert err.startswith(f"stopped: {film}: ")
    text = part.read_text()
    assert text.endswith("\n")
    assert len({line.count(",") for line in text.splitlines()}) == 1

"""Many pictures: what the table shows, and that downloads are what the command line writes."""

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from fer_onnx import images, overlay, reader
from fer_onnx.cli import main
from fer_onnx.demo import pictures, table
from fer_onnx.demo.cache import open_model
from fer_onnx.demo.progress import tell_progress

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture
def sources(tmp_path, monkeypatch) -> list[Path]:
    """Two portraits, and a file that is no picture, in a folder that is the current one."""
    for name in ("astronaut.png", "hopper.jpg"):
        (tmp_path / name).write_bytes((SAMPLES / name).read_bytes())
    (tmp_path / "text.jpg").write_text("hello")
    monkeypatch.chdir(tmp_path)
    return [tmp_path / name for name in ("astronaut.png", "hopper.jpg", "text.jpg")]


@pytest.fixture
def read(sources, monkeypatch):
    """Read them without a visitor."""
    monkeypatch.chdir(sources[0].parent)
    answerer = open_model("emotions")[0]
    # named as a visitor's uploads are
    return [pictures.read(Path(source.name), answerer)[0] for source in sources]


@pytest.fixture
def labels() -> tuple[str, ...]:
    return open_model("emotions")[0].labels


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_a_download_is_what_the_command_line_writes(kind, sources, read, labels):
    names = [source.name for source in sources]
    assert main(["predict", *names, "--format", kind, "--output", "expected"]) == 1
    written = table.write_records(kind, [reading.record for reading in read], labels)
    assert written == Path("expected").read_bytes()


def test_the_archive_holds_the_records_and_the_annotated_pictures(sources, read, labels):
    records = [reading.record for reading in read]
    archive = zipfile.ZipFile(io.BytesIO(table.pack(sources, records, labels)))
    assert archive.namelist() == [
        "expressions.csv",
        "expressions.json",
        "annotated/astronaut.png",
        "annotated/hopper.jpg",
    ]
    assert len(json.loads(archive.read("expressions.json"))) == 3
    assert len(list(csv.reader(io.StringIO(archive.read("expressions.csv").decode())))) == 4
    image = images.read_image(sources[0])
    expected = overlay.annotate(image, reader.read_faces(image))
    drawn = Image.open(io.BytesIO(archive.read("annotated/astronaut.png")))
    assert drawn.tobytes() == expected.tobytes()


def test_nothing_is_written_to_disk_for_the_archive(sources, read, labels):
    before = sorted(sources[0].parent.iterdir())
    table.pack(sources, [reading.record for reading in read], labels)
    assert sorted(sources[0].parent.iterdir()) == before


def test_a_row_a_face_and_one_for_what_cannot_be_read(read):
    rows = [row for reading in read for row in table.list_rows(reading)]
    assert [row["Picture"] for row in rows] == ["astronaut.png", "hopper.jpg", "text.jpg"]
    face = read[0].record.faces[0]
    assert rows[0]["Answer"] == face.prediction.label
    assert rows[0]["Score"] == 100 * face.prediction.score
    assert rows[0]["Face"].startswith("data:image/jpeg;base64,")
    assert rows[2] == {"Face": None, "Answer": table.FAILED, "Score": None, "Picture": "text.jpg"}


def test_answer_and_score_stand_before_everything_but_the_face(read):
    assert list(table.list_rows(read[0])[0])[:4] == ["Face", "Answer", "Score", "Picture"]
    assert list(table.list_rows(read[2])[0]) == ["Face", "Answer", "Score", "Picture"]


def test_the_whole_table_fits_beside_what_is_asked_on_a_screen_of_1280(labels):
    assert sum(table.WIDTHS.values()) + len(labels) * table.LABEL_WIDTH <= 838


@pytest.mark.parametrize(
    ("done", "total", "seconds", "said"),
    [
        (10, 40, 5.0, "10 of 40 pictures read, about 15 s left"),
        (40, 40, 5.0, "40 of 40 pictures read, about 0 s left"),
        (1, 601, 1.0, "1 of 601 pictures read, about 10 min left"),
    ],
)
def test_progress_says_how_long_the_rest_takes(done, total, seconds, said):
    assert tell_progress(done, total, seconds) == said


def test_the_table_can_be_filtered_by_answer(page, portrait, crop):
    page.upload(("a.png", portrait), ("b.png", b"hello")).choose("Table")
    (frame,) = page.app.dataframe
    assert list(frame.value["Picture"]) == ["a.png", "b.png"]
    pills = next(group for group in page.app.button_group if group.label == "Show")
    assert pills.options[-1] == f"{table.FAILED} 1"
    pills.set_value([table.FAILED])
    page.run()
    (frame,) = page.app.dataframe
    assert list(frame.value["Picture"]) == ["b.png"]


def test_what_was_read_for_the_faces_is_not_read_again_for_the_table(monkeypatch, open_page):
    calls = []
    read = reader.read_faces
    monkeypatch.setattr(reader, "read_faces", lambda *a, **k: calls.append(a) or read(*a, **k))
    open_page().choose("Table")
    assert len(calls) == 1

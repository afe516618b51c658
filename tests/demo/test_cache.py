"""What is kept of a visitor's pictures: readings in little room, and nothing that was removed."""

import threading
from io import BytesIO

import pytest
from PIL import Image
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from fer_onnx.demo import cache
from fer_onnx.demo.cache import MAX_SHOWN, Memory, read_in_parallel
from fer_onnx.runs.files import Picture
from fer_onnx.runs.pipeline import Answerer, Settings


def upload(data: bytes, file_id: str = "1", name: str = "a.png") -> UploadedFile:
    return UploadedFile(UploadedFileRec(file_id, name, "image/png", data), None)


@pytest.fixture
def memory() -> Memory:
    return Memory()


def test_the_record_is_the_one_of_the_command_line(memory, portrait, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(portrait)
    record = Answerer(Settings("emotions")).answer(Picture("a.png", str(path)))
    source = upload(portrait)
    memory.read(source, "emotions")
    assert memory.find(source, "emotions").record.to_dict() == record.to_dict()
    assert memory.find(source, "happy-sad") is None


def test_a_reading_takes_little_room(memory, portrait):
    source = upload(portrait)
    memory.read(source, "emotions")
    reading = memory.find(source, "emotions")
    assert sum(map(len, reading.crops)) < 8_000
    assert all(face.prediction.evidence is None for face in reading.record.faces)


def test_of_pictures_at_the_size_of_the_page_the_last_few_are_kept(memory, crop):
    sources = [upload(crop, str(n)) for n in range(MAX_SHOWN + 5)]
    for source in sources:
        memory.read(source, "emotions")
    assert len(memory._shown) == MAX_SHOWN
    assert len(memory.readings) == MAX_SHOWN + 5
    assert Image.open(BytesIO(memory.show(sources[0]))).size == (112, 112)


def test_what_was_removed_is_dropped(memory, crop):
    kept, removed = upload(crop, "1"), upload(crop, "2")
    for source in (kept, removed):
        memory.look_closer(source, memory.read(source, "emotions"), "emotions")
    memory.keep_only([kept])
    for known in (memory.readings, memory._shown, memory._closeups):
        assert {key for key, _ in known} == {"1"}


def test_pictures_are_read_at_once_and_handed_over_as_they_are_read(memory, crop, monkeypatch):
    both = threading.Barrier(2, timeout=30)
    read = cache.pictures.read

    def meet(source, answerer):
        both.wait()  # passes if two are read at the same time
        return read(source, answerer)

    monkeypatch.setattr(cache.pictures, "read", meet)
    monkeypatch.setattr(cache.os, "cpu_count", lambda: 2)
    cache.open_pool.clear()
    sources = [upload(crop, str(n)) for n in range(4)]
    told = [source for read in read_in_parallel(memory, sources, "emotions") for source in read]
    assert sorted(source.file_id for source in told) == ["0", "1", "2", "3"]
    assert len(memory.readings) == 4


def test_what_is_being_read_when_the_page_runs_again_is_not_begun_once_more(
    memory, crop, monkeypatch
):
    calls, go_on = [], threading.Event()
    read = cache.pictures.read

    def hold(source, answerer):
        calls.append(source)
        assert go_on.wait(30)
        return read(source, answerer)

    monkeypatch.setattr(cache.pictures, "read", hold)
    first = read_in_parallel(memory, [upload(crop)], "emotions")
    while not calls:
        next(first)
    first.close()  # the visitor has turned a switch
    second = read_in_parallel(memory, [upload(crop)], "emotions")
    assert next(second) == []
    go_on.set()
    assert [source.file_id for read in second for source in read] == ["1"]
    assert len(calls) == 1


def test_what_has_not_begun_is_not_read_when_nobody_asks_any_more(memory, crop, monkeypatch):
    monkeypatch.setattr(cache.os, "cpu_count", lambda: 1)
    cache.open_pool.clear()
    reading = read_in_parallel(memory, [upload(crop, str(n)) for n in range(50)], "emotions")
    while not next(reading):
        pass
    reading.close()
    cache.open_pool().shutdown(wait=True)
    cache.open_pool.clear()
    assert len(memory.readings) < 50

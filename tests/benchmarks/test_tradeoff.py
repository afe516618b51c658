"""The picture of accuracy against latency: what is quoted in it, and that it is drawn."""

import pytest
from PIL import Image

import fer_onnx
from benchmarks.__main__ import main
from benchmarks.quality import tradeoff
from benchmarks.rivals.published import PEOPLE, PUBLISHED
from benchmarks.speed.speed import find_siblings


def test_quoted_figures_are_possible_and_say_where_they_come_from():
    assert len({one.name for one in PUBLISHED}) == len(PUBLISHED)
    for one in PUBLISHED:
        assert one.source
        assert one.milliseconds is None or one.milliseconds > 0
        assert one.accuracy is None or (0 < one.accuracy < 100 and one.split)
    assert 0 < PEOPLE[0] - PEOPLE[1] < PEOPLE[0] + PEOPLE[1] < 100


def test_only_networks_with_both_figures_have_a_place():
    places = {one.name for one in PUBLISHED if one.complete}
    assert places
    for one in PUBLISHED:
        assert (one.name in places) == (None not in (one.milliseconds, one.accuracy))


def test_the_picture_is_written_whole_and_shows_every_kind(tmp_path):
    scatter = pytest.importorskip("benchmarks.documents.scatter", reason="needs matplotlib")
    assert set(tradeoff.CAPTIONS) == set(scatter.KINDS)
    points = [scatter.Point(kind, kind, 3.0**i, 60 + i) for i, kind in enumerate(tradeoff.CAPTIONS)]
    path = tmp_path / "tradeoff.png"
    scatter.draw(points, PEOPLE, tradeoff.CAPTIONS, tradeoff.TITLE, path)
    assert list(tmp_path.iterdir()) == [path]
    with Image.open(path) as picture:
        colours = {colour for _, colour in picture.convert("RGB").getcolors(2**24)}
    for _, colour in scatter.KINDS.values():
        assert tuple(bytes.fromhex(colour[1:])) in colours


def test_without_data_it_is_one_line_and_exit_2(monkeypatch, capsys):
    monkeypatch.setattr(tradeoff, "pin_core", lambda: "not pinned")
    monkeypatch.delenv("FER_DATA", raising=False)
    assert main(["tradeoff"]) == 2
    assert capsys.readouterr() == ("", "error: no data: give --data PATH or set FER_DATA\n")


def test_a_sibling_answers_the_same_question():
    model = fer_onnx.load()
    siblings = find_siblings("emotions", model)
    assert not {"emotions", "emotions-fer2013", "happy-sad"} & set(siblings)
    for sibling in siblings.values():
        assert sibling.labels == model.labels
        assert sibling.info.label_set == model.info.label_set

"""docs/library.md says what the package offers: every name, every field, and code that runs."""

import re
from pathlib import Path

import fer_onnx
from fer_onnx.runs.records import Record

ROOT = Path(__file__).parents[2]
LIBRARY = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")


def test_every_public_name_is_told():
    for name in set(fer_onnx.__all__) - {"__version__"}:
        assert re.search(rf"`{name}\b", LIBRARY), name


def test_every_field_of_a_record_and_of_a_face_has_a_row():
    prediction = fer_onnx.Prediction.from_scores({"happy": 1.0}, 0.5)
    face = fer_onnx.Face((0, 0, 9, 9), 0.9, prediction, track=1)
    rows = {row.split("|")[1] for row in LIBRARY.splitlines() if row.startswith("|")}
    told = {field for row in rows for field in re.findall(r"`(\w+)`", row)}
    assert {*face.to_dict(), *Record("a.png", 9, 9, "emotions").to_dict()} <= told


def test_its_python_runs_from_top_to_bottom(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", LIBRARY, re.DOTALL):
        exec(compile(block, "library.md", "exec"), names)
    printed = capsys.readouterr().out.splitlines()
    assert f"{names['model']!r}" in printed
    assert f"print(model)  # {names['model']!r}" in LIBRARY
    assert printed[-3:] == ["1 happy"] * 3

"""`fer-onnx demo`: what it starts Streamlit with, and what it refuses before."""

import shutil

import pytest
from streamlit.web import cli as streamlit

from fer_onnx import modelfile
from fer_onnx.cli import main
from fer_onnx.demo import server


@pytest.fixture
def started(monkeypatch) -> list[list[str]]:
    """Every command line that Streamlit would have been started with."""
    lines: list[list[str]] = []
    monkeypatch.setattr(streamlit, "main", lambda line, **options: lines.append(line))
    return lines


def test_it_serves_the_page_on_this_machine_alone(started):
    assert main(["demo"]) == 0
    (line,) = started
    assert line[:2] == ["run", str(server.HERE / "script.py")]
    assert "--server.address=localhost" in line
    assert "--" not in line


def test_address_port_and_model_are_passed_on(started, tmp_path):
    own = shutil.copy(modelfile.MODELS / "happy-sad.onnx", tmp_path / "own.onnx")
    assert main(["demo", "--address", "::1", "--port", "8600", "--model", str(own)]) == 0
    (line,) = started
    assert {"--server.address=::1", "--server.port=8600"} <= set(line)
    assert line[-3:] == ["--", "--model", str(own)]


def test_a_model_that_cannot_be_used_is_one_line_and_nothing_is_started(started, capsys):
    assert main(["demo", "--model", "none.onnx"]) == 2
    assert capsys.readouterr().err.startswith("error: none.onnx: no such file")
    assert started == []

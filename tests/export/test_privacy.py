"""An export sends nothing, and keeps nothing but what Keras keeps in a folder of its own."""

import sys
from pathlib import Path


def test_an_export_leaves_nothing_elsewhere_and_speaks_on_loopback_alone(
    watch, root, tmp_path, monkeypatch
):
    monkeypatch.chdir(root)
    program = watch("loopback")
    checkpoint = root / "checkpoints" / "faces.keras"
    program.run(sys.executable, "-m", "export", checkpoint, tmp_path / "model")
    assert (tmp_path / "model" / "faces.onnx").exists()
    kept = {Path(*Path(path).parts[:2]).as_posix() for path in program.left}
    assert kept <= {"home/.keras"}
    assert program.contacts == []

"""Model files as bytes: by name or by path, bundled or not, and what is no file."""

import os
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import fer_onnx
from fer_onnx import ModelError, ModelNotFoundError, modelfile
from fer_onnx.modelfile import read_model

PACKAGE = Path(fer_onnx.__file__).parent
NO_PIPES = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    path = tmp_path_factory.mktemp("zip") / "app.zip"
    with zipfile.ZipFile(path, "w") as file:
        for each in PACKAGE.rglob("*"):
            if each.is_file() and "__pycache__" not in each.parts:
                file.write(each, Path("fer_onnx") / each.relative_to(PACKAGE))
    return path


class TestNames:
    def test_neither_a_file_nor_a_bundled_model(self):
        with pytest.raises(ModelNotFoundError) as caught:
            read_model("nobody")
        bundled = ", ".join(modelfile.bundled_models())
        assert (
            str(caught.value)
            == f"nobody: no such file, and no bundled model of that name ({bundled})"
        )

    def test_a_folder_is_no_model(self, tmp_path):
        with pytest.raises(ModelError, match=r"a folder, expected an ONNX model file$"):
            read_model(tmp_path)

    def test_a_path_below_a_file_is_no_model(self, model_file):
        with pytest.raises(ModelNotFoundError):
            read_model(model_file / "model.onnx")

    def test_a_bundled_file_that_was_changed_is_refused(self, onnx, tmp_path, monkeypatch):
        monkeypatch.setattr(modelfile, "MODELS", tmp_path)
        (tmp_path / "emotions.onnx").write_bytes(onnx.model())
        (tmp_path / modelfile.SUMS).write_text(f"{'0' * 64}  emotions.onnx\n")
        with pytest.raises(ModelError) as caught:
            fer_onnx.load("emotions")
        assert str(caught.value) == (
            "emotions: bundled model fails its checksum; reinstall fer-onnx"
        )

    def test_a_bundled_file_without_a_recorded_sum_is_refused(self, onnx, tmp_path, monkeypatch):
        monkeypatch.setattr(modelfile, "MODELS", tmp_path)
        (tmp_path / "emotions.onnx").write_bytes(onnx.model())
        (tmp_path / modelfile.SUMS).write_text(f"{'0' * 64}  other.onnx\n")
        with pytest.raises(ModelError, match="bundled model fails its checksum"):
            fer_onnx.load("emotions")

    def test_a_bundled_file_that_is_missing_is_told_from_a_wrong_name(self, tmp_path, monkeypatch):
        monkeypatch.setattr(modelfile, "MODELS", tmp_path)
        (tmp_path / modelfile.SUMS).write_text(f"{'0' * 64}  emotions.onnx\n")
        with pytest.raises(ModelNotFoundError) as caught:
            fer_onnx.load("emotions")
        assert str(caught.value) == "emotions: bundled model is missing; reinstall fer-onnx"

    def test_a_package_without_any_models_says_so(self, tmp_path):
        shutil.copytree(PACKAGE, tmp_path / "fer_onnx", ignore=shutil.ignore_patterns("models"))
        done = ask(tmp_path, "fer_onnx.load()")
        assert done.stderr.splitlines()[-1].endswith(
            "emotions: no such file, and no bundled model of that name "
            "(none: the package's folder of models is missing)"
        )

    @pytest.mark.parametrize("source", [42, 1.5, b"emotions", ["emotions"], None])
    def test_what_is_neither_a_name_nor_a_path_is_a_wrong_argument(self, source):
        message = f"^expected the name of a model or a path, not {type(source).__name__}$"
        for read in (read_model, fer_onnx.load):
            with pytest.raises(ValueError, match=message) as caught:
                read(source)
            assert not isinstance(caught.value, ModelError)


class TestZip:
    """The package in a zip file, as some programs ship it."""

    def test_bundled_models_are_read_and_answer(self, archive):
        done = ask(
            archive,
            "face = numpy.zeros((48, 48), numpy.uint8)",
            "print(fer_onnx.load('happy-sad').predict(face).scores)",
            "print(fer_onnx.read_faces(numpy.zeros((200, 200, 3), numpy.uint8)))",
        )
        face = fer_onnx.load("happy-sad").predict(np.zeros((48, 48), np.uint8))
        assert done.stdout.splitlines() == [str(face.scores), "[]"], done.stderr

    def test_the_names_are_the_same(self, archive):
        done = ask(
            archive, "from fer_onnx.modelfile import bundled_models", "print(bundled_models())"
        )
        assert done.stdout.strip() == str(modelfile.bundled_models()), done.stderr


class TestFiles:
    @NO_PIPES
    @pytest.mark.parametrize("command", [["info"], ["predict", "a.png", "--model"]])
    def test_a_pipe_is_an_error_at_once(self, run, tmp_path, command):
        os.mkfifo(tmp_path / "pipe.onnx")
        done = run(*command, tmp_path / "pipe.onnx")
        line = f"error: {tmp_path / 'pipe.onnx'}: a pipe, expected an ONNX model file\n"
        assert (done.code, done.out, done.err) == (2, "", line)

    @NO_PIPES
    def test_one_that_became_a_pipe_after_it_was_looked_at_is_not_waited_for(
        self, model_file, tmp_path, monkeypatch
    ):
        pipe = tmp_path / "pipe.onnx"
        os.mkfifo(pipe)
        before = model_file.stat()
        monkeypatch.setattr(Path, "stat", lambda path: before)
        with pytest.raises(ModelError, match="a pipe, expected an ONNX model file"):
            read_model(pipe)

    @pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no /dev/zero")
    def test_a_device_is_an_error_at_once(self, run):
        done = run("info", "/dev/zero")
        line = "error: /dev/zero: a device, expected an ONNX model file\n"
        assert (done.code, done.out, done.err) == (2, "", line)

    def test_a_file_too_large_for_a_model_is_not_read(self, tmp_path):
        path = tmp_path / "huge.onnx"
        with path.open("wb") as file:
            file.truncate(modelfile.MAX_BYTES + 1)
        with pytest.raises(ModelError, match=r"larger than 512 MB, too large for a model$"):
            read_model(path)

    def test_no_more_is_read_of_a_file_that_grows(self, model_file, monkeypatch):
        size = model_file.stat().st_size
        monkeypatch.setattr(modelfile, "MAX_BYTES", size)
        assert len(read_model(model_file)) == size
        empty = SimpleNamespace(st_mode=stat.S_IFREG, st_size=0)
        monkeypatch.setattr(os, "fstat", lambda descriptor: empty)
        monkeypatch.setattr(modelfile, "MAX_BYTES", size - 1)
        with pytest.raises(ModelError, match="too large for a model"):
            read_model(model_file)


def ask(place: Path, *lines: str) -> subprocess.CompletedProcess[str]:
    """Run a program that imports the package from a folder or zip file."""
    start = f"import sys; sys.path.insert(0, {str(place)!r}); import numpy, fer_onnx"
    check = f"assert fer_onnx.__file__.startswith({str(place)!r})"
    program = "\n".join([start, check, *lines])
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

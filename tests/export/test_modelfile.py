"""What the exporter writes is a model file by the contract, or nothing."""

import hashlib
from dataclasses import replace

import numpy as np
import onnx
import pytest
from PIL import Image

import export.modelfile as modelfile
import fer_onnx
from export.cli import main
from export.graph import OPSET
from fer_onnx.metadata import KEY, ModelInfo
from fer_onnx.modelfile import MODELS, SUMS, bundled_models
from train.data.faceset import LABELS
from train.errors import TrainError
from train.expression.networks import build_residual
from train.expression.presets import load_preset
from train.runs.checkpoint import write_checkpoint
from train.runs.record import Record


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "best.keras"
    heads = {"original": LABELS, "ferplus": LABELS}
    spec = load_preset("compact").input
    model = build_residual(spec, heads, widths=(4, 8), blocks=(1,))
    splits = {"train": {"Training": 5}}
    record = Record("compact", heads, spec, "FER2013", "d1d2", splits, 1, 1)
    write_checkpoint(model, record, path)
    return path


def export(*words):
    return main([str(word) for word in words])


@pytest.fixture(autouse=True)
def without_data(monkeypatch):
    monkeypatch.delenv("FER_DATA", raising=False)


def test_each_head_becomes_a_file_of_its_own(checkpoint, tmp_path, capsys):
    assert export(checkpoint, tmp_path) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        SUMS,
        "emotions-fer2013.onnx",
        "emotions-ferplus.onnx",
    ]
    for line in (tmp_path / SUMS).read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == digest
    assert capsys.readouterr().out.count("differs from Keras by") == 2


def test_the_file_says_what_it_is(checkpoint, tmp_path):
    assert export(checkpoint, tmp_path, "--head", "original", "--labels", "happy,sad") == 0
    info = fer_onnx.load(tmp_path / "happy-sad.onnx").info
    assert info.labels == ("happy", "sad")
    assert (info.name, info.version, info.label_set) == ("happy-sad", "1", "FER2013")
    assert info.trained_on == "FER2013 Training"
    assert info.input == load_preset("compact").input
    assert info.checkpoint_sha256 == hashlib.sha256(checkpoint.read_bytes()).hexdigest()
    assert info.data_sha256 == "d1d2"
    assert info.temperature is None
    assert info.metrics == {}
    assert "research" in info.licence
    assert {"keras", "tf2onnx", "onnx"} <= set(info.tools)


LABEL_SETS = {"emotions-ferplus": "FER+", "emotions-fer2013": "FER2013", "happy-sad": "FER2013"}


@pytest.mark.parametrize("name", bundled_models())
def test_a_shipped_file_keeps_the_contract(name):
    model = onnx.load(MODELS / f"{name}.onnx")
    onnx.checker.check_model(model, full_check=True)
    dims = {
        value.name: [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]
        for value in (*model.graph.input, *model.graph.output)
    }
    info = ModelInfo.from_json({p.key: p.value for p in model.metadata_props}[KEY])
    count = len(info.labels)
    assert dims["image"] == ["batch", 48, 48, 1]
    assert dims["probabilities"] == ["batch", count]
    assert dims["evidence"][:2] == ["batch", count]
    assert [(o.domain, o.version) for o in model.opset_import if not o.domain] == [("", OPSET)]
    assert {node.domain for node in model.graph.node} <= {"", "ai.onnx"}
    assert not any(tensor.external_data for tensor in model.graph.initializer)
    assert info.name == name
    further = "" if name in LABEL_SETS else "; nhfi; utkface; lfw"
    assert info.trained_on == f"FER2013 Training{further}"
    assert info.label_set == LABEL_SETS.get(name, "FER+, FER2013, nhfi")
    assert info.metrics["split"] == "PublicTest"
    assert 0.3 < info.uncertain_below < 1


def test_released_figures_reach_what_is_promised():
    floors = {
        "emotions": 0.81,  # of what the crowd says; it is made for strangers
        "emotions-ferplus": 0.87,
        "emotions-fer2013": 0.69,
        "happy-sad": 0.95,
    }
    found = {name: fer_onnx.load(name).info.metrics["accuracy"] for name in floors}
    assert all(found[name] >= floor for name, floor in floors.items()), found


def test_nothing_is_written_when_onnx_differs_from_keras(checkpoint, tmp_path, monkeypatch, capsys):
    read = modelfile.read_head

    def read_wrong_head(*words):
        head = read(*words)
        return head._replace(bias=head.bias + np.arange(len(head.bias), dtype=np.float32))

    monkeypatch.setattr(modelfile, "read_head", read_wrong_head)
    assert export(checkpoint, tmp_path / "out") == 2
    error = capsys.readouterr().err
    assert error.startswith("error: the ONNX file differs from Keras by")
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["{tmp}/none.keras", "{tmp}"], "no such checkpoint"),
        (["{tmp}/text.keras", "{tmp}"], "not a checkpoint made by 'python -m train fit'"),
        (["{checkpoint}", "{tmp}", "--labels", "happy,bored"], "no label bored; it has angry"),
        (["{checkpoint}", "{tmp}", "--head", "nose"], "no head 'nose'; it has original, ferplus"),
        (["{checkpoint}", "{tmp}", "--data", "{tmp}/none"], "no such data"),
        (["{checkpoint}", "{tmp}/text.keras"], "File exists"),
        (["{checkpoint}", "{tmp}", "--balance"], "--balance needs --data"),
        (["{checkpoint}", "{tmp}", "--data", "{tmp}/mine"], "mine: no face of angry, disgust"),
        (["{checkpoint}", "{tmp}", "--data", "{tmp}/kaggle"], "the two overlap by 80 %"),
    ],
)
def test_bad_words_are_one_line_and_exit_2(words, message, checkpoint, tmp_path, capsys):
    (tmp_path / "text.keras").write_text("no zip")
    for name, labels in (("mine", ("tired", "awake")), ("kaggle/images/train", ("happy", "sad"))):
        for number in range(28):
            path = tmp_path / name / labels[number % len(labels)] / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((48, 48), number, np.uint8)).save(path)
    assert export(*[word.format(tmp=tmp_path, checkpoint=checkpoint) for word in words]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error
    assert error.count("\n") == 1
    assert not list(tmp_path.glob("*.onnx"))


def test_a_damaged_checkpoint_is_one_line_and_exit_2(checkpoint, tmp_path, capsys):
    damaged = tmp_path / "damaged.keras"
    data = bytearray(checkpoint.read_bytes())
    data[data.index(b"HDF") + 5000] ^= 1
    damaged.write_bytes(data)
    assert export(damaged, tmp_path / "models") == 2
    assert capsys.readouterr().err == (
        f"error: {damaged}: damaged checkpoint (checksum of model.weights.h5)\n"
    )
    assert not (tmp_path / "models").exists()


class TestWriting:
    @pytest.fixture
    def model(self, checkpoint, tmp_path):
        assert export(checkpoint, tmp_path, "--head", "ferplus", "--name", "emotions") == 0
        return (tmp_path / "emotions.onnx").read_bytes()

    def write(self, model, folder):
        info = fer_onnx.load(folder / "emotions.onnx").info
        return modelfile.write_model(model, info, folder)

    def test_on_a_full_disk_the_files_stay_as_they_were(self, model, tmp_path):
        resource = pytest.importorskip("resource")
        before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        try:
            for size in (0, 20, len(model) // 2, len(model) - 1):
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
                with pytest.raises(OSError, match="File too large") as caught:
                    self.write(model, tmp_path)
                assert caught.value.filename == str(tmp_path / "emotions.onnx")
                assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    def test_what_a_killed_export_left_is_gone_with_the_next(self, model, tmp_path):
        (tmp_path / ".0123456789abcdef.part.onnx").write_bytes(model[:100])
        self.write(model, tmp_path)
        assert sorted(path.name for path in tmp_path.iterdir()) == [SUMS, "emotions.onnx"]

    def test_a_name_may_hold_spaces(self, model, tmp_path):
        info = replace(fer_onnx.load(tmp_path / "emotions.onnx").info, name="not smiling")
        for _ in range(2):
            modelfile.write_model(model, info, tmp_path)
        lines = (tmp_path / SUMS).read_text().splitlines()
        assert [line.split("  ", 1)[1] for line in lines] == ["emotions.onnx", "not smiling.onnx"]

    @pytest.mark.parametrize("text", ["no digest at all\n", "a\n", "\n"])
    def test_another_file_of_that_name_is_not_overwritten(self, model, tmp_path, text):
        (tmp_path / SUMS).write_text(text)
        with pytest.raises(TrainError, match=f"{SUMS}: not a list of digests; move it away"):
            self.write(model, tmp_path)
        assert (tmp_path / SUMS).read_text() == text

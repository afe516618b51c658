"""How a model is opened: threads, providers, and memory that is given back."""

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

import fer_onnx
from fer_onnx.session import THREADS, open_session

CASES = Path(__file__).parent / "cases" / "models"


@pytest.fixture
def data(model_file):
    return model_file.read_bytes()


def threads_of(session: ort.InferenceSession) -> int:
    return session.get_session_options().intra_op_num_threads


def test_one_thread_unless_more_are_asked_for(data, monkeypatch):
    monkeypatch.delenv(THREADS, raising=False)
    assert threads_of(open_session(data, "model")) == 1
    assert threads_of(open_session(data, "model", threads=3)) == 3


def test_the_environment_says_how_many_threads_where_the_program_does_not(data, monkeypatch):
    monkeypatch.setenv(THREADS, "2")
    assert threads_of(open_session(data, "model")) == 2
    assert threads_of(open_session(data, "model", threads=3)) == 3


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", "1025"])
def test_an_environment_that_names_no_number_is_one_line_and_exit_2(
    run, model_file, monkeypatch, text
):
    monkeypatch.setenv(THREADS, text)
    done = run("info", model_file)
    line = f"error: FER_ONNX_THREADS: expected a whole number from 1 to 1024: {text!r}\n"
    assert (done.code, done.out, done.err) == (2, "", line)


def test_a_provider_that_this_onnxruntime_lacks_is_refused_by_name(model_file):
    there = ", ".join(ort.get_available_providers())
    with pytest.raises(
        ValueError, match=f"^providers: this onnxruntime lacks Abacus; it has {there}$"
    ):
        fer_onnx.load(model_file, providers=["CPUExecutionProvider", "Abacus"])


CPU = "CPUExecutionProvider"


@pytest.mark.parametrize(
    "providers",
    [
        CPU,
        [CPU],
        (CPU,),
        (CPU, {}),
        [(CPU, {})],
        [(CPU, {"use_arena": "1"})],
        [[CPU, {}]],
        [],
        None,
    ],
)
def test_providers_are_a_name_names_or_pairs_with_options(data, providers):
    assert open_session(data, "model", providers=providers).get_providers() == [CPU]


@pytest.mark.parametrize(
    ("providers", "message"),
    [
        (7, "expected a name or several, not 7"),
        ({CPU: {}}, "expected a name or several, not {'CPUExecutionProvider': {}}"),
        ([7], "expected names, or pairs (name, options), not 7"),
        ([(CPU,)], "expected names, or pairs (name, options), not ('CPUExecutionProvider',)"),
        ([(CPU, 1)], "expected names, or pairs (name, options), not ('CPUExecutionProvider', 1)"),
    ],
)
def test_providers_of_another_type_are_a_wrong_argument(model_file, providers, message):
    with pytest.raises(ValueError, match=f"^providers: {re.escape(message)}$") as caught:
        fer_onnx.load(model_file, providers=providers)
    assert not isinstance(caught.value, fer_onnx.ModelError)


def test_a_file_in_onnxruntime_s_own_format_is_not_opened(tmp_path):
    file = CASES / "ort_format_that_parses_as_onnx.onnx"
    with pytest.raises(fer_onnx.ModelError, match="model: not a usable ONNX model"):
        open_session(file.read_bytes(), "model")


def test_a_provider_that_cannot_be_started_is_an_error_and_not_the_cpu(data, monkeypatch):
    class Fallen(ort.InferenceSession):
        def __init__(self, data, options, **_):
            super().__init__(data, options)

    monkeypatch.setattr(ort, "get_available_providers", lambda: ["Abacus"])
    monkeypatch.setattr(ort, "InferenceSession", Fallen)
    message = "^model: Abacus cannot be used on this machine$"
    with pytest.raises(fer_onnx.ModelError, match=message):
        open_session(data, "model", providers=["Abacus"])


@pytest.mark.skipif(sys.platform != "linux", reason="asks glibc")
def test_memory_stays_flat_over_many_predictions(measure_growth):
    prepare = """
import numpy as np, fer_onnx
model = fer_onnx.load()
face = np.random.default_rng(0).integers(0, 256, (48, 48), dtype=np.uint8)
model.predict_batch([face] * 32)
"""
    # MB; a leak of one tensor a face would be 50 and more
    assert measure_growth(prepare, "model.predict(face)", 300) < 2


def test_many_threads_on_one_session_answer_as_one_does():
    model = fer_onnx.load()
    faces = np.random.default_rng(1).integers(0, 256, (16, 48, 48, 1), dtype=np.uint8)
    alone = [model.run(face[None]).tolist() for face in faces]
    with ThreadPoolExecutor(32) as pool:
        together = pool.map(lambda number: model.run(faces[number % 16][None]).tolist(), range(640))
    assert list(together) == alone * 40

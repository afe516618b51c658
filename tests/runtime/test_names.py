"""The public names: all there, all documented, errors in the tree that is promised."""

import inspect

import pytest

import fer_onnx


@pytest.mark.parametrize("name", fer_onnx.__all__)
def test_every_public_name_imports(name):
    value = getattr(fer_onnx, name)
    if name != "__version__":
        assert value.__name__ == name
        assert inspect.getdoc(value)


def test_the_public_names_are_these():
    assert set(fer_onnx.__all__) == {
        "Classifier",
        "Detection",
        "DetectionError",
        "Detector",
        "Face",
        "FerOnnxError",
        "ImageError",
        "ModelError",
        "Limits",
        "ModelNotFoundError",
        "Prediction",
        "Tracker",
        "VideoError",
        "__version__",
        "annotate",
        "bundled_models",
        "evaluate",
        "load",
        "load_detector",
        "read_faces",
        "read_image",
    }
    assert dir(fer_onnx) == sorted(fer_onnx.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'fer_onnx' has no attribute 'laod'"):
        fer_onnx.laod  # noqa: B018


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        ("ImageError", ValueError),
        ("ModelError", ValueError),
        ("ModelNotFoundError", FileNotFoundError),
        ("DetectionError", RuntimeError),
    ],
)
def test_errors_are_caught_as_ours_and_as_the_builtin_a_caller_expects(error, builtin):
    kind = getattr(fer_onnx, error)
    assert issubclass(kind, fer_onnx.FerOnnxError)
    assert issubclass(kind, builtin)
    assert str(kind("one line")) == "one line"


def test_a_model_that_is_not_found_is_a_model_error():
    assert issubclass(fer_onnx.ModelNotFoundError, fer_onnx.ModelError)


def test_names_of_0_4_0_work_and_say_what_they_are_called_now():
    from fer_onnx import modelfile

    with pytest.warns(DeprecationWarning, match=r"bundled_names is now fer_onnx\.bundled_models$"):
        old = modelfile.bundled_names
    assert old is fer_onnx.bundled_models
    with pytest.raises(AttributeError, match="no attribute 'bundled_namse'"):
        modelfile.bundled_namse  # noqa: B018

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
        "DetectionError",
        "Face",
        "FerOnnxError",
        "ImageError",
        "ModelError",
        "ModelNotFoundError",
        "Prediction",
        "__version__",
        "load",
        "read_faces",
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

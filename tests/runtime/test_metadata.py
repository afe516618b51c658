"""The contract between export and runtime, written and read."""

import json

import pytest

from fer_onnx import ModelError
from fer_onnx.metadata import FORMAT, Crop, InputSpec, ModelInfo


def make_info() -> ModelInfo:
    return ModelInfo(
        name="emotions",
        version="3",
        labels=("happy", "traurig", "中性"),
        label_set="FER+",
        trained_on="FER2013 Training",
        input=InputSpec(48, 40, "rgb", "nearest"),
        crop=Crop(1.2, 0.01, -0.05, "black"),
        uncertain_below=0.45,
        temperature=1.3,
        metrics={"split": "PublicTest", "accuracy": 0.86, "recall": {"happy": 0.9}},
        checkpoint_sha256="ab" * 32,
        data_sha256="cd" * 32,
        licence="Apache-2.0",
        tools={"keras": "3.15.1"},
    )


def test_what_is_written_is_read_back():
    assert ModelInfo.from_json(make_info().to_json()) == make_info()


def test_it_is_one_line_of_json_with_the_format_first():
    text = make_info().to_json()
    assert "\n" not in text
    assert list(json.loads(text))[:3] == ["format", "name", "version"]
    assert json.loads(text)["format"] == FORMAT


def test_fields_with_a_default_may_be_missing(onnx):
    fields = onnx.info()
    del fields["uncertain_below"]
    assert ModelInfo.from_json(json.dumps(fields)).uncertain_below == 0.0


@pytest.mark.parametrize("found", [2, 0, "1", None])
def test_a_format_that_is_not_known_is_refused(onnx, found):
    with pytest.raises(ModelError) as caught:
        ModelInfo.from_json(json.dumps(onnx.info(format=found)))
    assert str(caught.value) == f"its metadata has format {found!r}; this version reads {FORMAT}"


@pytest.mark.parametrize("text", ["", "{", "\x00", "{'name': 1}"])
def test_what_is_not_json_is_refused(text):
    with pytest.raises(ModelError, match=r"^its 'fer_onnx' metadata is not JSON"):
        ModelInfo.from_json(text)


def test_json_nested_beyond_reason_is_refused():
    with pytest.raises(ModelError, match=r"^its 'fer_onnx' metadata is not JSON"):
        ModelInfo.from_json("[" * 200_000)


@pytest.mark.parametrize("text", ["[]", "1", "null", '"text"'])
def test_json_that_is_no_object_is_refused(text):
    with pytest.raises(ModelError, match=r"^its metadata has format None"):
        ModelInfo.from_json(text)


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": ["happy"]},
        {"labels": ["happy", "happy"]},
        {"labels": None},
        {"labels": "happy"},
        {"labels": ["happy", 2]},
        {"input": None},
        {"input": {"height": 48}},
        {"input": {"height": 0, "width": 48}},
        {"input": {"height": "48", "width": 48}},
        {"input": {"height": 48, "width": 48, "colour": "cmyk"}},
        {"input": {"height": 48, "width": 48, "resize": "sinc"}},
        {"input": {"height": 48, "width": 48, "depth": 3}},
        {"crop": {"scale": 0}},
        {"crop": {"border": "mirror"}},
        {"uncertain_below": 1.5},
        {"uncertain_below": "half"},
        {"mood": "good"},
    ],
)
def test_a_field_that_makes_no_sense_is_refused_in_one_line(onnx, changes):
    with pytest.raises(ModelError, match=r"^its 'fer_onnx' metadata is not usable: ") as caught:
        ModelInfo.from_json(json.dumps(onnx.info(**changes)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("field", ["name", "version", "labels", "label_set", "input", "crop"])
def test_a_field_that_must_be_there_is_missed(onnx, field):
    fields = onnx.info()
    del fields[field]
    with pytest.raises(ModelError, match=field):
        ModelInfo.from_json(json.dumps(fields))


@pytest.mark.parametrize(("colour", "channels"), [("grey", 1), ("rgb", 3)])
def test_colour_decides_the_channels(colour, channels):
    assert InputSpec(48, 48, colour).channels == channels

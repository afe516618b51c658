"""The contract between export and runtime, written and read."""

import json
import math

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


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "name is ''; expected text of 1 to 100 printable characters"),
        ({"name": "a\nb"}, r"name is 'a\nb'; expected text of 1 to 100 printable characters"),
        ({"version": 1}, "version is 1; expected text of 0 to 500 printable characters"),
        ({"labels": ["a"] * 2}, "labels is ('a', 'a'); expected them all different"),
        ({"labels": []}, "labels is (); expected a list of 2 to 1024 texts"),
        ({"labels": ["a", "\x1b[2J"]}, r"a label is '\x1b[2J'; expected text of 1 to 60 printable"),
        ({"labels": ["a", "b" * 61]}, "a label is 'bbbb"),
        ({"labels": {"a": 1, "b": 2}}, "labels is {'a': 1, 'b': 2}; expected a list of 2"),
        ({"input": {"height": 8.0, "width": 8}}, "input.height is 8.0; expected a whole number"),
        ({"input": {"height": True, "width": 8}}, "input.height is True; expected a whole number"),
        ({"input": {"height": 1025, "width": 8}}, "input.height is 1025; expected a whole number"),
        (
            {"input": {"height": 8, "width": -1}},
            "input.width is -1; expected a whole number from 1",
        ),
        ({"input": {"width": 8}}, "input.height is missing"),
        ({"input": [8, 8]}, "input is [8, 8]; expected an object"),
        (
            {"input": {"height": 8, "width": 8, "resize": []}},
            "input.resize is []; expected nearest",
        ),
        ({"crop": {"scale": 4.01}}, "crop.scale is 4.01; expected a number above 0, to 4"),
        ({"crop": {"scale": math.nan}}, "crop.scale is nan; expected a number above 0, to 4"),
        ({"crop": {"scale": "1"}}, "crop.scale is '1'; expected a number above 0, to 4"),
        ({"crop": {"scale": 10**4000}}, "crop.scale is 1000"),
        ({"crop": {"shift_y": -math.inf}}, "crop.shift_y is -inf; expected a number from -4 to 4"),
        ({"crop": {"depth": 1}}, "crop.'depth' is no field that is known"),
        ({"crop": 1.0}, "crop is 1.0; expected an object"),
        ({"uncertain_below": math.nan}, "uncertain_below is nan; expected a number from 0 to 1"),
        ({"temperature": 0}, "temperature is 0; expected a number above 0, to 1000"),
        ({"precision": "int4"}, "precision is 'int4'; expected float32 or int8"),
        ({"prior_removed": {"dark": math.inf}}, "prior_removed.'dark' is inf; expected a number"),
        ({"prior_removed": {"sad": 1}}, "prior_removed has 'sad'; expected ['dark', 'grey'"),
        ({"prior_removed": [1]}, "prior_removed is [1]; expected an object"),
        ({"metrics": {"accuracy": math.nan}}, "metrics.'accuracy' is nan; expected a number from"),
        ({"metrics": {"recall": {"dark": "\x07"}}}, r"metrics.'recall' is '\x07'; expected text"),
        ({"metrics": []}, "metrics is []; expected an object"),
        ({"tools": {"keras": 3}}, "tools.'keras' is 3; expected text of 0 to 500 printable"),
        ({"tools": {"\x1b": "3"}}, r"a name in tools is '\x1b'; expected text of 0 to 500"),
        ({"licence": ["mine"]}, "licence is ['mine']; expected text of 0 to 2000 characters"),
        ({"\x1b]0;x\x07": 1}, r"'\x1b]0;x\x07' is no field that is known"),
    ],
)
def test_the_field_and_its_value_are_named_escaped_and_short(onnx, changes, message):
    with pytest.raises(ModelError) as caught:
        ModelInfo.from_json(json.dumps(onnx.info(**changes)))
    assert str(caught.value).startswith(f"its 'fer_onnx' metadata is not usable: {message}")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 250


def test_figures_within_figures_have_an_end(onnx):
    deep = figures = {}
    for _ in range(20):
        figures["more"] = figures = {}
    with pytest.raises(
        ModelError, match=r"metrics\.'more' has more than 8 lists or objects within"
    ):
        ModelInfo.from_json(json.dumps(onnx.info(metrics=deep)))


@pytest.mark.parametrize("value", [1e9, 10**400, -(10**4000), "1e400", True])
def test_no_number_is_too_large_to_be_refused(onnx, value):
    text = json.dumps(onnx.info()).replace('"scale": 1.0', f'"scale": {str(value).lower()}')
    with pytest.raises(ModelError, match=r"crop\.scale is "):
        ModelInfo.from_json(text)


@pytest.mark.parametrize("field", ["name", "version", "labels", "label_set", "input", "crop"])
def test_a_field_that_must_be_there_is_missed(onnx, field):
    fields = onnx.info()
    del fields[field]
    with pytest.raises(ModelError, match=field):
        ModelInfo.from_json(json.dumps(fields))


@pytest.mark.parametrize(("colour", "channels"), [("grey", 1), ("rgb", 3)])
def test_colour_decides_the_channels(colour, channels):
    assert InputSpec(48, 48, colour).channels == channels

"""Model files from strangers: what they may hold, and what is refused before it is run."""

import random
from pathlib import Path

import pytest

import fer_onnx
from fer_onnx import ModelError, modelfile
from fer_onnx.modelfile import FINDER, guard, read_model
from fer_onnx.modelfile.guard import check_model
from fer_onnx.modelfile.operators import OPERATORS

CASES = Path(__file__).parent / "cases" / "models"
PAGE = "docs/model-file.md says what a model file may hold"
REASONS = {
    "crop_scale_1e6": "crop.scale is 1000000.0; expected a number above 0, to 4",
    "crop_scale_inf": "crop.scale is inf; expected a number above 0, to 4",
    "crop_shift_nan": "crop.shift_x is nan; expected a number from -4 to 4",
    "esc_unknown_field": r"'x\n\x1b]0;pwned\x07\x1b[31m second line' is no field that is known",
    "function_attribute_external": "its model has the field functions, which is not allowed",
    "input_4e8_pixels": "input.height is 20000; expected a whole number from 1 to 1024",
    "input_height_float": "input.height is 8.0; expected a whole number from 1 to 1024",
    "loop_infinite": "it uses the operator 'Loop', which is not allowed",
    "ort_format_that_parses_as_onnx": "it is in onnxruntime's own format, not in ONNX",
    "output_nan": "its 'probabilities' are made by Add; expected a Softmax",
    "output_negative": "its 'probabilities' are made by Mul; expected a Softmax",
    "output_no_rows": "its 'probabilities' are made by Slice; expected a Softmax",
    "output_string": "its 'probabilities' is of type 8",
    "sparse_index_outside": "its graph has the field sparse_initializer, which is not allowed",
}


def wrap(onnx, *fields):
    """A model of a graph with these fields and nothing else."""
    opset = onnx.message((1, ""), (2, 17))
    return onnx.message((1, 8), (7, onnx.message(*fields)), (8, opset))


def use(onnx, kind, *attributes, inputs="x", domain=""):
    """A model with one use of an operator; `x` is a constant of four numbers."""
    node = onnx.node(kind, inputs, "y", *attributes, domain=domain)
    return wrap(onnx, (5, onnx.tensor("x", (4,), [0.0] * 4)), (1, node))


def refuse(data: bytes, message: str) -> None:
    with pytest.raises(ModelError) as caught:
        check_model(data, "brightness")
    assert str(caught.value) == f"brightness: {message}"


def test_the_hand_made_model_passes(onnx):
    contents = check_model(onnx.model(), "brightness")
    assert [node.kind for node in contents.nodes] == [
        *("Cast", "Transpose", "Conv", "ReduceMean", "Softmax")
    ]
    assert contents.inputs["image"].dims == ("batch", 8, 8, 1)
    assert list(contents.outputs) == ["probabilities", "evidence"]


@pytest.mark.parametrize("name", [*modelfile.bundled_models(), FINDER])
def test_the_bundled_models_pass(name):
    assert list(check_model(read_model(name), name).inputs) == ["image"]


@pytest.mark.parametrize("name", sorted(path.stem for path in CASES.iterdir()))
def test_a_hostile_file_is_refused_in_one_line_before_onnxruntime_sees_it(name, monkeypatch):
    monkeypatch.setattr(
        "fer_onnx.classifier.open_session", lambda *words: pytest.fail("onnxruntime was asked")
    )
    path = CASES / f"{name}.onnx"
    with pytest.raises(ModelError) as caught:
        fer_onnx.load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert REASONS[name] in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("command", [["info"], ["predict", "a.png", "--model"], ["bench"]])
def test_the_command_says_it_in_one_line_that_steers_no_terminal(run, command):
    done = run(*command, CASES / "esc_unknown_field.onnx")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err[:-1].isprintable()


class TestOperators:
    @pytest.mark.parametrize(
        "kind", ["Loop", "If", "Scan", "SequenceAt", "StringConcat", "RandomUniform", "Resize", ""]
    )
    def test_those_that_are_not_listed_are_refused_by_name(self, onnx, kind):
        refuse(use(onnx, kind), f"it uses the operator {kind!r}, which is not allowed; {PAGE}")

    def test_those_of_other_domains_are_refused(self, onnx):
        foreign = f"it uses operators of 'com.example', not ONNX's own alone; {PAGE}"
        refuse(use(onnx, "Relu", domain="com.example"), foreign)
        opset = onnx.message((1, "com.example"), (2, 1))
        refuse(onnx.model(model=((8, opset),)), foreign)

    @pytest.mark.parametrize("domain", ["ai.onnx.ml", "com.microsoft"])
    def test_so_are_those_that_onnxruntime_has_besides(self, onnx, domain):
        refuse(
            use(onnx, "Relu", domain=domain),
            f"it uses operators of {domain!r}, not ONNX's own alone; {PAGE}",
        )

    @pytest.mark.parametrize("domain", ["", "ai.onnx"])
    def test_onnx_s_own_pass_under_both_their_names(self, onnx, domain):
        check_model(use(onnx, "Relu", domain=domain), "brightness")

    @pytest.mark.parametrize("version", [7, 16, 18])
    def test_another_version_of_the_operators_is_refused(self, onnx, version):
        data = onnx.message((1, 8), (7, b""), (8, onnx.message((1, ""), (2, version))))
        refuse(data, f"it uses version [{version}] of ONNX's operators, not [17]; {PAGE}")

    def test_an_attribute_that_is_not_listed_is_refused(self, onnx):
        refuse(
            use(onnx, "Relu", onnx.integer("ceil_mode", 1)),
            f"its Relu has the attribute 'ceil_mode', or has it twice; {PAGE}",
        )

    def test_an_attribute_given_twice_is_refused(self, onnx):
        axis = onnx.integer("axis", 0)
        refuse(
            use(onnx, "Softmax", axis, axis),
            f"its Softmax has the attribute 'axis', or has it twice; {PAGE}",
        )

    def test_an_attribute_of_two_types_is_refused(self, onnx):
        both = onnx.message((1, "axis"), (3, 0), (8, 1), (20, 2))
        refuse(
            use(onnx, "Softmax", both),
            f"an attribute of its Softmax is of a type that is not allowed; {PAGE}",
        )

    @pytest.mark.parametrize("field", [6, 9, 10, 11, 14, 15, 21, 22, 23])
    def test_graphs_texts_and_sparse_tensors_as_attributes_are_refused(self, onnx, field):
        attribute = onnx.message((1, "axis"), (field, b""))
        with pytest.raises(ModelError, match="its Softmax's attribute has the field"):
            check_model(use(onnx, "Softmax", attribute), "brightness")

    def test_too_many_inputs_are_refused(self, onnx):
        refuse(use(onnx, "Relu", inputs="x x"), f"its Relu has 2 inputs, 1 outputs; {PAGE}")

    def test_no_cast_makes_texts(self, onnx):
        refuse(use(onnx, "Cast", onnx.integer("to", 8)), f"its Cast makes values of type 8; {PAGE}")

    def test_more_than_the_limit_are_refused(self, onnx, monkeypatch):
        monkeypatch.setattr(guard, "MOST_NODES", 4)
        refuse(onnx.model(), f"it has 5 operators, more than 4; {PAGE}")

    def test_what_is_used_before_it_is_made_is_refused(self, onnx):
        refuse(use(onnx, "Relu", inputs="z"), f"its Relu uses what is not made before it; {PAGE}")

    def test_what_is_made_twice_is_refused(self, onnx):
        node = onnx.node("Relu", "x", "x")
        refuse(
            wrap(onnx, (5, onnx.tensor("x", (1,), [0.0])), (1, node)),
            f"its Relu makes what is there already; {PAGE}",
        )

    def test_every_one_has_a_rule_and_the_table_holds_no_graph_within_a_graph(self):
        assert all(callable(operator.rule) for operator in OPERATORS.values())
        assert not {"Loop", "If", "Scan", "SequenceMap"} & OPERATORS.keys()


class TestFields:
    @pytest.mark.parametrize(
        ("field", "name"), [(20, "training_info"), (25, "functions"), (26, "26"), (99, "99")]
    )
    def test_of_the_model_that_are_not_listed_are_refused(self, onnx, field, name):
        refuse(
            onnx.model(model=((field, b""),)),
            f"its model has the field {name}, which is not allowed; {PAGE}",
        )

    @pytest.mark.parametrize(
        ("field", "name"),
        [(13, "value_info"), (14, "14"), (15, "sparse_initializer"), (16, "16")],
    )
    def test_of_the_graph_that_are_not_listed_are_refused(self, onnx, field, name):
        refuse(
            onnx.model(graph=((field, b""),)),
            f"its graph has the field {name}, which is not allowed; {PAGE}",
        )

    def test_a_second_graph_which_protobuf_would_join_to_the_first_is_refused(self, onnx):
        refuse(onnx.model(model=((7, b""),)), f"its model has two of the field graph; {PAGE}")

    def test_two_values_for_one_size_of_which_protobuf_keeps_the_later_are_refused(self, onnx):
        dim = onnx.message((1, 8), (2, "batch"))
        array = onnx.message((1, 2), (2, onnx.message((1, dim))))
        value = onnx.message((1, "image"), (2, onnx.message((1, array))))
        refuse(wrap(onnx, (11, value)), f"its 'image' is of impossible size; {PAGE}")

    def test_a_sequence_as_input_is_refused(self, onnx):
        value = onnx.message((1, "image"), (2, onnx.message((4, b""))))
        refuse(wrap(onnx, (11, value)), f"its type has the field 4, which is not allowed; {PAGE}")

    def test_two_inputs_of_one_name_are_refused(self, onnx):
        value = onnx.value_info("image", 2, (1,))
        refuse(
            wrap(onnx, (11, value), (11, value)),
            f"two of its inputs have the same name, or one has none; {PAGE}",
        )

    def test_a_constant_in_the_place_of_an_input_is_refused(self, onnx):
        value, constant = onnx.value_info("x", 2, (1,)), onnx.tensor("x", (1,), [0.0])
        refuse(
            wrap(onnx, (11, value), (5, constant)), f"one of its inputs is a constant too; {PAGE}"
        )

    def test_an_output_that_nothing_makes_is_refused(self, onnx):
        refuse(
            wrap(onnx, (12, onnx.value_info("y", 1, (1,)))),
            f"one of its outputs is not made; {PAGE}",
        )

    @pytest.mark.parametrize("version", [0, 2, 11, 2**31])
    def test_another_version_of_the_file_format_is_refused(self, onnx, version):
        data = onnx.message((1, version), (7, b""))
        refuse(data, f"it is of version {version} of ONNX's file format; {PAGE}")

    def test_metadata_that_onnxruntime_could_take_for_options_is_refused(self, onnx):
        options = onnx.message((1, "ort_config"), (2, "{}"))
        refuse(
            onnx.model(model=((14, options),)),
            f"its metadata has more than 'fer_onnx': ['fer_onnx', 'ort_config']; {PAGE}",
        )

    def test_metadata_has_a_largest_size(self, onnx, monkeypatch):
        monkeypatch.setattr(guard, "MOST_METADATA", 100)
        with pytest.raises(ModelError, match="its metadata is more than 100 bytes"):
            check_model(onnx.model(), "brightness")


class TestTensors:
    ELSEWHERE = f"it keeps weights in another file; {PAGE}"

    @pytest.fixture
    def external(self, onnx):
        """A tensor whose values lie in a file beside the model."""
        entry = onnx.message((1, "location"), (2, "/etc/passwd"))
        return onnx.message((1, 4), (2, 1), (8, "weights"), (13, entry), (14, 1))

    def test_in_another_file_are_refused(self, onnx, external):
        refuse(
            wrap(onnx, (5, external)),
            f"its initializer has the field external_data, which is not allowed; {PAGE}",
        )

    def test_in_another_file_are_refused_in_a_constant_too(self, onnx, external):
        attribute = onnx.message((1, "value"), (5, external), (20, 4))
        node = onnx.node("Constant", "", "x", attribute)
        with pytest.raises(ModelError, match="has the field external_data"):
            check_model(wrap(onnx, (1, node)), "brightness")

    def test_in_another_file_as_said_by_the_location_alone_are_refused(self, onnx):
        tensor = onnx.message((1, 4), (2, 1), (8, "weights"), (14, 1))
        refuse(wrap(onnx, (5, tensor)), self.ELSEWHERE)

    def test_under_a_number_that_protobuf_cuts_to_its_field_are_refused(self, onnx):
        tag = onnx.varint((13 << 3 | 2) + 2**32)
        data = wrap(onnx, (5, onnx.message((8, "weights")) + tag + onnx.varint(0)))
        refuse(data, "not an ONNX model file")

    def test_that_say_they_are_inside_are_fine(self, onnx):
        inside = onnx.message((1, 1), (2, 1), (8, "weights"), (9, bytes(4)), (14, 0))
        check_model(wrap(onnx, (5, inside)), "brightness")

    @pytest.mark.parametrize("kind", [0, 8, 10, 11, 14, 16, 23])  # texts, complex, 16 bits, …
    def test_of_types_that_no_export_has_are_refused(self, onnx, kind):
        tensor = onnx.message((1, 1), (2, kind), (8, "weights"), (9, bytes(8)))
        refuse(wrap(onnx, (5, tensor)), f"it holds values of type {kind}; {PAGE}")

    @pytest.mark.parametrize("data", [b"", bytes(12), bytes(15), bytes(20)])
    def test_hold_as_many_values_as_they_say(self, onnx, data):
        tensor = onnx.message((1, 4), (2, 1), (8, "weights"), (9, data))
        with pytest.raises(ModelError, match="it holds a tensor of 4 values, and"):
            check_model(wrap(onnx, (5, tensor)), "brightness")

    def test_hold_as_many_numbers_of_changing_length_as_they_say(self, onnx):
        numbers = onnx.varint(5) + onnx.varint(300) + onnx.varint(2**40)
        tensor = onnx.message((1, 3), (2, 7), (8, "sizes"), (7, numbers))
        found = check_model(wrap(onnx, (5, tensor)), "brightness").constants["sizes"]
        assert found.values[0].tolist() == [5, 300, 2**40]
        short = onnx.message((1, 4), (2, 7), (8, "sizes"), (7, numbers))
        refuse(wrap(onnx, (5, short)), f"it holds a tensor of 4 values, and 3 of them; {PAGE}")

    def test_written_twice_are_refused(self, onnx):
        tensor = onnx.message((1, 1), (2, 1), (8, "weights"), (4, bytes(4)), (9, bytes(4)))
        with pytest.raises(ModelError, match="values are not written as ONNX says"):
            check_model(wrap(onnx, (5, tensor)), "brightness")

    @pytest.mark.parametrize("shape", [(-1,), (1,) * 9])
    def test_of_impossible_size_are_refused(self, onnx, shape):
        sizes = [(1, size % 2**64) for size in shape]
        tensor = onnx.message(*sizes, (2, 1), (8, "weights"), (9, bytes(4)))
        refuse(wrap(onnx, (5, tensor)), f"it holds a tensor of impossible size; {PAGE}")


class TestDamage:
    NOT_ONNX = "not an ONNX model file"

    @pytest.mark.parametrize(
        "data",
        [b"", b"hello, world", b"\x89PNG\r\n\x1a\n", b"\x0b", b"\xff" * 20, b"{}", bytes(100)],
    )
    def test_what_is_no_model_is_refused(self, data):
        refuse(data, self.NOT_ONNX)

    def test_graphs_nested_beyond_reason_are_refused(self, onnx):
        inner = b""
        for _ in range(5000):
            attribute = onnx.message((6, inner))
            inner = onnx.message((1, onnx.message((5, attribute))))
        with pytest.raises(ModelError):
            check_model(onnx.message((1, 8), (7, inner)), "brightness")

    def test_a_model_cut_off_anywhere_is_refused_in_one_line(self, onnx, tmp_path):
        data, path = onnx.model(), tmp_path / "cut.onnx"
        for end in range(len(data)):
            path.write_bytes(data[:end])
            with pytest.raises(ModelError) as caught:
                fer_onnx.load(path)
            assert str(caught.value).startswith(f"{path}: ")
            assert "\n" not in str(caught.value)

    def test_text_that_is_not_utf_8_is_refused(self, onnx, tmp_path):
        path = tmp_path / "latin.onnx"
        path.write_bytes(onnx.model().replace(b"batch", b"b\xe4tch"))
        with pytest.raises(ModelError, match="not an ONNX model file"):
            fer_onnx.load(path)

    def test_a_model_with_a_wrong_byte_is_refused_in_one_line_or_loads(self, onnx, tmp_path, capfd):
        rng, path, refused = random.Random(0), tmp_path / "wrong.onnx", []
        for _ in range(300):
            data = bytearray(onnx.model())
            data[rng.randrange(len(data))] = rng.randrange(256)
            path.write_bytes(data)
            try:
                fer_onnx.load(path)
            except ModelError as exc:
                refused.append(str(exc))
        assert len(refused) > 100
        assert not [line for line in refused if "\n" in line]
        assert capfd.readouterr() == ("", "")

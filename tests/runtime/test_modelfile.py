"""Model files from strangers: refused in one line, or harmless."""

import random

import pytest

import fer_onnx
from fer_onnx import ModelError, ModelNotFoundError, modelfile
from fer_onnx.modelfile import check_model, read_model

ELSEWHERE = "brightness: keeps weights in another file; expected one self-contained file"


def graph(onnx, *fields):
    return onnx.message((7, onnx.message(*fields)))


def external(onnx) -> bytes:
    """A tensor whose values lie in a file beside the model."""
    entry = onnx.message((1, "location"), (2, "/etc/passwd"))
    return onnx.message((1, 4), (2, 1), (8, "weights"), (13, entry), (14, 1))


def refuse(data: bytes, message: str) -> None:
    with pytest.raises(ModelError) as caught:
        check_model(data, "brightness")
    assert str(caught.value) == message


def test_the_hand_made_model_passes(onnx):
    check_model(onnx.model(), "brightness")


@pytest.mark.parametrize("name", modelfile.bundled_names())
def test_the_bundled_models_pass(name):
    check_model(read_model(name), name)


class TestExternalData:
    def test_in_an_initializer(self, onnx):
        refuse(graph(onnx, (5, external(onnx))), ELSEWHERE)

    def test_said_by_the_location_alone(self, onnx):
        refuse(graph(onnx, (5, onnx.message((8, "weights"), (14, 1)))), ELSEWHERE)

    def test_said_by_the_entry_alone(self, onnx):
        entry = onnx.message((1, "location"), (2, "weights.bin"))
        refuse(graph(onnx, (5, onnx.message((8, "weights"), (13, entry)))), ELSEWHERE)

    @pytest.mark.parametrize("field", [5, 10])
    def test_in_a_constant(self, onnx, field):
        attribute = onnx.message((1, "value"), (field, external(onnx)))
        refuse(graph(onnx, (1, onnx.node("Constant", "", "x", attribute))), ELSEWHERE)

    @pytest.mark.parametrize("field", [6, 11])
    def test_in_the_branch_of_a_condition(self, onnx, field):
        branch = onnx.message((1, "then_branch"), (field, onnx.message((5, external(onnx)))))
        refuse(graph(onnx, (1, onnx.node("If", "x", "y", branch))), ELSEWHERE)

    @pytest.mark.parametrize("part", [1, 2])
    def test_in_a_sparse_initializer(self, onnx, part):
        refuse(graph(onnx, (15, onnx.message((part, external(onnx))))), ELSEWHERE)

    @pytest.mark.parametrize("field", [22, 23])
    def test_in_a_sparse_constant(self, onnx, field):
        attribute = onnx.message((1, "value"), (field, onnx.message((1, external(onnx)))))
        refuse(graph(onnx, (1, onnx.node("Constant", "", "x", attribute))), ELSEWHERE)

    def test_in_a_function(self, onnx):
        attribute = onnx.message((1, "value"), (5, external(onnx)))
        function = onnx.message((7, onnx.node("Constant", "", "x", attribute)))
        refuse(graph(onnx) + onnx.message((25, function)), ELSEWHERE)

    def test_under_a_number_that_protobuf_cuts_to_its_field(self, onnx):
        tag = onnx.varint((13 << 3 | 2) + 2**32)
        refuse(
            graph(onnx, (5, onnx.message((8, "weights")) + tag + onnx.varint(0))),
            "brightness: not an ONNX model file",
        )

    def test_in_a_second_graph(self, onnx):
        refuse(onnx.model() + graph(onnx, (5, external(onnx))), ELSEWHERE)

    def test_data_that_says_it_is_inside_is_fine(self, onnx):
        check_model(graph(onnx, (5, onnx.message((8, "weights"), (14, 0)))), "brightness")


class TestForeignOperators:
    FOREIGN = "brightness: uses operators of 'com.example'; expected ONNX's own"

    def test_in_a_node(self, onnx):
        refuse(graph(onnx, (1, onnx.node("Run", "x", "y", domain="com.example"))), self.FOREIGN)

    def test_declared_for_the_model(self, onnx):
        opset = onnx.message((1, "com.example"), (2, 1))
        refuse(onnx.model(model=((8, opset),)), self.FOREIGN)

    def test_in_a_function(self, onnx):
        function = onnx.message((7, onnx.node("Run", "x", "y", domain="com.example")))
        refuse(graph(onnx) + onnx.message((25, function)), self.FOREIGN)

    def test_in_the_branch_of_a_condition(self, onnx):
        inner = onnx.message((1, onnx.node("Run", "x", "y", domain="com.example")))
        branch = onnx.message((1, "then_branch"), (6, inner))
        refuse(graph(onnx, (1, onnx.node("If", "x", "y", branch))), self.FOREIGN)

    @pytest.mark.parametrize("domain", ["", "ai.onnx", "ai.onnx.ml", "com.microsoft"])
    def test_onnx_s_own_pass(self, onnx, domain):
        check_model(graph(onnx, (1, onnx.node("Relu", "x", "y", domain=domain))), "brightness")


class TestDamage:
    NOT_ONNX = "brightness: not an ONNX model file"

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
        refuse(onnx.message((7, inner)), self.NOT_ONNX)

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
        with pytest.raises(ModelError, match=r"not an ONNX model file|not a usable ONNX model"):
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


class TestNames:
    def test_neither_a_file_nor_a_bundled_model(self):
        with pytest.raises(ModelNotFoundError) as caught:
            read_model("nobody")
        bundled = ", ".join(modelfile.bundled_names())
        assert str(caught.value) == f"nobody: no such model file, nor a bundled model ({bundled})"

    def test_a_folder_is_no_model(self, tmp_path):
        with pytest.raises(ModelError, match=r"cannot be read, expected an ONNX model file$"):
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
        assert str(caught.value) == ("emotions: the bundled file was changed; reinstall fer-onnx")

    def test_a_bundled_file_without_a_recorded_sum_is_refused(self, onnx, tmp_path, monkeypatch):
        monkeypatch.setattr(modelfile, "MODELS", tmp_path)
        (tmp_path / "emotions.onnx").write_bytes(onnx.model())
        (tmp_path / modelfile.SUMS).write_text(f"{'0' * 64}  other.onnx\n")
        with pytest.raises(ModelError, match="the bundled file was changed"):
            fer_onnx.load("emotions")

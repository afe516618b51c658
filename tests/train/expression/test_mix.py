"""A mixture of heads is one head: the geometric mean of their answers."""

from dataclasses import replace

import numpy as np
import pytest

from train.cli import main
from train.expression.networks import build_residual
from train.expression.presets import load_preset
from train.runs.checkpoint import digest_file, read_checkpoint, write_checkpoint
from train.runs.record import Record

LABELS = ("happy", "sad", "neutral")
SPEC = load_preset("compact").input
HEADS = {"original": LABELS, "ferplus": LABELS, "posed": LABELS, "pair": LABELS[:2]}


@pytest.fixture
def checkpoint(tmp_path):
    """Write a checkpoint with four heads of random weights."""
    model = build_residual(SPEC, HEADS, widths=(4, 8), blocks=(1,))
    rng = np.random.default_rng(5)
    for head in HEADS:
        layer = model.get_layer(head)
        layer.set_weights([rng.normal(0, 0.2, weight.shape) for weight in layer.get_weights()])
    splits = {"train": {"Training": 96}}
    record = Record("compact", HEADS, SPEC, "FER2013", "", splits, 1, 9, also={"posed": "p 1"})
    path = tmp_path / "heads.keras"
    write_checkpoint(model, record, path)
    return path


def soften(logits):
    scores = np.exp(logits - logits.max(axis=1, keepdims=True))
    return scores / scores.sum(axis=1, keepdims=True)


def test_the_mixture_answers_the_geometric_mean_of_its_heads(checkpoint, tmp_path, capsys):
    out = tmp_path / "mixed.keras"
    assert main(["mix", str(checkpoint), "ferplus=0.25", "posed=0.5", "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}: mixed = 0.25 ferplus + 0.5 posed\n"
    model, _ = read_checkpoint(out)
    faces = np.random.default_rng(1).integers(0, 256, (6, 48, 48, 1), dtype=np.uint8)
    answers = model.predict(faces, verbose=0)
    expected = soften(0.25 * np.log(answers["ferplus"]) + 0.5 * np.log(answers["posed"]))
    np.testing.assert_allclose(answers["mixed"], expected, atol=1e-6)
    before = read_checkpoint(checkpoint)[0].predict(faces, verbose=0)
    assert all(np.array_equal(before[head], answers[head]) for head in HEADS)


def test_its_record_says_what_was_mixed(checkpoint, tmp_path):
    out = tmp_path / "mixed.keras"
    assert main(["mix", str(checkpoint), "ferplus=1", "posed=2", "--out", str(out)]) == 0
    record = read_checkpoint(out)[1]
    assert record.kind == "mix"
    assert record.sources == (f"heads.keras {digest_file(checkpoint)}",)
    assert record.mixture == {"ferplus": 1.0, "posed": 2.0}
    assert record.heads["mixed"] == LABELS
    assert record.trained_on == "FER2013 Training; posed"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["votes=1"], "no head 'votes'; it has original, ferplus, posed, pair"),
        (["ferplus=1", "pair=1"], "only heads with the same labels can be mixed"),
        (["ferplus=1", "ferplus=1"], "a head is mixed once; its weight says how much"),
    ],
)
def test_what_cannot_be_mixed_is_refused_in_one_line(checkpoint, tmp_path, capsys, words, expected):
    assert main(["mix", str(checkpoint), *words, "--out", str(tmp_path / "a.keras")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.endswith(f"{expected}\n")
    assert error.count("\n") == 1
    assert not (tmp_path / "a.keras").exists()


@pytest.mark.parametrize("word", ["ferplus", "=1", "ferplus=0", "ferplus=-1", "ferplus=nan"])
def test_what_is_no_weight_is_a_wrong_argument(checkpoint, tmp_path, capsys, word):
    with pytest.raises(SystemExit) as caught:
        main(["mix", str(checkpoint), word, "--out", str(tmp_path / "a.keras")])
    assert caught.value.code == 2
    assert f"expected HEAD=WEIGHT, received {word!r}" in capsys.readouterr().err


def test_a_mixture_is_mixed_anew_not_mixed_with_itself(checkpoint, tmp_path):
    first, second = tmp_path / "first.keras", tmp_path / "second.keras"
    assert main(["mix", str(checkpoint), "ferplus=1", "posed=1", "--out", str(first)]) == 0
    assert main(["mix", str(first), "original=1", "--out", str(second)]) == 0
    model, record = read_checkpoint(second)
    assert list(record.heads) == [*HEADS, "mixed"]
    weights = [model.get_layer(name).get_weights() for name in ("mixed", "original")]
    assert all(np.array_equal(*pair) for pair in zip(*weights, strict=True))


def test_compare_shows_a_mixture(checkpoint, tmp_path, capsys):
    model, record = read_checkpoint(checkpoint)
    known = tmp_path / "known.keras"
    write_checkpoint(
        model, replace(record, kind="average", metrics={"mean_accuracy": 0.5}, epochs=0), known
    )
    out = tmp_path / "mixed.keras"
    assert main(["mix", str(known), "ferplus=1", "--out", str(out)]) == 0
    capsys.readouterr()
    assert main(["compare", str(out)]) == 0
    assert "mix of 1" in capsys.readouterr().out

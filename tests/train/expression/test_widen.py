"""A wider network starts with the answers of the narrow one, and can learn more."""

from pathlib import Path

import numpy as np
import pytest

from train.cli import main
from train.expression.widen import choose_copies, share_weights
from train.runs.checkpoint import digest_file, read_checkpoint

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
SMALL = CHECKPOINTS / "compact.keras"


@pytest.fixture(scope="module")
def wide(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("wide") / "new" / "wide.keras"
    assert main(["widen", str(SMALL), str(path), "--widths", "32,64,100,330"]) == 0
    return path


def test_the_wider_network_answers_as_the_narrow_one(wide):
    faces = np.random.default_rng(1).integers(0, 256, (6, 48, 48, 1), dtype=np.uint8)
    narrow, wider = (read_checkpoint(path)[0] for path in (SMALL, wide))
    assert wider.count_params() > 3 * narrow.count_params()
    said, again = narrow.predict(faces, verbose=0), wider.predict(faces, verbose=0)
    for head in said:
        np.testing.assert_allclose(again[head], said[head], atol=1e-5)


def test_its_record_names_what_it_was_made_from(wide):
    _, record = read_checkpoint(wide)
    assert record.kind == "widen"
    assert record.sources == (f"compact.keras {digest_file(SMALL)}",)
    assert (record.epochs, record.history, record.metrics, record.weights) == (0, [], {}, "")


def test_copies_of_a_channel_share_its_weight_unequally():
    rng = np.random.default_rng(2)
    copies = choose_copies(4, 10, rng)
    assert sorted(np.bincount(copies)) == [2, 2, 3, 3]
    kernel = np.ones((3, 3, 4, 1), np.float32)
    shared = share_weights(kernel, copies, np.zeros(1, np.int64), rng)[0, 0, :, 0]
    np.testing.assert_allclose(np.bincount(copies, shared), 1, rtol=1e-6)
    assert len(np.unique(shared)) == 10


@pytest.mark.parametrize(
    ("checkpoint", "widths", "complaint"),
    [
        ("compact.keras", "32,64,128,100", "100 channels: fewer than the 160 of the checkpoint"),
        ("compact.keras", "32,64,128", "3 widths, but the network has 4: 20, 40, 80, 160"),
        ("faces.keras", "32,64,128,256", "a network 'faces'; only 'residual' is made wider"),
        ("none.keras", "32,64,128,256", "no such checkpoint"),
    ],
)
def test_what_cannot_be_widened_is_one_line(checkpoint, widths, complaint, tmp_path, capsys):
    out = tmp_path / "wide.keras"
    assert main(["widen", str(CHECKPOINTS / checkpoint), str(out), "--widths", widths]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert complaint in error
    assert error.count("\n") == 1
    assert not out.exists()


def test_a_name_that_is_no_checkpoints_is_one_line(tmp_path, capsys):
    assert main(["widen", str(SMALL), str(tmp_path / "wide.h5"), "--widths", "32,64,128,256"]) == 2
    assert capsys.readouterr().err.endswith("wide.h5: the name of a checkpoint ends in .keras\n")

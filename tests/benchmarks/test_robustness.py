"""What corruptions cost is measured on the same faces for every network."""

import numpy as np

from benchmarks.inputs.corruptions import CORRUPTIONS
from benchmarks.quality.robustness import ask, keep_rival, tabulate

SAME = {"model_sha256": "new", "split": "PublicTest", "faces": 20, "seed": 0}


def judge_light(batch):
    """Answer 1 for what is bright, 0 for what is dark."""
    bright = batch.mean(axis=(1, 2, 3)) > 128
    return np.stack([~bright, bright], axis=1).astype(float)


def say_dark(batch):
    return np.tile([1.0, 0.0], (len(batch), 1))


def measure():
    answers = np.arange(20) % 2
    images = np.where(answers[:, None, None, None], 180, 70) * np.ones((20, 48, 48, 1))
    return ask({"light": judge_light, "dark": say_dark}, images.astype(np.uint8), answers)


def test_a_network_loses_what_the_corruption_takes_from_it():
    found = measure()
    assert found["light"]["clean"] == 1
    assert found["dark"]["clean"] == 0.5
    assert found["light"]["corrupted"]["low light"] == [0.5] * 5
    assert found["light"]["corrupted"]["blur"] == [1] * 5
    for network in found.values():
        assert list(network["corrupted"]) == list(CORRUPTIONS)
    assert set(map(tuple, found["dark"]["corrupted"].values())) == {(0.5,) * 5}


def test_the_loss_against_clean_faces_is_in_the_table_of_its_network():
    strengths, light, dark = tabulate({"networks": measure()})
    assert [row[0] for row in strengths.rows] == list(CORRUPTIONS)
    assert light.columns[0] == "light, clean 100.0"
    rows = {name: shares for name, *shares in light.rows}
    assert rows["low light"] == ["50.0"] * 5 + ["50.0", "50.0"]
    assert rows["blur"] == ["100.0"] * 5 + ["100.0", "0.0"]
    assert {shares[-1] for _, *shares in dark.rows} == {"0.0"}


def test_figures_of_a_network_that_is_not_installed_are_kept_for_the_same_faces_alone():
    before = SAME | {"model_sha256": "old", "networks": {"ours": "a", "fer": "b"}}
    assert keep_rival(before, SAME) == {"fer": "b"}
    assert keep_rival(before, SAME | {"faces": 21}) == {}
    assert keep_rival({}, SAME) == {}

"""What befalls faces: the same each time, more with every strength, and in the form it had."""

import numpy as np
import pytest

from benchmarks.inputs.corruptions import CORRUPTIONS, corrupt


@pytest.fixture(scope="module")
def faces():
    """Smooth pictures with some detail: uint8 (6, 48, 48, 1)."""
    rng = np.random.default_rng(1)
    waves = np.cumsum(rng.normal(0, 6, (6, 48, 48)), axis=1) + rng.normal(0, 3, (6, 48, 48))
    return (128 + waves).clip(0, 255).astype(np.uint8)[..., None]


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_each_strength_changes_more_than_the_one_before(name, faces):
    changes = [
        float(np.abs(corrupt(faces, name, strength).astype(float) - faces).mean())
        for strength in range(1, 6)
    ]
    assert changes[0] > 0
    assert changes == sorted(changes)
    assert len(set(changes)) == 5


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_form_stays_and_chance_falls_the_same_way_again(name, faces):
    before = faces.copy()
    corrupted = corrupt(faces, name, 3)
    assert corrupted.shape == faces.shape
    assert corrupted.dtype == np.uint8
    assert np.array_equal(corrupted, corrupt(faces, name, 3))
    assert np.array_equal(corrupted[:2], corrupt(faces[:2], name, 3))
    assert np.array_equal(faces, before)


def test_the_strengths_that_were_asked_for_are_among_them():
    assert {24, 16} <= set(CORRUPTIONS["small"][1])
    assert max(CORRUPTIONS["rotation"][1]) == 20
    assert all(len(parameters) == 5 for _, parameters, _ in CORRUPTIONS.values())


def test_strengths_mean_what_they_say():
    grey = np.full((1, 48, 48, 1), 128, np.uint8)
    assert corrupt(grey, "noise", 2).std() == pytest.approx(14, rel=0.05)
    assert np.isin(corrupt(grey, "broken pixels", 5), (0, 255)).mean() == pytest.approx(
        0.17, abs=0.02
    )
    assert (corrupt(grey, "occlusion", 1) != 128).sum() == 100
    assert corrupt(grey, "low light", 1).mean() == pytest.approx(64, rel=0.02)
    for name in ("blur", "shake", "low contrast", "rotation", "small"):
        assert np.array_equal(corrupt(grey, name, 5), grey)  # what is of one tone stays so

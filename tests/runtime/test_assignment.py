"""Pairs of highest total gain: as good as trying them all."""

from itertools import permutations

import numpy as np
import pytest

from fer_onnx.assignment import assign


def try_all(gains: np.ndarray) -> float:
    rows, columns = sorted(gains.shape)
    wide = gains if gains.shape[0] == rows else gains.T
    places = permutations(range(columns), rows)
    return max(sum(wide[row, place[row]] for row in range(rows)) for place in places)


@pytest.mark.parametrize("seed", range(40))
def test_no_other_pairs_gain_more(seed):
    random = np.random.default_rng(seed)
    gains = random.random(random.integers(1, 6, 2))
    gains[gains < 0.4] = 0.0
    pairs = assign(gains)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    assert sum(gains[pair] for pair in pairs) == pytest.approx(try_all(gains))


def test_what_gains_nothing_is_no_pair():
    assert assign(np.zeros((2, 3))) == []
    assert assign(np.array([[0.0, 0.2], [0.0, 0.9]])) == [(1, 1)]


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_of_nothing_there_are_no_pairs(shape):
    assert assign(np.zeros(shape)) == []


def test_many_are_paired_as_well_as_few():
    order = np.random.default_rng(0).permutation(200)
    gains = np.full((200, 200), 0.1)
    gains[np.arange(200), order] = 0.9
    assert [column for _, column in assign(gains)] == order.tolist()

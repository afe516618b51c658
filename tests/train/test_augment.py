"""Training faces change, and change the same way for the same seed."""

import numpy as np

from train.augment import Augmentation, change_face, draw_batches

STILL = Augmentation(0, 0, 0, False, 0, 0, 0)
FACES = np.random.default_rng(0).integers(0, 255, (10, 48, 48, 1), dtype=np.uint8)


def collect(seed, epoch, augmentation):
    batches = list(draw_batches(FACES, 4, seed, epoch, augmentation))
    return np.concatenate([i for i, _ in batches]), np.concatenate([b for _, b in batches])


def test_seed_and_epoch_fix_order_and_change():
    first, again = collect(1, 2, Augmentation()), collect(1, 2, Augmentation())
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[0], collect(1, 3, Augmentation())[0])
    assert not np.array_equal(first[0], collect(2, 2, Augmentation())[0])


def test_only_full_batches_are_drawn_and_no_face_twice():
    index, faces = collect(1, 0, None)
    assert len(index) == len(set(index)) == 8
    assert np.array_equal(faces, FACES[index])


def test_no_change_leaves_a_face_as_it_is():
    assert np.array_equal(change_face(FACES[0], STILL, np.random.default_rng(0)), FACES[0])


def test_a_flip_mirrors_exactly():
    flip = Augmentation(0, 0, 0, True, 0, 0, 0)
    found = {change_face(FACES[0], flip, np.random.default_rng(s)).tobytes() for s in range(20)}
    assert found == {FACES[0].tobytes(), FACES[0][:, ::-1].tobytes()}


def test_a_shift_moves_by_at_most_its_share_and_repeats_the_edge():
    shift = Augmentation(0, 0.25, 0, False, 0, 0, 0)
    half = np.zeros((48, 48, 1), np.uint8)
    half[:, 24:] = 200
    for seed in range(20):
        moved = change_face(half, shift, np.random.default_rng(seed))[..., 0]
        edge = int((moved[24] < 100).sum())
        assert 12 <= edge <= 36
        assert set(moved[:, 0]) == {0}
        assert set(moved[:, -1]) == {200}


def test_colour_faces_keep_their_channels():
    colour = np.random.default_rng(0).integers(0, 255, (40, 40, 3), dtype=np.uint8)
    assert change_face(colour, Augmentation(), np.random.default_rng(0)).shape == (40, 40, 3)

"""Training faces change, and change the same way for the same seed."""

from dataclasses import replace

import numpy as np

from train.expression.augment import Augmentation, change_face, draw_batches

STILL = Augmentation(0, 0, 0, False, 0, 0, 0, 0, 0)
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
    flip = replace(STILL, flip=True)
    found = {change_face(FACES[0], flip, np.random.default_rng(s)).tobytes() for s in range(20)}
    assert found == {FACES[0].tobytes(), FACES[0][:, ::-1].tobytes()}


def test_a_shift_moves_by_at_most_its_share_and_repeats_the_edge():
    shift = replace(STILL, shift=0.25)
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


def test_little_light_makes_a_face_darker_and_grainy():
    grey = np.full((48, 48, 1), 200, np.uint8)
    taken = [
        change_face(grey, replace(STILL, grain=1), np.random.default_rng(s)) for s in range(50)
    ]
    means = [face.mean() for face in taken]
    assert min(means) < 60
    assert max(means) < 205
    assert all(face.std() > 1 for face in taken)


def test_a_coarse_face_keeps_its_brightness_and_loses_its_detail():
    checks = (np.indices((48, 48)).sum(axis=0)[..., None] % 2 * 200).astype(np.uint8)
    far = [
        change_face(checks, replace(STILL, coarse=1), np.random.default_rng(s)) for s in range(20)
    ]
    assert all(abs(face.mean() - 100) < 2 for face in far)
    assert max(face.std() for face in far) < checks.std() == 100


def test_faces_are_shown_as_often_as_their_counts_say():
    counts = np.array([2.0] * 2 + [0.5] * 8)
    shown = np.zeros(10)
    for epoch in range(200):
        index = np.concatenate([i for i, _ in draw_batches(FACES, 4, 1, epoch, None, counts)])
        assert len(index) == 8  # the sum of the counts, every epoch
        shown += np.bincount(index, minlength=10)
    assert (shown[:2] == 400).all()
    assert np.abs(shown[2:] / 200 - 0.5).max() < 0.15


def test_compression_changes_pixels_and_keeps_the_face():
    smooth = np.linspace(0, 250, 48 * 48).astype(np.uint8).reshape(48, 48, 1)
    changed = change_face(smooth, replace(STILL, jpeg=1.0), np.random.default_rng(0))
    assert changed.shape == smooth.shape
    assert 0 < np.abs(changed.astype(int) - smooth).mean() < 8


def test_shear_moves_columns_up_or_down_and_leaves_the_middle():
    rows = np.repeat(np.arange(0, 240, 5, dtype=np.uint8)[:, None], 48, axis=1)[..., None]
    changed = change_face(rows, replace(STILL, shear=0.3), np.random.default_rng(3)).astype(int)
    slope = changed[24, -1, 0] - changed[24, 0, 0]
    assert abs(slope) > 5
    assert abs(changed[24, 24, 0] - rows[24, 24, 0]) <= 5


def test_a_compressed_face_can_be_covered_as_well():
    covered = change_face(FACES[0], replace(STILL, jpeg=1.0, erase=1.0), np.random.default_rng(0))
    assert covered.shape == FACES[0].shape

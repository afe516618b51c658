"""Faces at known places: where they stand, what a detector is credited with, how they are read."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import fer_onnx
from benchmarks.inputs.placed_faces import PlacedFaces, Reading, count_lost, describe_loss, join
from benchmarks.inputs.scenes import (
    MARGIN,
    SIDES,
    SIZE,
    Finding,
    Scene,
    build_scene,
    cut_off,
    find_known,
    measure_jitter,
)
from fer_onnx.detector import Detection
from fer_onnx.metadata import Crop

SEEDS = range(20)


def draw_face():
    """A face of four grey quarters, so that mirroring, turning or shifting it would show."""
    face = np.zeros((48, 48), np.uint8)
    face[:24, :24], face[:24, 24:], face[24:, :24], face[24:, 24:] = 40, 90, 160, 230
    return face


def find_edges(image):
    """The coordinates of the two lines where the quarters meet: the largest steps."""
    pixels = np.asarray(image).astype(int)
    across = np.abs(np.diff(pixels, axis=1)).sum(axis=0).argmax() + 1
    down = np.abs(np.diff(pixels, axis=0)).sum(axis=1).argmax() + 1
    return across, down


@pytest.mark.parametrize("seed", SEEDS)
def test_a_face_stands_where_the_scene_says_it_does(seed):
    scene = build_scene(draw_face(), np.random.default_rng(seed))
    x, y, side, height = scene.square
    assert scene.image.size == (SIZE, SIZE)
    assert side == height
    assert SIDES[0] <= side <= SIDES[1]
    assert min(x, y, SIZE - x - side, SIZE - y - side) >= MARGIN
    across, down = find_edges(scene.image)
    assert abs(across - x - side / 2) <= 1.5
    assert abs(down - y - side / 2) <= 1.5
    cut = scene.image.crop((x, y, x + side, y + side)).resize((48, 48), Image.Resampling.BOX)
    assert np.abs(np.asarray(cut).astype(int) - draw_face()).mean() < 5


def test_scenes_differ_by_seed_and_are_the_same_again():
    squares = {build_scene(draw_face(), np.random.default_rng(seed)).square for seed in SEEDS}
    assert len(squares) > 15
    one, same = (build_scene(draw_face(), np.random.default_rng(3)) for _ in range(2))
    assert one.square == same.square
    assert one.image.tobytes() == same.image.tobytes()


@pytest.mark.parametrize("gap", [-0.3, 0.0, 0.05])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_scene_is_cut_so_that_the_face_keeps_its_gap_to_one_edge(seed, gap):
    whole = build_scene(draw_face(), np.random.default_rng(seed))
    scene = cut_off(whole, gap, np.random.default_rng(seed))
    x, y, side, _ = scene.square
    width, height = scene.image.size
    assert side == whole.square[2]
    gaps = [x, y, width - x - side, height - y - side]
    wanted = round(gap * side)
    assert gaps.count(wanted) == 1
    assert min(value for value in gaps if value != wanted) >= MARGIN
    inside = (max(x, 0), max(y, 0), min(x + side, width), min(y + side, height))
    left, top = x - whole.square[0], y - whole.square[1]
    before = tuple(np.subtract(inside, (left, top, left, top)).tolist())
    assert scene.image.crop(inside).tobytes() == whole.image.crop(before).tobytes()


def detect(*boxes):
    """A detector that always finds these boxes, each with its score."""
    found = [Detection(box, score) for box, score in boxes]
    return SimpleNamespace(detect=lambda image: found)


def test_a_box_is_the_faces_if_its_centre_lies_in_the_square():
    scene = Scene(Image.new("L", (SIZE, SIZE)), (100, 100, 80, 80))
    inside, beside = (60, 60, 80, 80), (59, 60, 80, 80)  # centres at x = 100 and 99
    assert [f.box for f in find_known([(7, scene)], detect((inside, 0.5)))] == [inside]
    assert find_known([(7, scene)], detect((beside, 0.9))) == []
    beyond = (140, 100, 80, 80)  # its centre at x = 180, the first pixel outside
    assert find_known([(7, scene)], detect((beyond, 0.9))) == []


def test_of_several_boxes_the_one_with_the_highest_score_is_the_faces():
    scene = Scene(Image.new("L", (SIZE, SIZE)), (100, 100, 80, 80))
    boxes = (((100, 100, 80, 80), 0.4), ((105, 95, 70, 90), 0.8), ((0, 0, 20, 20), 0.9))
    (found,) = find_known([(7, scene)], detect(*boxes))
    assert (found.box, found.face) == ((105, 95, 70, 90), 7)


def test_jitter_is_told_in_shares_of_the_longer_side_of_the_box():
    scene = Scene(Image.new("L", (SIZE, SIZE)), (100, 100, 80, 80))  # its centre at 140, 140
    exact, half = (100, 100, 80, 80), (120, 120, 40, 40)
    aside = (92, 90, 80, 100)  # longer side 100, its centre at 132, 140
    rows = measure_jitter([Finding(scene, box, 0) for box in (exact, half, aside)])
    assert rows == pytest.approx(np.array([[0, 0, 0], [np.log(2), 0, 0], [np.log(0.8), 0.08, 0]]))
    below = Finding(scene, (100, 84, 80, 80), 0)
    assert measure_jitter([below])[0] == pytest.approx([0, 0, 0.2])


@pytest.fixture(scope="module")
def placed():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (6, 48, 48), dtype=np.uint8)
    answers = np.array([0, 1, 2, 3, 4, 5])
    return PlacedFaces(fer_onnx.load(), images, answers, np.array([4, 1]), 0)


def test_the_faces_that_are_tried_are_placed_and_no_others(placed):
    assert [index for index, _ in placed.build_scenes()] == [4, 1]
    for gaps in ((0.0, 0.05), (-0.3, -0.05)):
        for _, scene in placed.build_scenes(gaps):
            x, y, side, _ = scene.square
            gap = min(x, y, scene.image.width - x - side, scene.image.height - y - side)
            assert round(gaps[0] * side) <= gap <= round(gaps[1] * side)


def test_originals_are_read_as_the_model_reads_the_data_set(placed):
    findings = [Finding(scene, scene.square, index) for index, scene in placed.build_scenes()]
    probabilities = placed.model.run(placed.images[[4, 1], ..., None]).astype(float)
    reading = placed.read_originals(findings)
    assert reading.right.tolist() == [
        probabilities[0].argmax() == 4,
        probabilities[1].argmax() == 1,
    ]
    assert reading.loss == pytest.approx(-np.log(probabilities[[0, 1], [4, 1]] + 1e-9), abs=1e-5)


def test_a_box_on_the_face_itself_is_cut_as_it_stands(placed):
    findings = [Finding(scene, scene.square, index) for index, scene in placed.build_scenes()]
    places = placed.read_places(findings)
    crops = placed.read_crops(findings, Crop(1.0, 0.0, 0.0, "edge"))
    assert crops.loss == pytest.approx(places.loss)
    larger = placed.read_crops(findings, Crop(1.2, 0.0, 0.0, "edge"))
    assert not np.allclose(larger.loss, places.loss)


def test_points_lost_are_those_of_the_same_faces_with_their_standard_error():
    before = Reading(np.array([True, True, True, False]), np.zeros(4))
    after = Reading(np.array([True, False, False, True]), np.array([1.0, 1, 1, 1]))
    lost, error = count_lost(before, after)
    assert lost == pytest.approx(25)
    differences = np.array([0, 1, 1, -1])
    assert error == pytest.approx(100 * differences.std() / 2)
    assert describe_loss(before, after) == "log loss +1.000 ± 0.000, -25.0 ± 41.5 points"
    assert describe_loss(before, before).endswith(", which may be chance")


def test_readings_are_joined_in_order():
    one = Reading(np.array([True]), np.array([0.1]))
    both = join([one, Reading(np.array([False, True]), np.array([0.2, 0.3]))])
    assert both.right.tolist() == [True, False, True]
    assert both.loss.tolist() == [0.1, 0.2, 0.3]

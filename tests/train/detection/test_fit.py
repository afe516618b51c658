"""The detector: what it is to answer, what it learns from, and a training that goes on."""

import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from PIL import Image

from tests.train.conftest import replace_detectors
from train.cli import main
from train.detection import fit as fit_module
from train.detection.crops import SIDE, draw_crop
from train.detection.decode import MOST, SCALES, find_boxes
from train.detection.fit import Plan, fit_detector, start_from
from train.detection.labels import Labelled, stack_boxes
from train.detection.network import FaceLoss, build_network
from train.detection.targets import PLANES, make_target
from train.detection.windows import Picture
from train.errors import TrainError
from train.runs.checkpoint import read_checkpoint

NONE = stack_boxes([], 4)
CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
COMPACT, VERSION_2 = CHECKPOINTS / "compact-1.keras", CHECKPOINTS / "faces-2.keras"
PLAN = Plan(epochs=2, batch=2, steps=2)


def answer_of(target):
    """The network's answer that a target asks for."""
    heat = np.where(target[..., :1] >= 1, 9.0, -9.0)
    return np.concatenate([heat, np.log(target[..., 2:6] / 8)], axis=-1)[None].astype("float32")


class TestTargets:
    def test_the_cell_of_the_centre_is_hot_and_knows_the_edges(self):
        target = make_target(64, stack_boxes([(10, 20, 20, 24)], 4), NONE)
        assert target.shape == (8, 8, PLANES)
        assert np.argwhere(target[..., 0] == 1).tolist() == [[4, 2]]  # row, column
        assert target[4, 2, 2:6].tolist() == [20 - 10, 36 - 20, 30 - 20, 44 - 36]

    def test_the_boxes_of_a_face_weigh_one_together(self):
        target = make_target(192, stack_boxes([(10, 20, 90, 90), (140, 140, 12, 12)], 4), NONE)
        assert target[..., 6].sum() == pytest.approx(2)

    def test_what_is_in_doubt_teaches_nothing_unless_a_face_is_there(self):
        target = make_target(64, stack_boxes([(8, 8, 16, 16)], 4), stack_boxes([(0, 0, 64, 32)], 4))
        assert target[2, 6, 1] == 0
        assert target[6, 6, 1] == 1
        assert target[2, 2, 0] == target[2, 2, 1] == 1

    def test_of_two_faces_at_one_place_the_smaller_keeps_its_centre(self):
        faces = stack_boxes([(40, 40, 16, 16), (0, 0, 96, 96)], 4)
        target = make_target(96, faces, NONE)
        assert target[6, 6, 0] == 1

    def test_the_right_answer_costs_next_to_nothing_and_another_much(self):
        target = make_target(64, stack_boxes([(10, 20, 20, 24)], 4), NONE)
        loss = FaceLoss()
        right = float(loss(target[None], answer_of(target)))
        assert right == pytest.approx(0, abs=1e-3)
        assert float(loss(target[None], np.zeros((1, 8, 8, 5), "float32"))) > 1


class TestDecoding:
    class Answers:
        """Stand in for the network: one answer for the picture, nothing in the smaller ones."""

        def __init__(self, target):
            nothing = np.full((1, 2, 2, 5), -9.0, "float32")
            self.given = [answer_of(target), *[nothing] * (SCALES - 1)]

        def __call__(self, picture):
            return keras.ops.convert_to_tensor(self.given.pop(0))

    def test_boxes_come_back_as_they_were_asked_for(self):
        faces = [(10.0, 20.0, 20.0, 24.0), (40.0, 8.0, 16.0, 16.0)]
        network = self.Answers(make_target(64, stack_boxes(faces, 4), NONE))
        boxes, scores = find_boxes(network, np.zeros((1, 64, 64, 3), np.uint8))
        assert boxes.shape == (MOST, 4)
        assert scores.shape == (MOST,)
        given = sorted(np.asarray(boxes)[np.asarray(scores) > 0.5].tolist())
        assert given == [pytest.approx(face, abs=1e-3) for face in faces]

    @pytest.mark.parametrize("size", [(32, 32), (64, 96), (96, 160)])
    def test_any_multiple_of_32_is_searched_at_five_scales(self, size):
        seen = []

        def network(picture):
            seen.append(picture.shape[1:3])
            return keras.ops.zeros((1, picture.shape[1] // 8, picture.shape[2] // 8, 5))

        find_boxes(network, np.zeros((1, *size, 3), np.uint8))
        halves = [size]
        for _ in range(4):
            halves.append(tuple(-(-(side // 2) // 16) * 16 for side in halves[-1]))
        assert seen == halves


def test_the_network_is_small_and_reads_any_size():
    network = build_network()
    assert network.count_params() <= 230_000
    assert network(np.zeros((1, 32, 48, 3), np.uint8)).shape == (1, 4, 6, 5)


class TestCrops:
    @pytest.fixture
    def picture(self):
        pixels = np.zeros((224, 224, 3), np.uint8)
        pixels[100:140, 60:90] = 255  # in its true aspect 500×375: x 134–201, y 167–234
        faces = stack_boxes([(133.9, 167.4, 67, 67)], 4)
        return Picture(Image.fromarray(pixels), Labelled(500, 375, faces, NONE))

    def test_boxes_stay_on_their_faces(self, picture, monkeypatch):
        for share in ("MOSAIC", "FRAMED", "PASTED", "CLOSE", "TURNED", "LYING", "DARK"):
            monkeypatch.setattr(f"train.detection.crops.{share}", 0)
        checked = 0
        for seed in range(40):
            crop = draw_crop([[picture]], [1.0], np.random.default_rng(seed))
            for x, y, width, height in crop.faces:
                if min(x, y) <= 1 or max(x + width, y + height) >= SIDE - 1:
                    continue  # cut off
                tones = np.asarray(crop.image.convert("L"), float)
                inner = tones[
                    round(y + 2) : round(y + height - 2), round(x + 2) : round(x + width - 2)
                ]
                assert inner.mean() > 2 * np.median(tones) or np.median(tones) > 100
                checked += 1
        assert checked > 10

    def test_a_close_up_shows_the_chosen_face_and_hardly_more(self, picture, monkeypatch):
        monkeypatch.setattr("train.detection.crops.CLOSE", 1)
        for share in ("MOSAIC", "FRAMED", "PASTED", "TURNED", "LYING", "DARK", "COARSE", "GRAIN"):
            monkeypatch.setattr(f"train.detection.crops.{share}", 0)
        monkeypatch.setattr("train.detection.crops.ADORNED", 0)
        monkeypatch.setattr("train.detection.crops._relight", lambda image, rng: image)
        sides = []
        for seed in range(40):
            crop = draw_crop([[picture]], [1.0], np.random.default_rng(seed))
            ((x, y, width, height),) = [*crop.faces, *crop.ignored]
            sides.append(max(width, height))
            tones = np.asarray(crop.image.convert("L"), float)
            inner = tones[round(y + 3) : round(y + height - 3), round(x + 3) : round(x + width - 3)]
            assert inner.mean() > 1.2 * tones.min()
            assert inner.mean() >= tones.mean()
        assert min(sides) > SIDE / 3 / 1.5
        assert max(sides) > SIDE / 2

    def test_they_are_square_and_hold_what_lies_in_them(self, picture):
        for seed in range(30):
            crop = draw_crop([[picture]], [1.0], np.random.default_rng(seed))
            assert crop.image.size == (SIDE, SIDE)
            ends = crop.faces[:, :2] + crop.faces[:, 2:]
            assert (crop.faces[:, :2] >= 0).all()
            assert (ends <= SIDE).all()

    def test_a_seed_fixes_a_crop(self, picture):
        one, other = (draw_crop([[picture]], [1.0], np.random.default_rng(7)) for _ in range(2))
        assert one.image.tobytes() == other.image.tobytes()
        assert one.faces.tolist() == other.faces.tolist()


class Killed(Exception):
    pass


@pytest.fixture(scope="module")
def whole(photos, tmp_path_factory):
    """A training that nothing broke: its folder, its record and what it said."""
    folder, lines = tmp_path_factory.mktemp("whole"), []
    with replace_detectors():
        kept, out = folder / "detections.jsonl", folder / "run"
        record = fit_detector(photos, kept, out, PLAN, False, lines.append)
    return SimpleNamespace(folder=out, record=record, lines=lines)


class TestTraining:
    def fit(self, photos, tmp_path, out="run", resume=False, plan=PLAN):
        lines = []
        kept = tmp_path / "detections.jsonl"
        return fit_detector(photos, kept, tmp_path / out, plan, resume, lines.append), lines

    def test_it_leaves_a_whole_run_folder(self, whole):
        record, lines = whole.record, whole.lines
        names = {path.name for path in whole.folder.iterdir()}
        assert {"best.keras", "last.keras", "history.csv", "curves.png", "run.json"} <= names
        assert [row["epoch"] for row in record.history] == [1, 2]
        assert lines[0].endswith("7 faces in 10 pictures, 0 of 2 epochs done")
        network, read = read_checkpoint(whole.folder / "best.keras")
        assert read.preset == "faces"
        assert not hasattr(network, "optimizer")
        assert {weight.dtype for weight in network.weights} == {"float32"}

    def test_a_killed_training_resumes_and_ends_where_an_unbroken_one_does(
        self, photos, detectors, whole, tmp_path, monkeypatch
    ):
        draw = fit_module.draw_batches

        def kill(groups, shares, batch, seed, steps):
            if seed[1] == 1:
                raise Killed
            return draw(groups, shares, batch, seed, steps)

        monkeypatch.setattr(fit_module, "draw_batches", kill)
        with pytest.raises(Killed):
            self.fit(photos, tmp_path, "broken")
        monkeypatch.setattr(fit_module, "draw_batches", draw)
        resumed, _ = self.fit(photos, tmp_path, "broken", resume=True)
        for one, other in zip(whole.record.history, resumed.history, strict=True):
            assert one["loss"] == pytest.approx(other["loss"], rel=1e-3)

    def test_another_plan_does_not_go_on_with_it(self, photos, detectors, whole, tmp_path):
        shutil.copytree(whole.folder, tmp_path / "run")
        with pytest.raises(TrainError, match="cannot resume: checkpoint has epochs 2, this run 3"):
            self.fit(photos, tmp_path, resume=True, plan=replace(PLAN, epochs=3))

    def test_it_starts_from_the_weights_of_another(self, photos, detectors, whole, tmp_path):
        first = whole.folder / "best.keras"
        plan = replace(PLAN, epochs=1, steps=1, init=first)
        record, _ = self.fit(photos, tmp_path, "again", plan=plan)
        assert record.weights.startswith("best.keras ")
        old, new = (
            read_checkpoint(path)[0].get_weights()[0]
            for path in (first, tmp_path / "again" / "best.keras")
        )
        assert 0 < np.abs(new - old).max() < 0.05

    @pytest.mark.parametrize(("starts", "kept"), [(False, 1), (True, 2)])
    def test_the_best_epoch_is_kept_or_the_last_where_it_starts_from_other_weights(
        self, photos, detectors, tmp_path, monkeypatch, starts, kept
    ):
        rows = [{"average_precision": mean, "recall": 0.0, "mean": mean} for mean in (0.9, 0.8)]
        monkeypatch.setattr(fit_module, "evaluate", lambda network, pictures: rows.pop(0))
        init = VERSION_2 if starts else None
        self.fit(photos, tmp_path, plan=replace(PLAN, init=init, steps=1))
        _, record = read_checkpoint(tmp_path / "run" / "best.keras")
        assert len(record.history) == kept

    def test_older_weights_answer_as_they_did_until_the_new_layers_have_learned(self):
        network, (older, _) = build_network(), read_checkpoint(VERSION_2)
        start_from(network, VERSION_2)
        images = np.random.default_rng(0).integers(0, 256, (1, 96, 96, 3), dtype=np.uint8)
        assert np.allclose(network.predict(images, verbose=0), older.predict(images, verbose=0))

    def test_it_starts_from_no_network_that_reads_faces(self, photos, detectors, tmp_path):
        plan = replace(PLAN, init=COMPACT)
        with pytest.raises(TrainError, match=r"not a checkpoint of faces, but of compact"):
            self.fit(photos, tmp_path, plan=plan)

    def test_the_command_trains_it(self, photos, detectors, tmp_path, monkeypatch, capsys):
        monkeypatch.setattr(fit_module, "Plan", partial(Plan, steps=1))
        words = ["--photos", str(photos), "--out", str(tmp_path / "run")]
        words += ["--epochs", "1", "--batch", "2"]
        kept = str(tmp_path / "kept.jsonl")
        assert main(["detector", *words, "--detections", kept]) == 0
        record = json.loads((tmp_path / "run" / "run.json").read_text())
        assert (record["kind"], record["preset"], record["heads"]) == ("detector", "faces", {})
        assert capsys.readouterr().err == ""

    def test_the_command_of_version_040_still_trains_it_and_names_the_new_one(
        self, photos, detectors, tmp_path, monkeypatch, capsys
    ):
        monkeypatch.setattr(fit_module, "Plan", partial(Plan, steps=1))
        words = ["fit", "faces", "--photos", str(photos), "--out", str(tmp_path / "run")]
        words += ["--sightings", str(tmp_path / "kept.jsonl"), "--epochs", "1", "--batch", "2"]
        assert main(words) == 0
        assert capsys.readouterr().err.splitlines() == [
            "warning: 'fit faces' is now 'python -m train detector'",
            "warning: --sightings is now --detections",
        ]
        assert (tmp_path / "kept.jsonl").exists()

    @pytest.mark.parametrize(
        ("words", "line"),
        [
            ([], "the following arguments are required: --photos"),
            (["--photos", "x.zip", "--head", "ferplus"], "unrecognized arguments: --head ferplus"),
            (["--photos", "x.zip", "--nonfaces", "y"], "unrecognized arguments: --nonfaces y"),
            (["--photos", "x.zip", "--keep-leaks"], "unrecognized arguments: --keep-leaks"),
        ],
    )
    def test_wrong_usage_is_one_line_and_exit_2(self, tmp_path, capsys, words, line):
        with pytest.raises(SystemExit) as caught:
            main(["detector", "--out", str(tmp_path / "run"), *words])
        assert caught.value.code == 2
        assert capsys.readouterr().err.endswith(f"error: {line}\n")

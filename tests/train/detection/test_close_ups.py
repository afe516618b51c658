"""Faces that fill the picture: where their boxes are, and what of them counts."""

import numpy as np
import pytest
from PIL import Image

from train.detection.close_ups import FILLS, frame, paste
from train.detection.crops import SIDE, _cut, _lay, draw_crop
from train.detection.face_crops import (
    MARGINS,
    FaceCrop,
    ask_about_crops,
    label_crop,
    read_face_crops,
    surround,
)
from train.detection.labels import Labelled, stack_boxes
from train.detection.mistakes import find_mistakes
from train.detection.pseudo_labels import TeacherDetections
from train.detection.windows import Crop, Picture
from train.errors import DataError

NONE = stack_boxes([], 4)


def draw_tight() -> Picture:
    """A dark picture with a bright face: x 12–52, y 8–60."""
    pixels = np.full((64, 64, 3), 20, np.uint8)
    pixels[8:60, 12:52] = 220
    face = stack_boxes([(12, 8, 40, 52)], 4)
    return Picture(Image.fromarray(pixels), Labelled(64, 64, face, NONE), tight=True)


def brightness(image: Image.Image, box) -> float:
    x, y, width, height = (round(float(value)) for value in box)
    return float(
        np.asarray(image.convert("L"))[y + 2 : y + height - 2, x + 2 : x + width - 2].mean()
    )


class TestFrames:
    def test_the_box_lies_on_the_face_and_ends_at_the_picture(self):
        fills = []
        for seed in range(60):
            crop = frame(draw_tight(), SIDE, np.random.default_rng(seed))
            assert crop.image.size == (SIDE, SIDE)
            for x, y, width, height in crop.faces:
                assert min(x, y) >= 0
                assert max(x + width, y + height) <= SIDE
                if min(width, height) > 12:
                    assert brightness(crop.image, (x, y, width, height)) > 190
                    fills.append(height)
        assert len(fills) > 40
        assert max(fills) > 150
        assert min(fills) < 40
        assert FILLS[0] < 0.6 < 1.3 < FILLS[1]

    def test_a_photograph_is_cut_to_what_it_shows(self):
        picture = draw_tight()
        photograph = Picture(picture.image, picture.labelled)
        for seed in range(20):
            crop = frame(photograph, SIDE, np.random.default_rng(seed))
            assert len(crop.faces) + len(crop.ignored) == 1


class TestPasting:
    def test_the_face_is_added_and_what_it_covers_is_gone(self):
        covered, apart = (90, 90, 8, 8), (2, 2, 8, 8)
        blank = Image.new("RGB", (SIDE, SIDE), (90, 90, 90))
        gone = 0
        for seed in range(150):
            before = Crop(blank, stack_boxes([covered, apart], 4), NONE)
            after = paste(before, draw_tight(), np.random.default_rng(seed))
            boxes = after.faces.tolist()
            x, y, width, height = boxes[-1]
            if x < 90 < 98 < x + width and y < 90 < 98 < y + height:
                gone += 1
                assert list(covered) not in boxes
        assert gone > 3
        assert blank.getextrema() == ((90, 90),) * 3


def test_what_lies_on_its_side_is_no_face_and_ignore_regions_turn_along():
    pixels = np.zeros((SIDE, SIDE, 3), np.uint8)
    pixels[20:40, 10:50] = 255
    box = stack_boxes([(10, 20, 40, 20)], 4)
    for quarters in (1, 2, 3):
        crop = _lay(Crop(Image.fromarray(pixels), box, box), quarters)
        assert len(crop.faces) == 0
        assert brightness(crop.image, crop.ignored[0]) == 255


def test_faces_of_data_sets_fill_crops_and_stand_in_others():
    blank = Image.new("RGB", (224, 224))
    empty = [Picture(blank, Labelled(500, 375, NONE, NONE))]
    groups = [empty, [draw_tight()]]
    found = sum(
        len(draw_crop(groups, [1.0, 0.0], np.random.default_rng(seed)).faces) for seed in range(100)
    )
    assert found > 15  # though no group but the first is drawn


def test_mistakes_are_shown_more_often():
    pixels = np.zeros((1000, 1000, 3), np.uint8)
    pixels[500:512, 500:512] = 255
    known = Labelled(1000, 1000, NONE, NONE)
    mistaken = stack_boxes([(500, 500, 12, 12)], 4)
    seen = []
    for mistakes in (None, mistaken):
        picture = Picture(Image.fromarray(pixels), known, mistakes=mistakes)
        crops = [_cut(picture, SIDE, np.random.default_rng(seed)) for seed in range(60)]
        seen.append(sum((np.asarray(crop.image) == 255).all(axis=2).any() for crop in crops))
        assert not any(len(crop.faces) for crop in crops)
    assert seen[1] > seen[0] + 10


def test_a_mistake_is_what_a_network_finds_where_no_face_is_and_no_doubt():
    def network(images):
        answers = np.full((len(images), images.shape[1] // 8, images.shape[2] // 8, 5), -9.0)
        answers[:, 4, 5] = [3.0, *np.log([1.0, 1.0, 2.0, 2.0])]
        answers[:, 9, 9] = [3.0, 0.0, 0.0, 0.0, 0.0]
        return answers.astype("float32")

    blank, doubt = Image.new("RGB", (224, 224)), stack_boxes([(136, 136, 32, 32)], 4)
    face = Picture(blank, Labelled(400, 300, stack_boxes([(80, 60, 30, 30)], 4), NONE))
    empty = Picture(blank, Labelled(400, 300, NONE, doubt))
    of_face, of_empty = find_mistakes(network, [face, empty])
    # cell (4, 5) of a picture reduced to a half: its middle lies at x 88, y 72
    assert of_face.mistakes.tolist() == [pytest.approx([136, 136, 32, 32])]
    assert of_empty.mistakes.tolist() == [pytest.approx([72, 56, 48, 48])]


class TestFaceCrops:
    @pytest.fixture
    def folder(self, lay_out, tmp_path):
        rows = [{"file": f"{n}.png", "age": n, "pixels": lay_out.draw("sad", n)} for n in range(90)]
        lay_out.listed(rows, tmp_path / "utkface.zip")
        return tmp_path

    def test_a_third_is_held_out_and_no_face_is_in_two_parts(self, folder):
        crops = read_face_crops(folder, "training", "development", "held out")
        names = [crop.file for crop in crops]
        assert len(names) == len(set(names)) == 90
        assert 20 <= sum(crop.part == "held out" for crop in crops) <= 40
        assert crops[0].file.startswith("utkface.zip/")
        assert {crop.image.size for crop in crops} == {(64, 64)}

    def test_a_folder_without_any_is_one_line(self, tmp_path):
        with pytest.raises(DataError, match=r"expected fer2013\.zip, .* or one of them$"):
            read_face_crops(tmp_path, "training")

    def test_the_detectors_boxes_are_in_pixels_of_the_crop(self, folder, detectors, tmp_path):
        (crop, *_) = read_face_crops(folder, "training")
        pixels = np.full((64, 64, 3), 20, np.uint8)
        pixels[27:37, 27:37] = 220
        crop = FaceCrop(crop.file, Image.fromarray(pixels), crop.part)
        known = ask_about_crops([crop], tmp_path / "kept.jsonl", print)
        labelled, agreed = label_crop(crop, known[crop.file])
        assert agreed
        assert labelled.faces[0] == pytest.approx([27, 27, 10, 10], abs=1)

    def test_where_the_detectors_do_not_agree_a_face_is_where_those_of_its_set_are(self):
        crop = FaceCrop("utkface.zip/1.jpg", draw_tight().image, "training")
        labelled, agreed = label_crop(crop, TeacherDetections(crop.file, 64, 64, (), ()))
        assert not agreed
        assert labelled.faces[0].tolist() == [64 * side for side in MARGINS["utkface.zip"]]

    def test_surroundings_leave_the_face_as_it_is(self):
        image = draw_tight().image
        wide = surround(image, (10, 20, 30, 40), 12)
        assert wide.size == (104, 124)
        assert wide.crop((10, 20, 74, 84)).tobytes() == image.tobytes()

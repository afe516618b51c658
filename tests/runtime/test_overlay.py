"""Frames, labels and evidence: to be read on any background and in a picture of any size."""

from itertools import combinations

import numpy as np
import pytest
from PIL import Image, ImageFont, features

from fer_onnx import ImageError, Limits, overlay
from fer_onnx.overlay import COLOURS, annotate, colour_of, evidence_map
from fer_onnx.prediction import Face, Prediction

GREY = (128, 128, 128)


def answer(label="happy", score=0.97, *, uncertain=False, legible=True, evidence=None):
    scores = {label: score, "other": 1 - score}
    return Prediction(label, score, scores, uncertain, evidence, legible)


def face(box, *, crop=None, **about):
    return Face(box, 0.9, answer(**about), crop)


def glow(x: int, y: int, height: float = 5.0) -> dict[str, np.ndarray]:
    """Evidence that speaks for the label at one of 6×6 places."""
    here = np.zeros((6, 6), np.float32)
    here[y, x] = height
    return {"happy": here, "other": -here}


def changed(before: Image.Image, after: Image.Image) -> np.ndarray:
    """Return which pixels differ: bool array (height, width)."""
    pair = [np.asarray(image.convert("RGB"), int) for image in (before, after)]
    return np.abs(pair[0] - pair[1]).max(axis=-1) > 2


def extent(mask: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(mask)
    left, top = int(columns.min()), int(rows.min())
    return left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1


def count(image: Image.Image, colour: str) -> int:
    """Count the pixels of a colour "#rrggbb"."""
    wanted = tuple(bytes.fromhex(colour[1:]))
    return int((np.asarray(image) == wanted).all(axis=-1).sum())


def brightness(colour) -> float:
    """Return WCAG's relative luminance."""
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in colour]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def contrast(one, other) -> float:
    """Return WCAG's contrast of two colours 0–255; 4.5 is asked for of small letters."""
    light, dark = sorted((brightness(np.array(c) / 255) for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class TestPicture:
    def test_whatever_read_image_takes_is_drawn_on_upright(self, tmp_path):
        noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)
        upright, seen = Image.fromarray(noise), [face((50, 60, 80, 90))]
        exif = Image.Exif()
        exif[0x0112] = 3  # stored upside down
        upright.rotate(180).save(tmp_path / "phone.png", exif=exif)
        expected = annotate(upright, seen)
        for source in (tmp_path / "phone.png", Image.open(tmp_path / "phone.png"), noise):
            assert np.array_equal(annotate(source, seen), expected)
        assert np.array_equal(annotate(noise[..., ::-1], seen, colour="bgr"), expected)
        with pytest.raises(ImageError, match="megapixels"):
            annotate(noise, seen, limits=Limits(pixels=100))

    @pytest.mark.parametrize("mode", ["L", "RGB"])
    def test_a_new_picture_is_given_and_the_old_one_left_alone(self, mode):
        image = Image.new(mode, (400, 300))
        drawn = annotate(image, [face((50, 60, 80, 90))])
        assert (drawn.mode, drawn.size) == ("RGB", (400, 300))
        assert not np.asarray(image).any()
        assert changed(image, drawn).any()

    def test_without_faces_it_is_the_picture_as_it_was(self):
        image = Image.effect_noise((400, 300), 50).convert("RGB")
        assert not changed(image, annotate(image, [])).any()

    @pytest.mark.parametrize(
        ("size", "enlarged"),
        [
            ((48, 48), (288, 288)),
            ((1, 1), (256, 256)),
            ((256, 30), (256, 30)),
            ((255, 9), (510, 18)),
        ],
    )
    def test_a_small_one_is_enlarged_so_that_a_label_fits(self, size, enlarged):
        assert annotate(Image.new("L", size), [face((0, 0, *size))]).size == enlarged

    def test_what_is_drawn_grows_with_the_picture(self):
        def height(side):
            image = Image.new("RGB", (side, side), GREY)
            box = (side // 4, side // 2, side // 2, side // 4)
            return extent(changed(image, annotate(image, [face(box)])))[3] - side // 4

        assert height(4000) == pytest.approx(4 * height(1000), rel=0.05)


class TestFrame:
    @pytest.mark.parametrize("box", [(100, 100, 120, 150), (0, 0, 90, 90), (310, 210, 90, 90)])
    def test_it_lies_on_the_box(self, box):
        image = Image.new("RGB", (400, 300), GREY)
        x, y, width, height = box
        mask = changed(image, annotate(image, [face(box)]))
        assert mask[y : y + height, [x, x + width - 1]].all()
        assert mask[[y, y + height - 1], x : x + width].all()
        assert not mask[y + height // 2, x + width // 2]

    @pytest.mark.parametrize("background", [*COLOURS.values(), "#000000", "#ffffff"])
    @pytest.mark.parametrize("uncertain", [False, True])
    def test_it_and_its_label_show_on_any_background(self, background, uncertain):
        image = Image.new("RGB", (400, 300), background)
        box = (100, 100, 120, 150)
        drawn = np.asarray(annotate(image, [face(box, uncertain=uncertain)]))
        ground = tuple(bytes.fromhex(background[1:]))
        frame = np.unique(drawn[150:200, 100:110].reshape(-1, 3), axis=0)
        label = drawn[:100].reshape(-1, 3)
        inside = np.unique(label, axis=0)
        assert max(contrast(colour, ground) for colour in frame) > 3
        assert max(contrast(colour, ground) for colour in inside) > 3

    def test_that_of_an_uncertain_answer_is_white_and_dashed(self):
        image = Image.new("RGB", (400, 300), GREY)
        box = (100, 100, 120, 150)
        sure, unsure = (annotate(image, [face(box, uncertain=u)]) for u in (False, True))
        assert count(sure, COLOURS["happy"]) > 0
        assert count(unsure, COLOURS["happy"]) == 0

        def jumps(drawn):
            pixels = np.asarray(drawn.convert("L"), int)[101, 110:210]
            return int((np.abs(np.diff(pixels)) > 100).sum())

        assert jumps(sure) == 0
        assert jumps(unsure) >= 4

    @pytest.mark.parametrize("box", [(5, 5, 1, 1), (398, 298, 2, 2), (-20, -20, 600, 500)])
    def test_boxes_of_any_size_can_be_drawn(self, box):
        image = Image.new("RGB", (400, 300), GREY)
        assert annotate(image, [face(box)]).size == (400, 300)


class TestLabel:
    PLACES = ((0, 0), (340, 0), (0, 240), (340, 240), (170, 120), (170, 0), (0, 120), (340, 120))

    @pytest.mark.parametrize("place", PLACES)
    def test_it_is_drawn_whole_wherever_the_face_is(self, place):
        image = Image.new("RGB", (400, 300), GREY)
        fills = []
        for at in (place, (170, 120)):
            drawn = annotate(image, [face((*at, 60, 60), label="surprise")])
            fills.append(count(drawn, COLOURS["surprise"]))
        assert fills[0] == pytest.approx(fills[1], rel=0.12)  # it may lie on the frame

    def test_labels_of_neighbours_do_not_lie_on_each_other(self):
        image = Image.new("RGB", (640, 480), GREY)
        boxes = [(40 + 70 * i, 200, 60, 70) for i in range(8)]
        fills = [
            count(annotate(image, [face(box, label="fear")]), COLOURS["fear"]) for box in boxes
        ]
        together = count(annotate(image, [face(b, label="fear") for b in boxes]), COLOURS["fear"])
        assert together > 0.95 * sum(fills)

    def test_it_leaves_the_middle_of_a_face_that_fills_the_picture(self):
        image = Image.new("RGB", (300, 300), GREY)
        mask = changed(image, annotate(image, [face((0, 0, 300, 300))]))
        assert not mask[60:240, 60:240].any()

    def test_it_says_label_and_score_and_whether_that_is_certain(self):
        assert overlay.caption(answer()) == "happy 0.97"
        assert overlay.caption(answer(score=0.41, uncertain=True)) == "happy? 0.41"
        assert overlay.caption(answer(uncertain=True, legible=False)) == "illegible"

    @pytest.mark.parametrize(("label", "said"), [("überrascht", "uberrascht 0.97"), ("怒", "0.97")])
    def test_letters_that_the_font_lacks_are_replaced_or_left_out(self, label, said):
        assert overlay.caption(answer(label=label)) == said
        image = Image.new("RGB", (400, 300), GREY)
        assert changed(image, annotate(image, [face((50, 60, 80, 90), label=label)])).any()

    @pytest.mark.parametrize("size", [(256, 20), (12, 300), (3000, 16)])
    def test_it_fits_a_picture_of_any_shape(self, size):
        tag = overlay._make_tag(answer(label="surprise"), size[0], size)
        assert tag.width <= size[0]
        assert tag.height <= size[1]

    def test_letters_are_drawn_without_freetype_too(self, monkeypatch):
        monkeypatch.setattr(features, "check", lambda name: False)
        monkeypatch.setattr(ImageFont, "load_default", ImageFont.load_default_imagefont)
        masks = [overlay.write_text("happy 0.97", size) for size in (11, 44, 110)]
        assert all(np.asarray(mask).max() == 255 for mask in masks)
        heights = [mask.height for mask in masks]
        assert heights[0] < heights[1] < heights[2]


class TestColours:
    @pytest.mark.parametrize("label", COLOURS)
    def test_letters_stand_out_from_the_label(self, label):
        fill = tuple(bytes.fromhex(colour_of(label)[1:]))
        assert contrast(overlay.ink_on(fill), fill) > 4.5

    @pytest.mark.parametrize(
        "vision",
        [
            # G. Machado et al. 2009, severity 1: what linear red, green and blue become
            [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
            [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
            [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
            [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
        ],
        ids=["full", "protanopia", "deuteranopia", "tritanopia"],
    )
    def test_no_two_look_alike_with_any_kind_of_colour_vision(self, vision):
        seen = {}
        for label, colour in COLOURS.items():
            linear = (np.array(list(bytes.fromhex(colour[1:]))) / 255) ** 2.2
            seen[label] = lab(np.clip(np.array(vision) @ linear, 0, 1))
        distances = {
            pair: float(np.linalg.norm(seen[pair[0]] - seen[pair[1]]))
            for pair in combinations(COLOURS, 2)
        }
        assert min(distances.values()) > 12, min(distances, key=distances.get)

    def test_a_label_of_the_users_own_always_gets_the_same(self):
        assert colour_of("bored") == colour_of("bored")
        assert colour_of("bored") in COLOURS.values()


class TestEvidence:
    def test_it_glows_where_the_model_saw_its_answer(self):
        image = Image.new("RGB", (120, 120), GREY)
        before, after = (
            np.asarray(each, int)
            for each in (image, evidence_map(image, answer(evidence=glow(1, 4))))
        )
        rows, columns = np.nonzero(np.abs(after - before).sum(-1) > 150)
        assert abs(columns.mean() - 30) < 4  # the middle of the second of six
        assert abs(rows.mean() - 90) < 4

    def test_it_lies_on_the_crop_and_only_if_asked_for(self):
        image = Image.new("RGB", (600, 400), GREY)
        seen = face((200, 100, 100, 120), crop=(190, 100, 120, 120), evidence=glow(5, 5))
        plain, shown = (annotate(image, [seen], evidence=e) for e in (False, True))
        left, top, width, height = extent(changed(plain, shown))
        assert left >= 190 + 60
        assert top >= 100 + 60
        assert left + width <= 190 + 120
        assert top + height <= 100 + 120

    def test_a_crop_that_sticks_out_of_the_picture_is_no_trouble(self):
        image = Image.new("RGB", (300, 300), GREY)
        seen = face((0, 0, 100, 120), crop=(-30, -20, 120, 120), evidence=glow(5, 5))
        plain, shown = (annotate(image, [seen], evidence=e) for e in (False, True))
        assert changed(plain, shown).any()

    def test_what_all_labels_share_does_not_show(self):
        image = Image.new("RGB", (60, 60), GREY)
        shared = {"happy": glow(1, 1)["happy"], "other": glow(1, 1)["happy"]}
        assert not changed(image, evidence_map(image, answer(evidence=shared))).any()

    def test_a_weak_map_stays_faint(self):
        image = Image.new("RGB", (60, 60), GREY)
        strengths = [
            np.abs(
                np.asarray(evidence_map(image, answer(evidence=glow(2, 2, height))), int) - 128
            ).max()
            for height in (0.1, 5.0)
        ]
        assert 0 < strengths[0] < strengths[1] / 3

    def test_without_evidence_a_map_is_refused_and_a_picture_drawn_without(self):
        image = Image.new("RGB", (300, 300), GREY)
        with pytest.raises(ValueError, match="evidence=True"):
            evidence_map(image, answer())
        assert annotate(image, [face((0, 0, 90, 90))], evidence=True).size == (300, 300)

    def test_its_colours_grow_brighter_from_end_to_end(self):
        table = overlay._heat_table()
        levels = [brightness(colour[:3] / 255) for colour in table]
        assert levels == sorted(levels)
        assert (table[0, 3], table[255, 3]) == (0, int(255 * overlay.HEAT_OPACITY))


def lab(linear: np.ndarray) -> np.ndarray:
    """Convert linear sRGB to CIELAB, where distances are about as large as they look."""
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(xyz @ linear / (0.9505, 1.0, 1.089))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])

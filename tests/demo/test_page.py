import re
import shutil
from dataclasses import replace
from functools import partial

import pytest

import fer_onnx
from fer_onnx import modelfile, reader
from fer_onnx.demo import samples
from fer_onnx.runs import pipeline

LABELS = list(fer_onnx.load().labels)


def find_at(*boxes):
    """Stand in for detection: the faces are where the test says."""
    return partial(reader.read_faces, boxes=boxes)


def test_the_page_opens_on_the_sample_named_and_answered(page):
    assert len(page.pictures) == 1
    assert page.images[0].alt.startswith(page.pictures[0])
    assert "Eileen Collins" in page.pictures[0]
    assert len(page.answers) == 1


def test_the_bars_show_every_label_in_the_order_of_the_model(page):
    assert list(page.bars[0]) == LABELS
    assert sum(page.bars[0].values()) == pytest.approx(100, abs=0.5)


def test_the_answer_is_the_one_of_the_library(page, crop):
    page.upload(("crop.png", crop))
    expected = fer_onnx.load().predict(crop)
    shown = {
        label: pytest.approx(100 * score, abs=0.06) for label, score in expected.scores.items()
    }
    assert page.bars[0] == shown
    assert expected.label in page.answers[0].lower()


def test_an_uploaded_portrait_takes_the_place_of_the_sample(page, portrait):
    page.upload(("me.png", portrait))
    assert page.pictures == ["me.png"]
    assert len(page.answers) == 1


def test_several_pictures_are_answered_in_their_order(page, portrait, crop):
    page.upload(("b.png", portrait), ("a.png", crop), ("c.png", portrait))
    assert page.pictures == ["b.png", "a.png", "c.png"]
    assert len(page.answers) == 3


def test_every_face_of_a_picture_has_its_own_answer(monkeypatch, open_page):
    three = find_at((133, 47, 67, 84), (0, 0, 200, 200), (100, 100, 60, 60))
    monkeypatch.setattr(reader, "read_faces", three)
    page = open_page()
    assert len(page.pictures) == 1
    assert [list(bars) for bars in page.bars] == [LABELS] * 3
    assert len(page.answers) == 3


def test_cards_stand_in_the_order_of_the_picture_and_several_are_numbered(monkeypatch, open_page):
    boxes = [(200, 200, 90, 90), (10, 20, 50, 50), (300, 30, 60, 60), (5, 210, 80, 80)]
    monkeypatch.setattr(reader, "read_faces", find_at(*boxes))
    page = open_page()
    left = re.findall(r'class="frame[^>]*? style="left: (.*?)%; top: (.*?)%', page.html)
    assert [(round(float(x) * 3.84), round(float(y) * 3.84)) for x, y in left] == [
        (10, 20), (300, 30), (5, 210), (200, 200)
    ]  # fmt: skip
    frames = re.findall(r'class="frame[^>]*?data-face="(.*?)".*?<i>(.)</i>', page.html)
    cards = re.findall(r'<article class="card" data-face="(.*?)" aria-label="Face (.)"', page.html)
    assert frames == cards
    assert [number for _, number in cards] == ["1", "2", "3", "4"]


def test_a_single_face_has_no_number(page):
    assert "<i>1</i>" not in page.html
    assert 'aria-label="The face"' in page.html


@pytest.mark.parametrize(("faces", "small"), [(4, False), (5, True)])
def test_cards_are_small_from_five_faces_on(monkeypatch, open_page, faces, small):
    boxes = [(60 * n, 20, 50, 50) for n in range(faces)]
    monkeypatch.setattr(reader, "read_faces", find_at(*boxes))
    assert ('class="cards small"' in open_page().html) is small


def test_what_is_no_image_is_one_line_and_the_others_are_answered(page, crop):
    page.upload(("a_b*c.png", b"hello"), ("crop.png", crop), ("empty.jpg", b""))
    assert page.errors == [
        "a_b*c.png: not a JPEG, PNG, WebP, BMP or GIF image",
        "empty.jpg: empty, expected an image",
    ]
    assert page.pictures == ["crop.png"]


def test_a_format_that_is_not_read_is_named_with_what_to_do(page):
    heic = b"\0\0\0\x18ftypheic" + bytes(16)
    page.upload(("IMG--1.heic", heic), ("a.tif", b"II*\0" + bytes(16)))
    assert page.errors == [
        "IMG--1.heic: an HEIC image; convert it to JPEG or PNG first",
        "a.tif: a TIFF image; convert it to JPEG or PNG first",
    ]


def test_two_hyphens_in_a_name_stay_two(page, crop):
    page.upload(("a--b.png", crop))
    assert page.pictures == ["a--b.png"]
    assert not [text.value for text in page.app.markdown if "--" in text.value]


def test_happy_or_sad_gives_one_large_answer_between_the_two(page):
    page.choose("Happy or sad?")
    assert list(page.bars[0]) == ["happy", "sad"]
    assert ['class="answer large"' in answer for answer in page.answers] == [True]
    assert len(page.app.selectbox) == 0


def test_another_model_answers_when_it_is_chosen(page):
    assert page.app.selectbox[0].options == ["emotions", "emotions-fer2013"]
    page.app.selectbox[0].set_value("emotions-fer2013")
    page.run()
    assert page.facts["Name"] == "emotions-fer2013"
    assert len(page.answers) == 1


def test_a_model_file_named_at_the_start_answers_first(monkeypatch, open_page, tmp_path):
    path = tmp_path / "own.onnx"
    shutil.copy(modelfile.MODELS / "happy-sad.onnx", path)
    monkeypatch.setattr("sys.argv", ["streamlit_app.py", "--model", str(path)])
    page = open_page()
    assert page.app.selectbox[0].value == path.name
    assert list(page.bars[0]) == ["happy", "sad"]


def test_a_missing_model_file_is_one_line_and_another_can_be_chosen(monkeypatch, open_page):
    monkeypatch.setattr("sys.argv", ["streamlit_app.py", "--model", "none.onnx"])
    page = open_page()
    assert len(page.errors) == 1
    assert page.errors[0].startswith("none.onnx: no such file, and no bundled model")
    page.app.selectbox[0].set_value("emotions")
    assert len(page.run().answers) == 1


def test_an_unknown_argument_is_one_line_and_the_page_works(monkeypatch, open_page):
    monkeypatch.setattr("sys.argv", ["streamlit_app.py", "--modle", "a.onnx"])
    page = open_page()
    assert page.errors == ["not understood: --modle a.onnx; expected -- --model FILE"]
    assert len(page.answers) == 1


def test_evidence_is_drawn_when_it_is_switched_on(page, crop):
    page.upload(("crop.png", crop))
    before = [image.url for image in page.images]
    after = [image.url for image in page.switch("Where it looked").images]
    assert len(after) == 2  # picture and face
    assert set(after).isdisjoint(before)


def test_evidence_is_not_computed_before_it_is_asked_for(monkeypatch, open_page):
    asked = []
    predict = fer_onnx.Classifier.predict_batch

    def watch(self, faces, *, evidence=False):
        asked.append(evidence)
        return predict(self, faces, evidence=evidence)

    monkeypatch.setattr(fer_onnx.Classifier, "predict_batch", watch)
    page = open_page()
    assert asked == [False]
    page.switch("Where it looked")
    assert asked == [False, True]


def test_a_model_without_evidence_has_no_switch_for_it(monkeypatch, open_page):
    monkeypatch.setattr(fer_onnx.Classifier, "has_evidence", False)
    page = open_page()
    assert page.app.toggle[0].disabled
    assert len(page.answers) == 1


def test_the_pixels_that_the_model_gets_are_shown_beside_each_face(page):
    before = len(page.images)
    assert len(page.switch("48 × 48").images) == before + len(page.answers)


def test_a_switch_does_not_read_the_picture_again(monkeypatch, open_page):
    calls = []
    read = find_at((133, 47, 67, 84))
    monkeypatch.setattr(reader, "read_faces", lambda *a, **k: calls.append(a) or read(*a, **k))
    open_page().switch("48 × 48").switch("Where it looked").choose("Table")
    assert len(calls) == 1


def test_a_picture_without_faces_is_shown_and_said_to_have_none(monkeypatch, open_page):
    monkeypatch.setattr(reader, "read_faces", find_at())
    page = open_page()
    assert len(page.pictures) == 1
    assert page.answers == []
    assert page.notes[0].startswith("No face found")


def test_a_face_that_cannot_be_read_is_not_guessed_at(monkeypatch, open_page):
    def blur(*args, **options):
        face = reader.read_whole(*args, model=options["model"])[0]
        return [replace(face, prediction=face.prediction.illegible())]

    monkeypatch.setattr(reader, "read_faces", blur)
    page = open_page()
    assert "Not sure<small>too small or too blurred" in page.answers[0]
    assert page.bars == []


def test_labels_of_a_foreign_model_are_text_and_never_markup(monkeypatch, open_page):
    def shout(*args, **options):
        face = reader.read_whole(*args)[0]
        scores = {"<img src=x>": 0.9, "b": 0.1}
        return [replace(face, prediction=fer_onnx.Prediction.from_scores(scores, 0.0))]

    monkeypatch.setattr(reader, "read_faces", shout)
    page = open_page()
    assert "&lt;img src=x&gt;" in page.answers[0]
    assert "<img" not in page.answers[0]
    assert list(page.bars[0]) == ["&lt;img src=x&gt;", "b"]


def test_a_picture_from_the_camera_is_answered(page, crop):
    page.choose("Snapshot")
    page.app.camera_input[0].set_value(("shot.jpg", crop, "image/jpeg"))
    assert page.run().pictures == ["Your face"]
    assert len(page.answers) == 1


def test_every_sample_can_be_chosen_and_is_read(page):
    page.choose("Samples")
    (group,) = [each for each in page.app.button_group if each.key == "sample"]
    assert len(group.options) == len(samples.SAMPLES)
    for path, name in samples.SAMPLES.items():
        page.app.button_group(key="sample").set_value(path)
        assert page.run().pictures == [name]
        assert page.errors == []
        assert len(page.answers) == {"both.jpg": 2, "shuttle.jpg": 0}.get(path.name, 1)


def test_the_threshold_of_certainty_can_be_moved(page, crop):
    page.upload(("crop.png", crop))
    assert "Not sure" not in page.answers[0]
    page.app.slider[0].set_value(1.0)
    page.run()
    assert "Not sure<small>perhaps" in page.answers[0]
    assert 'class="frame uncertain' in page.html


def test_a_changed_answer_is_said(page, crop):
    assert page.said.startswith("Eileen Collins · NASA, public domain: happy (")
    page.upload(("a.png", crop))
    assert page.said.startswith("a.png: ")


def test_what_was_stopped_is_said_and_read_when_that_is_asked_for(page, crop):
    page.app.session_state["state"].stopped = True
    page.upload(("a.png", crop), ("b.png", crop))
    assert page.answers == []
    assert page.notes[0] == "2 of 2 pictures were not read."
    (rest,) = [button for button in page.app.button if button.label == "Read the rest"]
    rest.click()
    assert len(page.run().answers) == 2
    assert not page.app.session_state["state"].stopped


def test_no_path_of_the_server_reaches_the_browser(page):
    buttons = page.choose("Samples").app.get("download_button")
    sent = [page.html, *(str(button.proto) for button in buttons)]
    assert len(sent) > 1
    assert not [text for text in sent if str(samples.HERE) in text]


class TestWhatStaysWhenTheViewChanges:
    def test_uploads_and_switches(self, page, crop):
        page.upload(("a.png", crop)).switch("48 × 48")
        page.choose("Samples").choose("Table").choose("Upload").choose("Faces")
        assert page.pictures == ["a.png"]
        assert [each.value for each in page.app.toggle] == [False, True]

    def test_a_snapshot(self, page, crop):
        page.choose("Snapshot")
        page.app.camera_input[0].set_value(("shot.jpg", crop, "image/jpeg"))
        page.run().choose("Upload")
        assert page.pictures != ["Your face"]
        assert page.choose("Snapshot").pictures == ["Your face"]

    def test_a_file_that_comes_in_another_view_is_shown(self, page, crop):
        page.choose("Live").upload(("pasted.png", crop))
        assert page.pictures == ["pasted.png"]


class TestTheAddress:
    def test_it_decides_what_the_page_opens_on(self, open_page):
        page = open_page(view="Table", question="Happy or sad?")
        assert len(page.app.dataframe) == 1
        assert page.facts["Name"] == "happy-sad"

    @pytest.mark.parametrize("name", ["/etc/passwd", "faces", "own.onnx"])
    def test_no_model_but_those_offered_is_opened(self, open_page, name):
        assert open_page(model=name).facts["Name"] == "emotions"

    def test_a_model_file_named_at_the_start_is_offered_by_its_name(
        self, monkeypatch, open_page, tmp_path
    ):
        path = shutil.copy(modelfile.MODELS / "happy-sad.onnx", tmp_path / "own.onnx")
        monkeypatch.setattr("sys.argv", ["streamlit_app.py", "--model", str(path)])
        page = open_page(model="own.onnx")
        assert page.facts["Name"] == "happy-sad"


@pytest.fixture
def measured(monkeypatch):
    """Let the model file say that something was measured on it."""

    def measure(**figures):
        load = pipeline.load

        def load_measured(*args):
            model = load(*args)
            model.info = replace(model.info, metrics=figures)
            return model

        monkeypatch.setattr(pipeline, "load", load_measured)

    return measure


def test_the_model_says_its_labels_how_often_it_was_right_and_its_size(measured, open_page):
    measured(split="some split", images=3186, accuracy=0.625)
    facts = open_page().facts
    assert facts["Labels"] == ", ".join(LABELS)
    assert facts["Right"] == "62.5% of 3,186 faces (some split)"
    size = (modelfile.MODELS / "emotions.onnx").stat().st_size
    assert facts["File"].startswith(f"{size / 1e6:.1f} MB")


def test_what_was_not_measured_is_not_told(measured, open_page):
    measured()
    page = open_page()
    assert "Right" not in page.facts
    page.choose("How it works")
    assert page.charts == []
    assert page.notes == ["This model file does not say how often it is right."]


def test_recall_and_confusion_are_charts_with_the_labels_in_order(measured, open_page):
    recall = dict.fromkeys(LABELS, 0.5)
    measured(split="S", images=9, accuracy=0.5, recall=recall, confusion=[[1] * 7] * 7)
    found, taken = open_page().choose("How it works").charts
    assert found["encoding"]["y"]["sort"] == LABELS
    assert {layer["mark"]["type"] for layer in taken["layer"]} == {"rect", "text"}


def test_the_explanation_shows_the_way_of_the_face_and_the_words(page, crop):
    page.upload(("crop.png", crop)).choose("How it works")
    assert [image.alt for image in page.images][1:] == [
        "The face as it was cut out",
        "The face in 48 × 48 pixels",
    ]
    assert page.images[0].alt.startswith("crop.png: ")
    assert all(label in page.explained_words for label in LABELS)


def test_the_explanation_needs_a_face(monkeypatch, open_page):
    monkeypatch.setattr(reader, "read_faces", find_at())
    page = open_page().choose("How it works")
    assert page.notes[0].startswith("Choose a picture with a face in it")


def test_many_pictures_are_shown_twelve_at_a_time_and_read_when_they_are(monkeypatch, page, crop):
    calls = []
    read = reader.read_whole
    monkeypatch.setattr(reader, "read_whole", lambda *a, **k: calls.append(a) or read(*a, **k))
    page.upload(*((f"{n}.png", crop) for n in range(14)))
    assert page.pictures == [f"{n}.png" for n in range(12)]
    assert len(calls) == 12
    page.app.session_state["turned-to"] = 2
    assert page.run().pictures == ["12.png", "13.png"]
    assert len(calls) == 14


@pytest.mark.parametrize("question", ["Which expression?", "Happy or sad?"])
def test_the_page_tells_looks_from_feelings_and_names_the_law(page, question):
    text = page.choose(question).text
    assert "Looks, not feelings." in text
    assert "AI Act, Article 5(1)(f)" in text
    assert "Article 50(3)" in text
    assert text.count("What 0.99 means.") == 1

import shutil
from dataclasses import replace
from functools import partial

import pytest

import fer_onnx
from fer_onnx import modelfile, reader
from fer_onnx.runs import pipeline

LABELS = list(fer_onnx.load().labels)


def find_at(*boxes):
    """Stand in for detection: the faces are where the test says."""
    return partial(reader.read_faces, boxes=boxes)


def test_the_page_opens_on_the_sample_named_and_answered(page):
    assert len(page.pictures) == 1
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
    scores = [bars for bars in page.bars if sum(bars.values()) == pytest.approx(100, abs=1)]
    assert [list(bars) for bars in scores] == [LABELS] * 3
    assert len(page.answers) == 3


def test_what_is_no_image_is_one_line_and_the_others_are_answered(page, crop):
    page.upload(("a_b*c.png", b"hello"), ("crop.png", crop), ("empty.jpg", b""))
    assert page.errors == [
        "a_b*c.png: not a JPEG, PNG, WebP, BMP or GIF image",
        "empty.jpg: empty, expected an image",
    ]
    assert page.pictures == ["crop.png"]


def test_happy_or_sad_gives_one_large_answer_between_the_two(page):
    page.choose("Happy or sad?")
    assert list(page.bars[0]) == ["happy", "sad"]
    assert ['class="answer large"' in answer for answer in page.answers] == [True]
    assert len(page.app.selectbox) == 0


def test_another_model_answers_when_it_is_chosen(page):
    assert page.app.selectbox[0].options == ["emotions", "emotions-fer2013"]
    page.app.selectbox[0].set_value("emotions-fer2013")
    page.run()
    assert "emotions-fer2013" in page.app.expander[0].label.replace("\\", "")
    assert len(page.answers) == 1


def test_a_model_file_named_at_the_start_answers_first(monkeypatch, open_page, tmp_path):
    path = tmp_path / "own.onnx"
    shutil.copy(modelfile.MODELS / "happy-sad.onnx", path)
    monkeypatch.setattr("sys.argv", ["streamlit_app.py", "--model", str(path)])
    page = open_page()
    assert page.app.selectbox[0].value == str(path)
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
    before = page.images[0].url
    assert page.switch("Where it looked").images[0].url != before
    assert page.pictures == ["crop.png"]


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
    open_page().switch("48 × 48")
    assert len(calls) == 1


def test_a_picture_without_faces_is_shown_and_said_to_have_none(monkeypatch, open_page):
    monkeypatch.setattr(reader, "read_faces", find_at())
    page = open_page()
    assert len(page.pictures) == 1
    assert page.answers == []
    assert page.notes[0].startswith("No face found")


def test_a_face_that_cannot_be_read_is_not_guessed_at(monkeypatch, open_page):
    def blur(*args, **options):
        options.pop("detector")
        face = reader.read_whole(*args, **options)[0]
        return [replace(face, prediction=face.prediction.illegible())]

    monkeypatch.setattr(reader, "read_faces", blur)
    assert "Not sure<small>too small or too blurred" in open_page().answers[0]


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


def test_every_sample_can_be_chosen_and_is_answered(page):
    page.choose("Samples")
    for name in page.app.selectbox[0].options:
        page.app.selectbox[0].set_value(name)
        assert page.run().pictures == [name]
        assert len(page.answers) == 1


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
    shown = [image.alt for image in page.images]
    assert shown == [
        "The picture with its faces framed",
        "The face as it was cut out",
        "The face in 48 × 48 pixels",
    ]
    assert all(label in page.explained_words for label in LABELS)


def test_the_explanation_needs_a_face(monkeypatch, open_page):
    monkeypatch.setattr(reader, "read_faces", find_at())
    page = open_page().choose("How it works")
    assert page.notes[0].startswith("Choose a picture with a face in it")


def test_more_pictures_than_fit_the_page_are_left_to_the_table(page, crop):
    page.upload(*((f"{n}.png", crop) for n in range(14)))
    assert len(page.pictures) == 12
    assert page.notes == ["12 of 14 pictures are shown here; the table has all."]


@pytest.mark.parametrize("question", ["Which expression?", "Happy or sad?"])
def test_the_page_tells_looks_from_feelings_and_names_the_law(page, question):
    text = page.choose(question).text
    assert "Looks, not feelings." in text
    assert "AI Act, Article 5(1)(f)" in text
    assert "Article 50(3)" in text

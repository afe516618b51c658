import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

import fer_onnx
from fer_onnx import modelfile, reader

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
    assert page.errors[0].startswith("none.onnx: no such model file")
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
    assert page.switch("Where it looks").images[0].url != before
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


def test_without_a_detector_the_picture_is_taken_as_a_face(monkeypatch, open_page):
    def refuse(*args, **options):
        raise fer_onnx.DetectionError("no face detector is installed")

    monkeypatch.setattr(reader, "read_faces", refuse)
    page = open_page()
    assert len(page.answers) == 1
    assert page.notes == ["The whole picture is taken as one face: no face detector is installed"]


def test_a_picture_without_faces_is_shown_and_said_to_have_none(monkeypatch, open_page):
    monkeypatch.setattr(reader, "read_faces", find_at())
    page = open_page()
    assert len(page.pictures) == 1
    assert page.answers == []
    assert page.notes[0].startswith("No face found")


def test_a_face_that_cannot_be_read_is_not_guessed_at(monkeypatch, open_page):
    def blur(*args, **options):
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
    page.choose("Camera")
    page.app.camera_input[0].set_value(("shot.jpg", crop, "image/jpeg"))
    assert page.run().pictures == ["Your face"]
    assert len(page.answers) == 1


def test_every_sample_can_be_chosen_and_is_answered(page):
    page.choose("Samples")
    for name in page.app.selectbox[0].options:
        page.app.selectbox[0].set_value(name)
        assert page.run().pictures == [name]
        assert len(page.answers) == 1


def test_the_model_says_how_often_it_was_right_and_on_what(monkeypatch, open_page):
    figures = {"split": "some split", "images": 3186, "accuracy": 0.625, "recall": {"happy": 0.5}}
    load = fer_onnx.load

    def measured(name):
        model = load(name)
        model.info = replace(model.info, metrics=figures)
        return model

    monkeypatch.setattr(fer_onnx, "load", measured)
    page = open_page()
    assert "Right on **62.5%** of the 3,186 faces of some split" in page.text
    assert page.bars[-1] == {"happy": 50.0}


@pytest.mark.parametrize("question", ["Which expression?", "Happy or sad?"])
def test_the_page_tells_looks_from_feelings_and_names_the_law(page, question):
    text = page.choose(question).text
    assert "Looks, not feelings." in text
    assert "AI Act, Article 5(1)(f)" in text
    assert "Article 50(3)" in text


def test_the_page_holds_no_model_code():
    code = (Path(__file__).parents[2] / "streamlit_app.py").read_text()
    assert len(code.splitlines()) <= 250
    assert "numpy" not in code
    assert "onnxruntime" not in code

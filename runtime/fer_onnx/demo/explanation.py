"""How it works: from a picture to the pixels that the network gets, and what an answer is worth."""

import streamlit as st

from .. import Classifier
from . import markup, pictures
from .cache import open_model, read_in_parallel
from .charts import draw_confusion, draw_recall
from .markup import plain
from .pictures import Source
from .state import State

LOOKS = {
    "angry": "brows drawn together, lips pressed or teeth bared",
    "disgust": "nose wrinkled, upper lip raised",
    "fear": "eyes wide, brows raised and drawn together",
    "happy": "corners of the mouth up, cheeks raised",
    "sad": "corners of the mouth down, inner brows raised",
    "surprise": "eyes wide, brows high, jaw dropped",
    "neutral": "none of these stands out",
}
LOOKING = {
    "Looks, not feelings.": "An answer is the word that most people would choose for such a face. "
    "What somebody feels cannot be seen in a picture. Show the network your own face, or faces of "
    "people who agreed."
}
LAW = {
    "The law.": "In the European Union it is prohibited to infer emotions of people at work or in "
    "education, save for medical or safety reasons (AI Act, Article 5(1)(f)); elsewhere, people "
    "must be informed that such a system looks at them (Article 50(3))."
}
CALIBRATED = (
    "Scores are calibrated: of a hundred faces with 0.99, in pictures like those that the model "
    "learned from, about 99 have the word that people chose. Other pictures are read less well, "
    "and the score promises too much."
)
UNCALIBRATED = (
    "This model was not calibrated: its scores order the words, and say no more about how often "
    "it is right."
)


def show_explanation(state: State) -> None:
    """Explain, with a picture of the visitor's, how an answer comes about and how good it is."""
    model = open_model(state.model)[0].model
    st.header("From a picture to an answer", anchor=False)
    source = state.sources[0]
    place = st.empty()
    if state.find(source) is None:
        place.html(markup.write_waiting(source.name, "Reading …"))
    for _ in read_in_parallel(state.memory, [source] * (not state.find(source)), state.model):
        pass
    with place.container():
        show_steps(state, source)
    st.header("What the words mean", anchor=False)
    looks = {label: LOOKS[label] for label in model.labels if label in LOOKS}
    st.html(markup.write_words(looks))
    st.caption(
        "A face can look in between, or like none of these. The network must choose all the same; "
        "the scores say how it hesitates."
    )
    st.header("How often it is right", anchor=False)
    show_figures(state.model)


def show_steps(state: State, source: Source) -> None:
    """Show the way of one face: found, cut out, shrunk, answered."""
    reading = state.find(source)
    if reading is None or not reading.record.faces:
        note = "Choose a picture with a face in it, and its way is shown here."
        st.html(markup.write_note(note))
        return
    record = pictures.judge(reading.record, state.min_score)
    first = pictures.order_faces(record.faces)[0]
    face = record.faces[first]
    closeup = state.memory.look_closer(source, reading, state.model)
    spec = open_model(state.model)[0].model.info.input
    grey = "without colour, " if spec.colour == "grey" else ""
    size = f"{spec.width} × {spec.height}"
    framed = markup.write_figure(
        source.name,
        state.memory.show(source),
        (record.width or 1, record.height or 1),
        [face],
        "step",
    )
    answer = markup.write_answer(face.prediction)
    bars = markup.draw_bars(face.prediction.scores, face.prediction.label)
    steps = {
        "Found": (framed, "A detector frames what looks like a face."),
        "Cut out": (
            markup.write_image(closeup.crops[first], "The face as it was cut out"),
            "A square around the frame, as in training.",
        ),
        "Shrunk": (
            markup.write_image(closeup.pixels[first], f"The face in {size} pixels", "png"),
            f"{size} pixels, {grey}are all that the network gets.",
        ),
        "Answered": (answer + bars, "A score for every word; together they make 100%."),
    }
    st.html(markup.write_steps(steps))


def show_figures(model_name: str) -> None:
    """Chart what the model file says was measured on it."""
    info = open_model(model_name)[0].model.info
    metrics = info.metrics
    if not {"accuracy", "images", "split", "recall"} <= metrics.keys():
        st.html(markup.write_note("This model file does not say how often it is right."))
        return
    st.markdown(
        f"**{metrics['accuracy']:.1%}** of {metrics['images']:,} faces that it was not taught "
        f"({plain(metrics['split'])}), measured on this very file. Right means: the word that "
        f"people chose, by the labels of {plain(info.label_set)}."
    )
    theme = st.context.theme.type or "light"
    st.subheader("Of the faces of each label, found", anchor=False)
    recall = draw_recall(info.labels, metrics["recall"], theme)
    st.altair_chart(recall, alt="Share found of each label")
    if "confusion" in metrics:
        st.subheader("What was taken for what", anchor=False)
        confusion = draw_confusion(info.labels, metrics["confusion"], theme)
        st.altair_chart(confusion, alt="Confusion matrix in percent of the faces of each label")


def show_limits(model: Classifier) -> None:
    """Show what an answer and its score are worth, and where the law forbids asking."""
    calibrated = model.info.temperature is not None
    score = {"What 0.99 means.": CALIBRATED if calibrated else UNCALIBRATED}
    st.html(markup.write_limits({**LOOKING, **score, **LAW}))

"""How it works: from a picture to the pixels that the network gets, and what an answer is worth."""

import streamlit as st
from PIL import Image

from .cache import CROP_SIDE, Source, draw_picture, open_model, read_picture
from .charts import draw_confusion, draw_recall
from .markup import draw_bars, plain, write_answer, write_words

LOOKS = {
    "angry": "brows drawn together, lips pressed or teeth bared",
    "disgust": "nose wrinkled, upper lip raised",
    "fear": "eyes wide, brows raised and drawn together",
    "happy": "corners of the mouth up, cheeks raised",
    "sad": "corners of the mouth down, inner brows raised",
    "surprise": "eyes wide, brows high, jaw dropped",
    "neutral": "none of these stands out",
}


def show_explanation(source: Source, model_name: str) -> None:
    """Explain, with a picture of the visitor's, how an answer comes about and how good it is."""
    model = open_model(model_name)[0].model
    st.header("From a picture to an answer", anchor=False)
    show_steps(source, model_name)
    st.header("What the words mean", anchor=False)
    st.html(write_words({label: LOOKS[label] for label in model.labels if label in LOOKS}))
    st.caption(
        "A face can look in between, or like none of these. The network must choose all the same; "
        "the scores say how it hesitates."
    )
    st.header("How often it is right", anchor=False)
    show_figures(model_name)


def show_steps(source: Source, model_name: str) -> None:
    """Show the way of one face: found, cut out, shrunk, answered."""
    record, _, crops, tensors = read_picture(source, model_name)
    if not record.faces:
        st.info("Choose a picture with a face in it, and its way is shown here.")
        return
    prediction, spec = record.faces[0].prediction, open_model(model_name)[0].model.info.input
    size = f"{spec.width} × {spec.height}"
    pixels = tensors[0].resize((CROP_SIDE, CROP_SIDE), Image.Resampling.NEAREST)
    grey = "without colour, " if spec.colour == "grey" else ""
    shot, face, tensor, answer = (column.container() for column in st.columns([1, 1, 1, 1.4]))
    with shot:
        picture = draw_picture(source, model_name, evidence=False)
        st.image(picture, width="stretch", alt="The picture with its faces framed")
        st.markdown("**1. Found.** A detector frames what looks like a face.")
    with face:
        st.image(crops[0], width="stretch", alt="The face as it was cut out")
        st.markdown("**2. Cut out.** A square around the frame, as in training.")
    with tensor:
        st.image(pixels, width="stretch", alt=f"The face in {size} pixels")
        st.markdown(f"**3. Shrunk.** {size} pixels, {grey}are all that the network gets.")
    with answer:
        st.html(write_answer(prediction) + draw_bars(prediction.scores, prediction.label))
        st.markdown("**4. Answered.** A score for every word; together they make 100 %.")


def show_figures(model_name: str) -> None:
    """Chart what the model file says was measured on it."""
    info = open_model(model_name)[0].model.info
    metrics = info.metrics
    if not {"accuracy", "images", "split", "recall"} <= metrics.keys():
        st.info("This model file does not say how often it is right.")
        return
    st.markdown(
        f"**{metrics['accuracy']:.1%}** of {metrics['images']:,} faces that it was not taught "
        f"({plain(metrics['split'])}), measured on this very file. Right means: the word that "
        f"people chose, by the labels of {plain(info.label_set)}."
    )
    st.subheader("Of the faces of each label, found", anchor=False)
    st.altair_chart(draw_recall(info.labels, metrics["recall"]), alt="Share found of each label")
    if "confusion" in metrics:
        st.subheader("What was taken for what", anchor=False)
        chart = draw_confusion(info.labels, metrics["confusion"])
        st.altair_chart(chart, alt="Confusion matrix in percent of the faces of each label")


def show_limits() -> None:
    """Show what an answer is worth, and where the law forbids asking."""
    looks, law = st.columns(2, gap="medium")
    looks.markdown(
        "**Looks, not feelings.** An answer is the word that most people would choose for "
        "such a face. What somebody feels cannot be seen in a picture. Show the network "
        "your own face, or faces of people who agreed."
    )
    law.markdown(
        "**The law.** In the European Union it is prohibited to infer emotions of people at "
        "work or in education, save for medical or safety reasons (AI Act, Article 5(1)(f)); "
        "elsewhere, people must be informed that such a system looks at them (Article 50(3))."
    )

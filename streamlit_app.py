"""The demo: `streamlit run streamlit_app.py`, or `… -- --model FILE` for a model of your own.

One page, top to bottom. Everything that is computed is computed in `fer_onnx`.
"""

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple, TypeAlias

import streamlit as st
from PIL import Image, ImageOps
from starlette.formparsers import MultiPartParser

import fer_onnx
from demo.fragments import draw_bars, plain, write_answer
from fer_onnx import images, overlay, preprocess, reader
from fer_onnx.crop import cut

EXPRESSION, HAPPY_OR_SAD = "Which expression?", "Happy or sad?"
MODELS = ("emotions", "emotions-fer2013")
HERE = Path(__file__).parent
SAMPLES = {
    HERE / "samples" / "astronaut.png": "Eileen Collins · NASA, public domain",
    HERE / "samples" / "hopper.jpg": "Grace Hopper · US Navy, public domain",
}
SHOWN_SIDE = 1280  # pixels of the longer side of a picture on the page
CROP_SIZE = (96, 96)  # pixels of a face beside its answer
LOOKS = {
    "angry": "brows drawn together, lips pressed or teeth bared",
    "disgust": "nose wrinkled, upper lip raised",
    "fear": "eyes wide, brows raised and drawn together",
    "happy": "corners of the mouth up, cheeks raised",
    "sad": "corners of the mouth down, inner brows raised",
    "surprise": "eyes wide, brows high, jaw dropped",
    "neutral": "none of these stands out",
}
Picture: TypeAlias = IO[bytes] | Path
choose = partial(st.segmented_control, required=True, label_visibility="collapsed", width="stretch")


class Reading(NamedTuple):
    """What the page shows of one picture."""

    picture: Image.Image
    faces: list[fer_onnx.Face]
    crops: list[Image.Image]
    note: str


def main() -> None:
    """Lay out the page."""
    st.set_page_config("fer-onnx: how does this face look?", "🙂", layout="wide")
    # Streamlit's server would write uploads above 1 MiB to a temporary file on their way here
    MultiPartParser.spool_max_size = images.MAX_BYTES
    st.html(HERE / "demo" / "style.css")
    asking, answering = st.columns([1, 2.3], gap="medium")
    with asking:
        st.title("How does this face look?", anchor=False)
        question = choose("Question", [EXPRESSION, HAPPY_OR_SAD], default=EXPRESSION)
        pictures = take_pictures()
    with answering:
        answers = st.container()
        model_name = "happy-sad" if question == HAPPY_OR_SAD else choose_model()
        try:
            model = open_model(model_name)
        except fer_onnx.ModelError as error:
            st.error(plain(str(error)))
            st.stop()
        with answers:
            evidence, pixels = choose_views(model)
            for number, picture in enumerate(pictures):
                show_picture(number, picture, model_name, evidence, pixels)
        show_model(model)
        show_limits()


@st.cache_resource(show_spinner="Opening the model …")
def open_model(name: str) -> fer_onnx.Classifier:
    """Open a model once for all visitors."""
    return fer_onnx.load(name)


@st.cache_resource(scope="session", max_entries=32, show_spinner="Reading the picture …")
def read_picture(picture: Picture, model_name: str, evidence: bool) -> Reading:
    """Read one picture; kept in memory for this visitor alone, and gone with the visit."""
    model, note = open_model(model_name), ""
    image = images.read_image(picture)
    try:
        if reader.is_crop(image):
            faces = reader.read_whole(image, model=model, evidence=evidence)
        else:
            faces = reader.read_faces(image, model=model, evidence=evidence)
    except fer_onnx.DetectionError as error:
        note = f"The whole picture is taken as one face: {error}"
        faces = reader.read_whole(image, model=model, evidence=evidence)
    border = model.info.crop.border
    crops = [cut(image, face.crop, border) if face.crop else image for face in faces]
    drawn = overlay.annotate(image, faces, evidence=evidence)
    drawn.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    return Reading(drawn, faces, crops, note)


def choose_model() -> str:
    """Ask for the model that answers: a bundled one, or a file named behind `--`."""
    parser = argparse.ArgumentParser(allow_abbrev=False, add_help=False)
    parser.add_argument("--model", action="extend", nargs="*", default=[])
    arguments, unknown = parser.parse_known_args(sys.argv[1:])
    if unknown:
        st.error(plain(f"not understood: {' '.join(unknown)}; expected -- --model FILE"))
    names = [*arguments.model, *MODELS]
    return st.selectbox("Model", names, format_func=lambda name: Path(name).name)


def take_pictures() -> list[Picture]:
    """Ask for pictures; a sample stands in until there is one."""
    way = choose("Pictures from", ["Upload", "Camera", "Samples"], default="Upload")
    taken: list[Picture] = []
    if way == "Upload":
        taken += st.file_uploader(
            "Pictures of faces",
            images.SUFFIXES,
            accept_multiple_files=True,
            max_upload_size=images.MAX_BYTES // 2**20,
        )
    elif way == "Camera":
        shot = st.camera_input("Your face")
        if shot:
            shot.name = "Your face"
            taken.append(shot)
    else:
        taken.append(st.selectbox("Sample", SAMPLES, format_func=lambda path: SAMPLES[path]))
    st.caption(
        ("" if taken else "Until then, a sample is shown. ")
        + "Pictures are read on the computer that serves this page, and never stored."
    )
    return taken or [next(iter(SAMPLES))]


def choose_views(model: fer_onnx.Classifier) -> tuple[bool, bool]:
    """Ask what to show beside the answers: where the model looks, and the pixels it gets."""
    size = f"{model.info.input.width} × {model.info.input.height}"
    with st.container(horizontal=True):
        evidence = st.toggle("Where it looks", disabled=not model.has_evidence)
        pixels = st.toggle(f"The {size} pixels it gets")
    return evidence and model.has_evidence, pixels


def show_picture(
    number: int, picture: Picture, model_name: str, evidence: bool, pixels: bool
) -> None:
    """Show one picture with its faces framed, and what the model says of each."""
    try:
        reading = read_picture(picture, model_name, evidence)
    except fer_onnx.FerOnnxError as error:
        st.error(plain(str(error)))
        return
    name = SAMPLES.get(picture, picture.name) if isinstance(picture, Path) else picture.name
    answers = [face.prediction for face in reading.faces]
    found = ", ".join("not sure" if a.uncertain else a.label for a in answers) or "no face found"
    place = "group" if len(answers) > 1 else "picture"  # a row of its own, or beside its face
    with st.container(horizontal=True):
        with st.container(key=f"{place}-{number}"):
            st.image(reading.picture, plain(name), width="stretch", alt=f"{name}: {found}")
            if reading.note:
                st.info(plain(reading.note))
            elif not answers:
                st.info("No face found. A picture in which the face is larger may help.")
        for i, (face, crop) in enumerate(zip(reading.faces, reading.crops, strict=True)):
            with st.container(border=True, key=f"face-{number}-{i}"):
                model = open_model(model_name)
                show_face(face, crop, model, pixels)


def show_face(
    face: fer_onnx.Face, crop: Image.Image, model: fer_onnx.Classifier, pixels: bool
) -> None:
    """Show one face: what was cut out, the answer, how sure, and the scores of all labels."""
    with st.container(horizontal=True, vertical_alignment="center"):
        seen = ImageOps.contain(crop, CROP_SIZE)
        if face.prediction.evidence:
            seen = overlay.evidence_map(seen, face.prediction)
        st.image(seen, alt="the face as it was cut out")
        if pixels:
            tensor = Image.fromarray(preprocess.to_array(crop, model.info.input).squeeze())
            st.image(tensor.resize(CROP_SIZE, Image.Resampling.NEAREST), alt="what the model gets")
        st.html(write_answer(face.prediction), width="content")
    st.html(draw_bars(face.prediction.scores, face.prediction.label))


def show_model(model: fer_onnx.Classifier) -> None:
    """Show what the model file says of itself."""
    info, metrics = model.info, model.info.metrics
    with st.expander(f"What this model says of itself: {plain(info.name)} {plain(info.version)}"):
        st.markdown(
            f"Learned from {plain(info.trained_on)}, with labels of {plain(info.label_set)}. "
            f"Reads {info.input.width} × {info.input.height} pixels, "
            f"{'grey' if info.input.colour == 'grey' else 'in colour'}. "
            f"Answers below {info.uncertain_below:.0%} count as not sure."
        )
        if {"accuracy", "images", "split", "recall"} <= metrics.keys():
            st.markdown(
                f"Right on **{metrics['accuracy']:.1%}** of the {metrics['images']:,} faces of "
                f"{plain(metrics['split'])}. Of those that people gave each label, it found:"
            )
            st.html(draw_bars(metrics["recall"]))
        known = [label for label in info.labels if label in LOOKS]
        st.markdown("\n".join(f"- **{label}**: {LOOKS[label]}" for label in known))
        st.caption(plain(info.licence))


def show_limits() -> None:
    """Say what an answer is worth, and where the law forbids asking."""
    with st.container(border=True):
        st.markdown(
            "**Looks, not feelings.** An answer is the word that most people would choose for "
            "such a face. What somebody feels cannot be seen in a picture. Show the network "
            "your own face, or faces of people who agreed.\n\n"
            "**The law.** In the European Union it is prohibited to infer emotions of people at "
            "work or in education, save for medical or safety reasons (AI Act, Article 5(1)(f)); "
            "elsewhere, people must be informed that such a system looks at them (Article 50(3))."
        )


main()

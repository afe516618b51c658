"""The page: on the left what is asked, on the right what is answered.

Everything that is computed is computed by the rest of `fer_onnx`.
"""

import argparse
import sys
from functools import partial
from pathlib import Path

import streamlit as st
from PIL import Image
from starlette.formparsers import MultiPartParser

from .. import Classifier, FerOnnxError, Prediction, images, limits, overlay
from .cache import CROP_SIDE, Source, draw_picture, open_model, read_picture
from .explanation import show_explanation, show_limits
from .live import watch_camera
from .markup import describe_model, draw_bars, plain, write_answer
from .table import show_table

EXPRESSION, HAPPY_OR_SAD = "Which expression?", "Happy or sad?"
UPLOAD, CAMERA, LIVE, SAMPLES = "Upload", "Snapshot", "Live", "Samples"
FACES, TABLE, EXPLANATION = "Faces", "Table", "How it works"
MODELS = ("emotions", "emotions-fer2013")
HERE = Path(__file__).parent
PORTRAITS = {
    HERE / "samples" / "astronaut.jpg": "Eileen Collins · NASA, public domain",
    HERE / "samples" / "hopper.jpg": "Grace Hopper · US Navy, public domain",
}
FACE_WIDTH = 104  # pixels of a face beside its answer
MAX_CARDS = 12  # pictures shown one below the other; the table takes more
PASTE = st.components.v2.component("fer_onnx_paste", js=(HERE / "paste.js").read_text())
choose = partial(st.segmented_control, required=True, label_visibility="collapsed", width="stretch")


def main() -> None:
    """Lay out the page."""
    st.set_page_config("fer-onnx: how does this face look?", "🙂", layout="wide")
    # Streamlit's server would write uploads above 1 MiB to a temporary file on their way here
    MultiPartParser.spool_max_size = limits.DEFAULT.bytes
    st.html(HERE / "style.css")
    with st.container(key="page"):
        asking, answering, telling = (st.container(key=key) for key in ("ask", "answer", "model"))
    with asking:
        st.title("How does this face look?", anchor=False)
        question = choose("Question", [EXPRESSION, HAPPY_OR_SAD], default=EXPRESSION)
        way = choose("Pictures from", [UPLOAD, CAMERA, LIVE, SAMPLES], default=UPLOAD)
        sources = take_pictures(way)
    with telling:
        model_name = "happy-sad" if question == HAPPY_OR_SAD else choose_model()
        try:
            model = show_model(model_name)
        except FerOnnxError as error:
            answering.error(plain(str(error)))
            return
    with answering:
        if way == LIVE:
            watch_camera(model_name)
        else:
            show_answers(sources, model_name, model)
        st.divider()
        show_limits()
        PASTE(key="paste")


def choose_model() -> str:
    """Ask for the model that answers: a bundled one, or a file named behind `--`."""
    parser = argparse.ArgumentParser(allow_abbrev=False, add_help=False)
    parser.add_argument("--model", action="extend", nargs="*", default=[])
    arguments, unknown = parser.parse_known_args(sys.argv[1:])
    if unknown:
        st.error(plain(f"not understood: {' '.join(unknown)}; expected -- --model FILE"))
    names = [*arguments.model, *MODELS]
    return st.selectbox("Model", names, format_func=lambda name: Path(name).name)


def show_model(name: str) -> Classifier:
    """Open a model and show what it says of itself."""
    answerer, size = open_model(name)
    model = answerer.model
    with st.expander(f"What {plain(model.info.name)} says of itself", expanded=True):
        st.html(describe_model(model, size))
    return model


def take_pictures(way: str) -> list[Source]:
    """Ask for pictures; a sample stands in until there is one."""
    taken: list[Source] = []
    if way == UPLOAD:
        taken += st.file_uploader(
            "Pictures of faces: choose, drop or paste them",
            images.SUFFIXES,
            accept_multiple_files=True,
            max_upload_size=limits.DEFAULT.bytes // 2**20,
        )
    elif way == CAMERA:
        shot = st.camera_input("Your face")
        if shot:
            shot.name = "Your face"
            taken.append(shot)
    elif way == SAMPLES:
        taken.append(st.selectbox("Sample", PORTRAITS, format_func=lambda path: PORTRAITS[path]))
    sample = "" if taken or way == LIVE else "Until then, a sample is shown. "
    st.caption(
        f"{sample}Pictures are read on the computer that serves this page, and never stored."
    )
    return taken or [next(iter(PORTRAITS))]


def show_answers(sources: list[Source], model_name: str, model: Classifier) -> None:
    """Show what was found in pictures: face by face, as a table, or how it came about."""
    view = choose("View", [FACES, TABLE, EXPLANATION], default=FACES, width="content")
    if view == TABLE:
        show_table(sources, model_name)
    elif view == EXPLANATION:
        show_explanation(sources[0], model_name)
    else:
        size = f"{model.info.input.width} × {model.info.input.height}"
        with st.container(horizontal=True):
            evidence = st.toggle("Where it looked", disabled=not model.has_evidence)
            pixels = st.toggle(f"The {size} pixels it gets")
        for number, source in enumerate(sources[:MAX_CARDS]):
            show_picture(number, source, model_name, evidence and model.has_evidence, pixels)
        if len(sources) > MAX_CARDS:
            st.info(f"{MAX_CARDS} of {len(sources)} pictures are shown here; the table has all.")


def show_picture(
    number: int, source: Source, model_name: str, evidence: bool, pixels: bool
) -> None:
    """Show one picture with its faces framed, and what the model says of each."""
    with st.spinner("Reading the picture …"):
        record, _, crops, tensors = read_picture(source, model_name)
    if record.error:
        st.error(plain(record.error))
        return
    name = PORTRAITS.get(source, source.name) if isinstance(source, Path) else source.name
    answers = [face.prediction for face in record.faces]
    found = ", ".join("not sure" if a.uncertain else a.label for a in answers) or "no face found"
    place = "group" if len(answers) > 1 else "picture"  # a row of its own, or beside its face
    with st.container(horizontal=True):
        with st.container(key=f"{place}-{number}"):
            picture = draw_picture(source, model_name, evidence)
            st.image(picture, plain(name), width="stretch", alt=f"{name}: {found}")
            if not answers:
                st.info("No face found. A picture in which the face is larger may help.")
        for i, answer in enumerate(answers):
            with st.container(border=True, key=f"face-{number}-{i}"):
                show_face(answer, crops[i], tensors[i] if pixels else None, evidence)


def show_face(
    answer: Prediction, crop: Image.Image, tensor: Image.Image | None, evidence: bool
) -> None:
    """Show one face: what was cut out, the answer, how sure, and the scores of all labels."""
    with st.container(horizontal=True, vertical_alignment="center"):
        seen = overlay.evidence_map(crop, answer) if evidence else crop
        st.image(seen, width=FACE_WIDTH, alt="the face as it was cut out")
        if tensor:
            large = tensor.resize((CROP_SIDE, CROP_SIDE), Image.Resampling.NEAREST)
            st.image(large, width=FACE_WIDTH, alt="what the model gets")
        st.html(write_answer(answer), width="content")
    st.html(draw_bars(answer.scores, answer.label))

"""The camera, read continuously: a component of the browser sends pictures, one at a time."""

import base64
import time
from pathlib import Path
from typing import Any

import streamlit as st

from .. import Classifier, Face, FerOnnxError, ImageError, Tracker, images, overlay, reader
from .cache import open_model
from .markup import draw_bars, write_answer

HERE = Path(__file__).parent
HTML = """
<div class="stage"><video muted playsinline aria-label="Your camera"></video><canvas></canvas></div>
<div class="row"><button type="button">Start the camera</button>
<span class="speed"></span><span class="status" role="status"></span></div>
<div class="cards"></div>
"""
CAMERA = st.components.v2.component(
    "fer_onnx_camera",
    html=HTML,
    js=(HERE / "camera.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)
MAX_TEXT = 2 * 2**20  # characters of a picture from the camera; it sends about 40,000
UNCERTAIN = "#fafafa"  # as in annotated pictures
NO_FACE = "No face in view: come closer, or into the light."


class Watch:
    """The camera of one visitor, with the faces that it follows.

    Attributes:
        answer: to the last picture, as `camera.js` takes it.
    """

    def __init__(self, model: Classifier) -> None:
        """Start before the first picture."""
        self.answer: dict[str, Any] = {"number": None}
        self._model = model
        self._tracker = Tracker(model)

    def see(self, frame: Any, seconds: float) -> None:
        """Answer a picture, unless it is answered already.

        Args:
            frame: what the browser sent: a number, and the picture as a data URL.
            seconds: when it came.
        """
        try:
            number, url = frame["number"], frame["picture"]
        except (KeyError, TypeError):  # nothing was sent yet
            return
        if number == self.answer["number"]:
            return
        self.answer = {"number": number, "faces": [], "size": [1, 1], "html": "", "note": ""}
        try:
            image = images.read_image(_decode(url))
            faces = reader.read_faces(image, model=self._model)
        except FerOnnxError as error:
            self.answer["note"] = str(error)
            return
        faces = self._tracker.update(faces, seconds)
        faces.sort(key=lambda face: -face.box[0])  # from left to right in the mirrored video
        self.answer["size"] = list(image.size)
        self.answer["faces"] = [_frame(face) for face in faces]
        self.answer["html"] = "".join(map(_card, faces))
        self.answer["note"] = "" if faces else NO_FACE


@st.fragment
def watch_camera(model_name: str) -> None:
    """Read the camera until the visitor stops it."""
    kept = st.session_state.get("watch")
    if kept is None or kept[0] != model_name:
        answerer, _ = open_model(model_name)
        kept = st.session_state["watch"] = (model_name, Watch(answerer.model))
    watch = kept[1]
    watch.see(st.session_state.get("camera", {}).get("frame"), time.monotonic())
    CAMERA(key="camera", data=watch.answer, on_frame_change=lambda: None)


def _decode(url: Any) -> bytes:
    """Take the picture out of a data URL."""
    try:
        return base64.b64decode(url[:MAX_TEXT].partition(",")[2], validate=True)
    except (AttributeError, TypeError, ValueError) as error:
        raise ImageError("camera: not a picture") from error


def _frame(face: Face) -> dict[str, Any]:
    prediction = face.prediction
    sure = f"{prediction.label}{'?' * prediction.uncertain} {prediction.score:.2f}"
    return {
        "box": list(face.box),
        "text": sure if prediction.legible else "illegible",
        "colour": UNCERTAIN if prediction.uncertain else overlay.colour_of(prediction.label),
        "uncertain": prediction.uncertain,
    }


def _card(face: Face) -> str:
    prediction = face.prediction
    bars = draw_bars(prediction.scores, prediction.label)
    return f'<div class="card">{write_answer(prediction)}{bars}</div>'

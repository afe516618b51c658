"""The camera, read continuously: the browser sends pictures, one at a time, past Streamlit.

A picture that came as the value of a component would run the page again, which takes far more
processor time than reading it; so pictures have a route of their own beside the page's.
"""

import secrets
import time
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .. import Classifier, Face, FerOnnxError, Tracker, images, overlay, reader
from .cache import open_model
from .markup import draw_bars, write_answer

HERE = Path(__file__).parent
HTML = """
<div class="stage"><video muted playsinline aria-label="Your camera"></video><canvas></canvas></div>
<div class="row"><button type="button">Start the camera</button>
<select aria-label="Which camera" hidden></select>
<span class="speed"></span><span class="status" role="status"></span>
<span class="unseen said" role="status"></span></div>
<div class="cards watched"></div>
"""
SCRIPTS = "follow.js", "speech.js", "camera.js"
CAMERA = st.components.v2.component(
    "fer_onnx_camera",
    html=HTML,
    css=(HERE / "camera.css").read_text(encoding="utf-8"),
    js="".join((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS),
    isolate_styles=False,
)
MAX_BYTES = 2**20  # of a picture from the camera; it sends about 30,000
UNCERTAIN = "#fafafa"  # as in annotated pictures
NO_FACE = "No face in view: come closer, or into the light."


class Watch:
    """The camera of one visitor, with the faces that it follows.

    Attributes:
        key: that names it in the address of its pictures; nobody can guess it.
    """

    def __init__(self, model: Classifier) -> None:
        """Start before the first picture."""
        self.key = secrets.token_urlsafe(16)
        self._model = model
        self._tracker = Tracker(model)
        self._lock = Lock()
        WATCHES[self.key] = self

    def see(self, picture: bytes) -> dict[str, Any] | None:
        """Answer a picture.

        Args:
            picture: as the browser sent it, encoded.

        Returns:
            What `camera.js` shows: the faces from left to right, the size that their boxes refer
            to, and a sentence if there are none. None while another picture is being read.
        """
        if not self._lock.acquire(blocking=False):
            return None
        try:
            return self._read(picture, time.monotonic())
        except FerOnnxError as error:
            return {"faces": [], "size": [1, 1], "note": str(error)}
        finally:
            self._lock.release()

    def _read(self, picture: bytes, seconds: float) -> dict[str, Any]:
        image = images.read_image(picture)
        faces = self._tracker.update(reader.read_faces(image, model=self._model), seconds)
        faces.sort(key=lambda face: face.box[0] + face.box[2] / 2)
        return {
            "faces": [_describe(face) for face in faces],
            "size": list(image.size),
            "note": "" if faces else NO_FACE,
        }


WATCHES: WeakValueDictionary[str, Watch] = WeakValueDictionary()  # a visit holds its own


async def answer_picture(request: Request) -> Response:
    """Answer a picture of a visitor's camera."""
    watch = WATCHES.get(request.path_params["key"])
    if watch is None:  # the visit has ended
        return Response(status_code=404)
    picture = bytearray()
    async for part in request.stream():
        picture += part
        if len(picture) > MAX_BYTES:
            return Response(status_code=413)
    answer = await run_in_threadpool(watch.see, bytes(picture))
    return Response(status_code=429) if answer is None else JSONResponse(answer)


ROUTE = Route("/{folder:path}live/{key}", answer_picture, methods=["POST"])


def watch_camera(model_name: str) -> None:
    """Show the camera, which is read until the visitor stops it."""
    kept = st.session_state.get("watch")
    if kept is None or kept[0] != model_name:
        answerer, _ = open_model(model_name)
        kept = st.session_state["watch"] = (model_name, Watch(answerer.model))
    CAMERA(key="camera", data={"visit": kept[1].key})


def _describe(face: Face) -> dict[str, Any]:
    prediction = face.prediction
    sure = f"{prediction.label}{'?' * prediction.uncertain} {prediction.score:.2f}"
    said = "not sure" if prediction.uncertain else prediction.label  # a score would never rest
    bars = draw_bars(prediction.scores, prediction.label) if prediction.legible else ""
    return {
        "box": list(face.box),
        "text": sure if prediction.legible else "illegible",
        "said": said if prediction.legible else "not legible",
        "colour": UNCERTAIN if prediction.uncertain else overlay.colour_of(prediction.label),
        "uncertain": prediction.uncertain,
        "card": f'<div class="card">{write_answer(prediction)}{bars}</div>',
    }

"""A visitor of the demo: does what a browser does, as far as the server can tell."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect
from websockets.typing import Subprotocol

TOKEN = "_streamlit_xsrf"
PATIENCE = 300  # seconds for an answer


class Visitor:
    """One visitor, with what was chosen on the page and what the page showed.

    Attributes:
        widgets: those that the page has shown, by their keys.
    """

    def __init__(self, address: str) -> None:
        """Open the page."""
        self.widgets: dict[str, Any] = {}
        self._address = address
        self._states: dict[str, WidgetState] = {}
        self._known: set[str] = set()  # messages that need not be sent again
        self._http = requests.Session()
        self._http.trust_env = False  # no proxy
        self._http.get(f"{address}/_stcore/health").raise_for_status()
        self._socket = connect(
            f"{address.replace('http', 'ws', 1)}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            max_size=None,
            proxy=None,
        )
        self.run()

    def run(self, see: Callable[[ForwardMsg], object] = lambda message: None) -> None:
        """Run the page and wait for its end.

        Args:
            see: called with every message.
        """
        message = BackMsg()
        message.rerun_script.query_string = ""
        message.rerun_script.widget_states.widgets.extend(self._states.values())
        message.rerun_script.cached_message_hashes.extend(self._known)
        self._socket.send(message.SerializeToString())
        kind = None
        while kind != "script_finished":
            answer = self._receive()
            kind = answer.WhichOneof("type")
            self._note(answer)
            see(answer)

    def set(self, key: str, **value: Any) -> None:
        """Set a widget, as in `bool_value=True`; the next run has it."""
        self._states[key] = WidgetState(id=self.widgets[key].id, **value)

    def press(self, key: str, option: str) -> None:
        """Press one of several buttons, and wait until the page has run."""
        self.set(key, string_array_value={"data": [option]})
        self.run()

    def upload(self, files: Sequence[tuple[str, bytes]], key: str = "uploader") -> None:
        """Upload files; the next run has them, and those uploaded before no more.

        Args:
            files: name and content of each.
            key: of the widget that takes them.
        """
        message = BackMsg()
        request = message.file_urls_request
        request.request_id, request.session_id = str(uuid.uuid4()), self._session
        request.file_names.extend(name for name, _ in files)
        self._socket.send(message.SerializeToString())
        answer = self._receive()
        while answer.WhichOneof("type") != "file_urls_response":
            answer = self._receive()
        state = WidgetState(id=self.widgets[key].id)
        urls = answer.file_urls_response.file_urls
        for (name, data), place in zip(files, urls, strict=True):
            self._put(name, data, place)
            state.file_uploader_state_value.uploaded_file_info.add(
                name=name, size=len(data), file_id=place.file_id, file_urls=place
            )
        self._states[key] = state

    def post(self, path: str, data: bytes) -> bytes:
        """Send a picture of the camera; return the answer."""
        answer = self._http.post(self._address + path, data)
        answer.raise_for_status()
        return answer.content

    def leave(self) -> None:
        """Close the page."""
        self._socket.close()
        self._http.close()

    def _put(self, name: str, data: bytes, place: FileURLs) -> None:
        headers = {"X-Xsrftoken": self._http.cookies[TOKEN] or ""}
        files = {"file": (name, data, "image/jpeg")}
        url = self._address + place.upload_url
        self._http.put(url, files=files, headers=headers).raise_for_status()

    def _receive(self) -> ForwardMsg:
        message = ForwardMsg()
        message.ParseFromString(self._socket.recv(PATIENCE))
        return message

    def _note(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if message.metadata.cacheable:
            self._known.add(message.hash)
        if kind == "new_session":
            self._session = message.new_session.initialize.session_id
        if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            widget = getattr(element, element.WhichOneof("type") or "empty")
            if name := getattr(widget, "id", ""):
                self.widgets[name.split("-", 2)[-1]] = widget

"""What a camera sees, for browsers on this machine: motion JPEG over HTTP, on loopback alone."""

import html
import io
import os
import socket
import threading
from collections.abc import Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer

from PIL import Image

from ..errors import VideoError
from ..overlay import annotate
from ..prediction import Face

ADDRESS, HOSTS = "127.0.0.1", ("127.0.0.1", "localhost")
VIEWERS = 8  # streams at once
PATIENCE = 10.0  # seconds after which a viewer is dropped that asks or takes nothing
POLL = 0.1  # seconds between looks at whether the end has come
AHEAD = 2**17  # bytes that may be on their way to a viewer, who is else behind by as many pictures
QUALITY = 85  # of a JPEG
BOUNDARY = "picture"
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{name} – fer-onnx</title>
<style>
body {{ margin: 0; background: #141414; color: #fafafa; font: 1rem/1.5 system-ui, sans-serif }}
main {{ display: grid; justify-items: center; gap: 1rem; padding: 1rem }}
h1 {{ margin: 0; font-size: 1.2rem }}
img {{ max-width: 100%; max-height: 80vh }}
p {{ margin: 0; max-width: 40rem }}
</style>
<main>
<h1>{name}</h1>
<img src="/stream" alt="What the camera sees, with a frame and a label at each face">
<p>A label says how a face looks to people who label pictures, not what a person feels. The
pictures stay on this computer and are not stored. Ctrl-C in the terminal ends this.</p>
</main>
</html>
"""


class LatestPicture:
    """The newest picture of a camera with what was found in it, for those who look.

    It is drawn and encoded once somebody looks, by the thread of whoever is first, so what reads
    the camera waits for nobody. Whoever is slow misses pictures.
    """

    def __init__(self) -> None:
        self._change, self._drawing = threading.Condition(), threading.Lock()
        self._number, self._ended = 0, False
        self._picture: tuple[Image.Image, Sequence[Face]] | None = None
        self._drawn, self._jpeg = 0, b""

    def show(self, image: Image.Image, faces: Sequence[Face]) -> None:
        """Show a picture in mode "RGB", instead of the one before."""
        with self._change:
            self._number, self._picture = self._number + 1, (image, faces)
            self._change.notify_all()

    def end(self) -> None:
        """End the wait of those who look: no more pictures come."""
        with self._change:
            self._ended = True
            self._change.notify_all()

    def wait(self, after: int) -> tuple[int, bytes] | None:
        """Wait for a picture that comes after another one.

        Args:
            after: number of that one; 0 for none.

        Returns:
            Number and JPEG of the newest picture; None if no more come.
        """
        with self._change:
            self._change.wait_for(lambda: self._ended or self._number > after)
            number, picture = self._number, self._picture
            if self._ended or picture is None:
                return None
        with self._drawing:
            if self._drawn < number:
                self._drawn, self._jpeg = number, _encode(*picture)
            return self._drawn, self._jpeg


class Broadcast:
    """A page on this machine that shows what a camera sees, while the context lasts.

    It answers on 127.0.0.1, to browsers that ask for that or for localhost by name: a page of
    somebody else whose name leads here is refused.

    Attributes:
        address: of the page.
    """

    def __init__(self, name: str, port: int = 0) -> None:
        """Take a port.

        Args:
            name: of the camera.
            port: where the page is; 0 for any that is free.

        Raises:
            VideoError: the port cannot be had.
        """
        self._latest = LatestPicture()
        page = PAGE.format(name=html.escape(name)).encode()
        try:
            self._server = _Server(port, page, self._latest)
        except OSError as exc:
            raise VideoError(f"port {port}: cannot be served on ({exc.strerror})") from exc
        self.address = f"http://{ADDRESS}:{self._server.server_port}/"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL,), daemon=True
        )

    def __enter__(self) -> "Broadcast":
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._latest.end()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def show(self, image: Image.Image, faces: Sequence[Face]) -> None:
        """Show a picture in mode "RGB" with what was found in it."""
        self._latest.show(image, faces)


class _Server(ThreadingHTTPServer):
    """What answers browsers, each in a thread of its own."""

    allow_reuse_address = os.name != "nt"  # there, two programs could then have one port

    def __init__(self, port: int, page: bytes, latest: LatestPicture) -> None:
        self.page, self.latest = page, latest
        self.places = threading.BoundedSemaphore(VIEWERS)
        super().__init__((ADDRESS, port), _Handler)

    def server_bind(self) -> None:
        """Take the port, without asking which name the address has, as the class above would."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = ADDRESS, self.server_address[1]


class _Handler(BaseHTTPRequestHandler):
    """One question of a browser."""

    server: _Server
    timeout = PATIENCE
    server_version, sys_version = "fer-onnx", ""

    def do_GET(self) -> None:
        """Answer with the page or the stream."""
        try:
            self._answer()
        except OSError:  # whoever asked is gone, or took nothing for too long
            self.close_connection = True

    def log_message(self, *args: object) -> None:
        """Write nothing about those who look."""

    def _answer(self) -> None:
        host = self.headers.get("Host", "").rsplit(":", 1)[0].lower()
        if host not in HOSTS:
            self.send_error(HTTPStatus.FORBIDDEN, explain=f"Ask for {ADDRESS} or localhost.")
        elif self.path == "/":
            self._begin("text/html; charset=utf-8")
            self.wfile.write(self.server.page)
        elif self.path != "/stream":
            self.send_error(HTTPStatus.NOT_FOUND)
        elif not self.server.places.acquire(blocking=False):
            explain = f"{VIEWERS} browsers look already."
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE, explain=explain)
        else:
            try:
                self._stream()
            finally:
                self.server.places.release()

    def _begin(self, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()

    def _stream(self) -> None:
        """Send each picture, or of those that came meanwhile the newest, until no more come."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, AHEAD)
        self._begin(f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        number = 0
        while (newest := self.server.latest.wait(number)) is not None:
            number, jpeg = newest
            head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n"
            self.wfile.write(f"{head}\r\n".encode() + jpeg + b"\r\n")
        self.wfile.write(f"--{BOUNDARY}--\r\n".encode())


def _encode(image: Image.Image, faces: Sequence[Face]) -> bytes:
    file = io.BytesIO()
    annotate(image, faces).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()

"""Nothing is stored, nothing is sent: what the page and its settings must hold."""

import asyncio
import tomllib
from pathlib import Path

from starlette.formparsers import MultiPartParser
from starlette.requests import Request

from fer_onnx import images

CONFIG = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text())


def receive_upload(size: int):
    """Receive an upload as Streamlit's server does; give the file it was put into."""
    head = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\n'
    body = head + bytes(size) + b"\r\n--x--\r\n"
    scope = {
        "type": "http",
        "method": "PUT",
        "headers": [(b"content-type", b"multipart/form-data; boundary=x")],
    }

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def parse():
        form = await Request(scope, receive).form()
        return form["f"].file

    return asyncio.run(parse())


def test_uploads_stay_in_memory(monkeypatch, open_page):
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 2**20)
    assert receive_upload(2 * 2**20)._rolled  # as it is without the page: a file on disk
    open_page()
    assert not receive_upload(8 * 2**20)._rolled


def test_no_statistics_are_gathered():
    assert CONFIG["browser"]["gatherUsageStats"] is False


def test_no_web_service_is_asked_for_the_address_of_this_computer():
    assert CONFIG["browser"]["serverAddress"] == "localhost"


def test_the_upload_limit_is_that_of_the_library(page):
    assert CONFIG["server"]["maxUploadSize"] * 2**20 == images.MAX_BYTES
    assert page.app.file_uploader[0].proto.max_upload_size_mb * 2**20 == images.MAX_BYTES

"""Nothing is stored, nothing is sent: what the page and its settings must hold."""

import asyncio
import socket
import sys
import tomllib
from pathlib import Path
from urllib.request import urlopen

import pytest
import websockets
from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from fer_onnx import limits

ROOT = Path(__file__).parents[2]
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())


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
    assert CONFIG["server"]["maxUploadSize"] * 2**20 == limits.DEFAULT.bytes
    assert page.app.file_uploader[0].proto.max_upload_size_mb * 2**20 == limits.DEFAULT.bytes


async def visit(port: int) -> list[str]:
    """Open the page as a browser does; return the kinds of messages that draw it."""
    kinds = []
    async with websockets.connect(
        f"ws://127.0.0.1:{port}/_stcore/stream",
        subprotocols=["streamlit"],
        max_size=None,
        proxy=None,
    ) as connection:
        message = BackMsg()
        message.rerun_script.query_string = ""
        await connection.send(message.SerializeToString())
        while "script_finished" not in kinds:
            message = ForwardMsg()
            message.ParseFromString(await connection.recv())
            kinds.append(message.WhichOneof("type"))
    return kinds


FLAGS = ("--server.headless", "true", "--server.address", "127.0.0.1", "--server.port")
COMMANDS = {
    "streamlit run": ("-m", "streamlit", "run", ROOT / "streamlit_app.py", *FLAGS),
    "fer-onnx demo": ("-m", "fer_onnx", "demo", "--port"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_server_leaves_nothing_and_speaks_on_loopback_alone(watch, command, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = watch("loopback")
    # from a folder without settings: those of the page must do
    python = ("env", "-C", tmp_path, sys.executable)
    headless = {"STREAMLIT_SERVER_HEADLESS": "true", "PYTHONPATH": str(ROOT / "runtime")}
    with server.start(*python, *COMMANDS[command], port, environment=headless) as process:
        for line in process.stdout:  # ends if the server does
            if "You can now view" in line:
                break
        with urlopen(f"http://127.0.0.1:{port}/") as answer:
            assert b"<!doctype html>" in answer.read().lower()
        kinds = asyncio.run(visit(port))
    assert kinds.count("delta") > 20  # the sample is read, too
    assert server.left == []
    assert server.contacts == []

"""What the server answers beside what Streamlit does."""

import asyncio

import pytest
from starlette.routing import Router

from fer_onnx.demo.routes import STYLE, list_routes


def get(path: str, folder: str) -> tuple[int, dict[str, str], str]:
    """Ask for a path of a page that is served below a folder; return status, headers and body."""
    sent: list[dict] = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
    asyncio.run(Router(list_routes(folder), redirect_slashes=False)(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(part["body"] for part in sent[1:]).decode()


@pytest.mark.parametrize(("path", "folder"), [("/", ""), ("/demo/", "demo"), ("/a/b/", "/a/b")])
def test_the_page_is_opened_with_its_style_and_asked_for_anew_each_time(path, folder):
    status, headers, document = get(path, folder)
    assert status == 200
    assert headers["cache-control"] == "no-cache"
    assert f"<style>{STYLE}</style>" in document


@pytest.mark.parametrize("path", ["/static/js/index.js", "/demo", "/_stcore/health"])
def test_every_other_address_is_left_to_streamlit(path):
    assert get(path, "demo")[0] == 404

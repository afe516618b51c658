"""What the server answers beside what Streamlit does: the page's document, and Live's pictures."""

from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from . import live
from .hooks import write_document

STYLE = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
DOCUMENT = write_document(STYLE)


async def answer_document(request: Request) -> HTMLResponse:
    """Answer what a browser asks for first."""
    return HTMLResponse(DOCUMENT, headers={"Cache-Control": "no-cache"})


def list_routes(folder: str) -> list[Route]:
    """Return the routes of a page that is served below a folder, or at the root if that is empty.

    Without the slash behind the folder Streamlit sends the browser to where there is one.
    """
    folder = folder.strip("/")
    return [Route(f"/{folder}/" if folder else "/", answer_document), live.ROUTE]


ROUTES = list_routes(st.get_option("server.baseUrlPath"))

"""What this page needs of Streamlit beyond what it documents, each with its reason.

All of it was tried with the versions that the extra `fer-onnx[demo]` allows (pyproject.toml); the
selectors of `style.css` and `page.js` belong to them too.
"""

import asyncio
from contextlib import suppress
from pathlib import Path

from starlette.formparsers import MultiPartParser
from streamlit import file_util, runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile as UploadedFile

from .. import limits
from . import heap

GRACE = 110  # seconds for a visitor who left to come back: a little less than Streamlit allows
_leaving: dict[str, asyncio.TimerHandle] = {}  # by visit


def keep_uploads_in_memory() -> None:
    """Keep Streamlit's server from writing uploads above 1 MiB to a temporary file."""
    MultiPartParser.spool_max_size = limits.DEFAULT.bytes


def write_document(style: str) -> str:
    """Return the document that a browser opens first, with a style in it.

    What the script writes of style is applied after the first elements are drawn, which then move.
    Here it is there before them, and in the body: Streamlit puts its own into the head later.
    """
    document = Path(file_util.get_static_dir(), "index.html").read_text(encoding="utf-8")
    return document.replace("</body>", f"<style>{style}</style></body>")


def identify(upload: UploadedFile) -> str:
    """Return what names an upload within a visit; two files of one name differ in it."""
    return upload.file_id


def name_visit() -> str:
    """Return what names the visit that the page is run for."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def forget_soon(visit: str) -> None:
    """Let the server drop what belongs to a visitor who has just left, unless they come back.

    Streamlit keeps a visit for two minutes, in case the connection was merely lost, and after that
    until somebody else comes and goes, which may be never.
    """
    with suppress(RuntimeError):  # no server: in tests
        loop = asyncio.get_running_loop()
        if waiting := _leaving.pop(visit, None):  # they had come back, and have left again
            waiting.cancel()
        _leaving[visit] = loop.call_later(GRACE, forget_left, visit)


def forget_left(visit: str) -> None:
    """Drop a visit: its uploads, what was read, and what Streamlit keeps for its page."""
    _leaving.pop(visit, None)
    server = runtime.get_instance()
    info = server._session_mgr.get_session_info(visit)
    if info is None or server.is_active_session(visit):
        return
    server.close_session(visit)
    # the server's main loop holds on to the session that it served last
    info.session.session_state.clear()
    heap.trim_soon()

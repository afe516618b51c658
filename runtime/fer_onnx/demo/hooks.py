"""What this page needs of Streamlit beyond what it documents, each with its reason.

All of it was tried with the versions that the extra `fer-onnx[demo]` allows (pyproject.toml); the
selectors of `style.css` and `page.js` belong to them too.
"""

import asyncio
from contextlib import suppress
from typing import Any

from starlette.formparsers import MultiPartParser
from streamlit import runtime
from streamlit.runtime.uploaded_file_manager import UploadedFile

from .. import limits

LINGER = 125  # seconds after which Streamlit gives a visitor who left up: two minutes, and a little


def keep_uploads_in_memory() -> None:
    """Keep Streamlit's server from writing uploads above 1 MiB to a temporary file."""
    MultiPartParser.spool_max_size = limits.DEFAULT.bytes


def identify(upload: UploadedFile) -> str:
    """Return what names an upload within a visit; two files of one name differ in it."""
    return upload.file_id


def forget_soon(_: Any = None) -> None:
    """Let the server drop the uploads of a visitor who has just left, once they cannot come back.

    Streamlit keeps a visit for two minutes, in case the connection was merely lost, and after that
    until somebody else comes or goes, which may be never.
    """
    with suppress(RuntimeError):  # no server: in tests
        asyncio.get_running_loop().call_later(LINGER, forget_left)


def forget_left() -> None:
    """Drop the visits that nobody can come back to."""
    if runtime.exists():
        manager: Any = runtime.get_instance()._session_mgr
        manager._session_storage._cache.expire()

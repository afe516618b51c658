"""Serve the page, let visitors look at pictures and leave; print what is kept of them, as JSON."""

import gc
import json
import socket
import sys
import threading
from collections import Counter
from pathlib import Path

import uvicorn
from streamlit import runtime
from streamlit.runtime.uploaded_file_manager import UploadedFile
from streamlit.web.server.starlette import App

from benchmarks.harness.visitor import Visitor
from fer_onnx.demo import hooks
from fer_onnx.demo.cache import Memory
from fer_onnx.demo.live import ROUTE, WATCHES
from fer_onnx.demo.pictures import Reading

SCRIPT = Path(hooks.__file__).parent / "script.py"
VISITORS, PICTURES = 2, 20


def serve() -> tuple[uvicorn.Server, str]:
    """Serve the page in this process, where it can be seen what is kept."""
    place = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(App(str(SCRIPT), routes=[ROUTE]), log_level="error"))
    threading.Thread(target=server.run, kwargs={"sockets": [place]}, daemon=True).start()
    return server, f"http://127.0.0.1:{place.getsockname()[1]}"


def count() -> dict[str, int]:
    """Count what is kept of visitors."""
    gc.collect()
    kinds = Counter(type(each) for each in gc.get_objects())
    uploads = runtime.get_instance().uploaded_file_mgr.file_storage
    return {
        "uploads": sum(map(len, uploads.values())),
        "files": kinds[UploadedFile],
        "memories": kinds[Memory],
        "readings": kinds[Reading],
        "cameras": len(WATCHES),
    }


def look(visitor: Visitor, picture: bytes) -> None:
    """Look at pictures in every view."""
    visitor.upload([(f"{number}.png", picture) for number in range(PICTURES)])
    visitor.run()
    for view in ("Table", "How it works", "Faces"):
        visitor.press("view", view)
    visitor.set("evidence", bool_value=True)
    visitor.press("origin", "Live")


def main() -> None:
    """Count while visitors look, and after they have left."""
    hooks.GRACE = 0
    left, forget = threading.Semaphore(0), hooks.forget_left

    def forget_and_tell(visit: str) -> None:
        forget(visit)
        left.release()

    hooks.forget_left = forget_and_tell
    server, address = serve()
    picture = Path(sys.argv[1]).read_bytes()
    visitors = [Visitor(address) for _ in range(VISITORS)]
    for visitor in visitors:
        look(visitor, picture)
    counts = [count()]
    for visitor in visitors:
        visitor.leave()
    for _ in visitors:
        assert left.acquire(timeout=60)
    counts.append(count())
    print(json.dumps(counts))
    server.should_exit = True


if __name__ == "__main__":
    main()

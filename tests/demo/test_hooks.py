"""Private parts of Streamlit: what is relied on is there, in the versions that are allowed."""

import asyncio
import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement
from streamlit.runtime.memory_session_storage import MemorySessionStorage

from fer_onnx.demo import hooks

ROOT = Path(__file__).parents[2]


def test_the_versions_allowed_end_with_the_one_that_this_is_tested_with():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (streamlit,) = [Requirement(line) for line in project["optional-dependencies"]["demo"]]
    major, minor = version("streamlit").split(".")[:2]
    assert streamlit.specifier.contains(version("streamlit"))
    assert not streamlit.specifier.contains(f"{major}.{int(minor) + 1}")


def test_the_document_is_streamlits_with_our_style_after_all_that_it_holds():
    document = hooks.write_document("p { color: red }")
    assert document.count('<div id="root"></div>') == 1
    assert document.rpartition("</div>")[2].split() == [
        "<style>p", "{", "color:", "red", "}</style></body>", "</html>",
    ]  # fmt: skip


def test_no_other_module_imports_what_streamlit_does_not_document():
    private = re.compile(r"streamlit\.(?!starlette|web import cli)\w+|from streamlit import")
    lines = {
        file.name: [line for line in file.read_text().splitlines() if "import" in line]
        for file in Path(hooks.__file__).parent.glob("*.py")
    }
    using = {name for name, found in lines.items() if private.search("\n".join(found))}
    assert using == {"hooks.py"}


class Server:
    """Streamlit's runtime, as far as it knows sessions."""

    def __init__(self, session, active: bool) -> None:
        info = SimpleNamespace(session=session)
        self._session_mgr = SimpleNamespace(get_session_info={"1": info}.get)
        self.closed: list[str] = []
        self.is_active_session = lambda _: active
        self.close_session = self.closed.append


@pytest.mark.parametrize("active", [False, True])
def test_a_visit_is_dropped_unless_the_visitor_came_back(monkeypatch, active):
    cleared = []
    state = SimpleNamespace(clear=lambda: cleared.append("1"))
    server = Server(SimpleNamespace(session_state=state), active)
    monkeypatch.setattr(hooks.runtime, "get_instance", lambda: server)
    hooks.forget_left("1")
    hooks.forget_left("unknown")
    assert server.closed == cleared == ([] if active else ["1"])


def test_who_leaves_is_forgotten_before_streamlit_would_and_once(monkeypatch):
    later, cancelled = [], []

    def call_later(*call):
        later.append(call)
        return SimpleNamespace(cancel=lambda: cancelled.append(call))

    async def leave():
        monkeypatch.setattr(asyncio.get_running_loop(), "call_later", call_later)
        monkeypatch.setattr(hooks, "_leaving", {})
        hooks.forget_soon("1")
        hooks.forget_soon("1")  # came back, and left again

    asyncio.run(leave())
    assert later == 2 * [(hooks.GRACE, hooks.forget_left, "1")]
    assert cancelled == later[:1]
    # after that, Streamlit holds on to a session that it does not know any more
    assert MemorySessionStorage()._cache.ttl > hooks.GRACE


def test_without_a_server_nothing_is_to_be_dropped():
    hooks.forget_soon("1")
    assert hooks._leaving == {}


def test_of_visitors_who_left_nothing_is_kept():
    program = Path(__file__).with_name("leaving.py")
    path = os.pathsep.join([str(ROOT), str(ROOT / "runtime"), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, program, ROOT / "samples" / "faces" / "astronaut.png"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    looking, left = json.loads(done.stdout.splitlines()[-1])
    assert looking["uploads"] == 40  # two visitors, 20 pictures each
    assert all(looking.values())
    assert not any(left.values()), left

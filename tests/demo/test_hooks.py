"""Private parts of Streamlit: what is relied on is there, in the versions that are allowed."""

import asyncio
import tomllib
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

from packaging.requirements import Requirement
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from fer_onnx.demo import hooks

ROOT = Path(__file__).parents[2]


def test_the_versions_allowed_end_with_the_one_that_this_is_tested_with():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (streamlit,) = [Requirement(line) for line in project["optional-dependencies"]["demo"]]
    major, minor = version("streamlit").split(".")[:2]
    assert streamlit.specifier.contains(version("streamlit"))
    assert not streamlit.specifier.contains(f"{major}.{int(minor) + 1}")


def test_a_visit_that_nobody_can_come_back_to_is_dropped(monkeypatch):
    storage = MemorySessionStorage(ttl_seconds=0)
    manager = WebsocketSessionManager(storage, None, None, None)
    monkeypatch.setattr(hooks.runtime, "exists", lambda: True)
    monkeypatch.setattr(
        hooks.runtime, "get_instance", lambda: SimpleNamespace(_session_mgr=manager)
    )
    storage.save(SimpleNamespace(session=SimpleNamespace(id="1")))
    expired = []
    monkeypatch.setattr(storage._cache, "expire", lambda: expired.append(storage._cache))
    hooks.forget_left()
    assert expired == [storage._cache]


def test_that_is_looked_after_when_a_visitor_leaves(monkeypatch):
    later = []

    async def leave():
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "call_later", lambda *call: later.append(call))
        hooks.forget_soon()

    asyncio.run(leave())
    assert later == [(hooks.LINGER, hooks.forget_left)]
    assert MemorySessionStorage()._cache.ttl < hooks.LINGER


def test_without_a_server_nothing_is_to_be_dropped():
    hooks.forget_soon()
    hooks.forget_left()

"""The page in Streamlit's own test harness, and pictures to show it."""

import html
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def keep_main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo that Streamlit makes the page `__main__`, which later tests' processes would run."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


class Page:
    """The page as a visitor sees it."""

    def __init__(self, **address: str) -> None:
        self.app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
        for name, value in address.items():
            self.app.query_params[name] = value
        self.run()

    def run(self) -> "Page":
        self.app.run()
        assert [error.value for error in self.app.exception] == []
        return self

    def upload(self, *files: tuple[str, bytes]) -> "Page":
        values = [(name, data, f"image/{name.rsplit('.', 1)[-1]}") for name, data in files]
        self.app.file_uploader[0].set_value(values)
        return self.run()

    def choose(self, option: str) -> "Page":
        """Press the button of that name."""
        group = next(each for each in self.app.button_group if option in each.options)
        group.set_value(option)
        return self.run()

    def switch(self, label: str) -> "Page":
        next(each for each in self.app.toggle if label in each.label).set_value(True)
        return self.run()

    @property
    def said(self) -> str:
        """What a screen reader says when it changes."""
        (script,) = [each for each in self.app.get("bidi_component") if each.key == "script"]
        return json.loads(script.proto.json)["said"]

    @property
    def images(self) -> list[SimpleNamespace]:
        """Every picture on the page, with alternative text and address."""
        found = re.findall(r'<img [^>]*?src="(.*?)"[^>]*? alt="(.*?)"', self.html)
        return [SimpleNamespace(url=url, alt=html.unescape(alt)) for url, alt in found]

    @property
    def pictures(self) -> list[str]:
        """The names below the pictures."""
        return [html.unescape(name) for name in re.findall(r"<h2>(.*?)</h2>", self.html)]

    @property
    def answers(self) -> list[str]:
        """The answer of every card."""
        return re.findall(r'<p class="answer.*?</p>', self.html)

    @property
    def bars(self) -> list[dict[str, float]]:
        """The labels and percentages of every block of bars."""
        row = re.compile(r"<span>(.*?)</span><i></i><b>(.*?)%</b>")
        blocks = re.findall(r'<ul class="bars.*?</ul>', self.html)
        return [{label: float(share) for label, share in row.findall(block)} for block in blocks]

    @property
    def facts(self) -> dict[str, str]:
        """What the model says of itself."""
        (block,) = re.findall(r'<dl class="facts.*?</dl>', self.html)
        return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", block))

    @property
    def explained_words(self) -> str:
        (block,) = re.findall(r'<dl class="words.*?</dl>', self.html)
        return block

    @property
    def charts(self) -> list[dict]:
        """The Vega-Lite specifications of all charts."""
        return [json.loads(each.proto.spec) for each in self.app.get("vega_lite_chart")]

    @property
    def errors(self) -> list[str]:
        found = re.findall(r'<p class="notice error" role="alert">(.*?)</p>', self.html)
        return [html.unescape(line) for line in found]

    @property
    def notes(self) -> list[str]:
        found = re.findall(r'<p class="notice">(.*?)</p>', self.html)
        return [html.unescape(line) for line in found]

    @property
    def text(self) -> str:
        written = "\n".join(markdown.value for markdown in self.app.markdown)
        return unescape(written) + re.sub(r"<.*?>", "", self.html)

    @property
    def html(self) -> str:
        """What the page writes by itself, its style aside."""
        blocks = [element.value for element in self.app.html]
        return "\n".join(block for block in blocks if not block.startswith("<style>"))


def unescape(markdown: str) -> str:
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown)


@pytest.fixture(autouse=True)
def fresh_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start without arguments, and with nothing kept from the test before."""
    monkeypatch.setattr("sys.argv", ["streamlit_app.py"])
    st.cache_resource.clear()


@pytest.fixture
def open_page() -> Callable[..., Page]:
    return Page


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture(scope="session")
def portrait() -> bytes:
    return (ROOT / "samples" / "astronaut.png").read_bytes()


@pytest.fixture(scope="session")
def crop() -> bytes:
    """A face so small that no detector is asked."""
    return (ROOT / "samples" / "faces" / "astronaut.png").read_bytes()

"""The page in Streamlit's own test harness, and pictures to show it."""

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

    def __init__(self) -> None:
        self.app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
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
    def images(self) -> list[SimpleNamespace]:
        """Every picture on the page, with caption, alternative text and address."""
        lists = [element.proto.imgs for element in self.app.image]
        return [
            SimpleNamespace(caption=unescape(image.caption), url=image.url, alt=image.alt)
            for images in lists
            for image in images
        ]

    @property
    def pictures(self) -> list[str]:
        """The captions of the annotated pictures."""
        return [image.caption for image in self.images if image.caption]

    @property
    def answers(self) -> list[str]:
        """One large line of HTML for each face."""
        return [html for html in self._html if html.startswith('<p class="answer')]

    @property
    def bars(self) -> list[dict[str, float]]:
        """The labels and percentages of every block of bars."""
        row = re.compile(r"<span>(.*?)</span><i></i><b>(.*?)%</b>")
        blocks = [html for html in self._html if html.startswith('<ul class="bars')]
        return [{label: float(share) for label, share in row.findall(html)} for html in blocks]

    @property
    def facts(self) -> dict[str, str]:
        """What the model says of itself."""
        (block,) = [html for html in self._html if html.startswith('<dl class="facts')]
        return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", block))

    @property
    def explained_words(self) -> str:
        (block,) = [html for html in self._html if html.startswith('<dl class="words')]
        return block

    @property
    def charts(self) -> list[dict]:
        """The Vega-Lite specifications of all charts."""
        return [json.loads(each.proto.spec) for each in self.app.get("vega_lite_chart")]

    @property
    def errors(self) -> list[str]:
        return [unescape(error.value) for error in self.app.error]

    @property
    def notes(self) -> list[str]:
        return [unescape(note.value) for note in self.app.info]

    @property
    def text(self) -> str:
        return unescape("\n".join(markdown.value for markdown in self.app.markdown))

    @property
    def _html(self) -> list[str]:
        return [element.value for element in self.app.html]


def unescape(markdown: str) -> str:
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown)


@pytest.fixture(autouse=True)
def fresh_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start without arguments, and with nothing kept from the test before."""
    monkeypatch.setattr("sys.argv", ["streamlit_app.py"])
    st.cache_resource.clear()


@pytest.fixture
def open_page() -> Callable[[], Page]:
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

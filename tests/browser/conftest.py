"""The page, served as `streamlit run` serves it, in Debian's chromium without a screen."""

import io
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
PATIENCE = 60_000  # milliseconds; machines are slow, and waiting ends as soon as there is an answer
ARGUMENTS = (
    "--no-sandbox",  # as root there is none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
expect.set_options(timeout=PATIENCE)
# the page runs no script, and nothing in it is stale or moves
SETTLED = """document.querySelector('[data-test-script-state="notRunning"]')
    && !document.querySelector('[data-stale="true"]')
    && document.getAnimations().every(one => one.playState !== "running")"""


@pytest.fixture(scope="session")
def server_log(tmp_path_factory) -> Path:
    """The file that the server writes its warnings and errors to."""
    return tmp_path_factory.mktemp("server") / "log"


@pytest.fixture(scope="session")
def address(server_log) -> Iterator[str]:
    """Serve the page, and give its address; at the end, nothing was logged."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    options = ["--server.headless=true", f"--server.port={port}", "--server.fileWatcherType=none"]
    path = os.pathsep.join([str(ROOT / "runtime"), os.environ.get("PYTHONPATH", "")])
    with server_log.open("w") as log:
        server = subprocess.Popen(
            [*command, *options], cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, stderr=log
        )
    try:
        _wait(f"http://localhost:{port}/_stcore/health", server)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(10)
    assert server_log.read_text() == ""


@pytest.fixture(scope="module")  # while Playwright's event loop runs, Streamlit's tests cannot
def launch() -> Iterator[Callable[..., Browser]]:
    """Start browsers, each with arguments of its own."""
    with sync_playwright() as playwright:

        def start(*arguments: str) -> Browser:
            return playwright.chromium.launch(
                executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
                args=[*ARGUMENTS, *arguments],
            )

        yield start


@pytest.fixture(scope="module")
def browser(launch, tmp_path_factory) -> Iterator[Browser]:
    """Start a browser whose camera sees the portraits."""
    film = tmp_path_factory.mktemp("camera") / "camera.mjpeg"
    film.write_bytes(5 * to_jpeg(pair_portraits()))
    browser = launch(f"--use-file-for-fake-video-capture={film}")
    yield browser
    browser.close()


@pytest.fixture
def page(browser, address) -> Iterator[Page]:
    """Open the page; at the end, the console has no errors and nothing was sent elsewhere."""
    yield from visit(browser, address)


@pytest.fixture
def phone(browser, address) -> Iterator[Page]:
    """Open the page at the width of a phone, in the dark."""
    size = {"width": 390, "height": 844}
    yield from visit(browser, address, viewport=size, color_scheme="dark")


def visit(browser: Browser, address: str, script: str = "", **options) -> Iterator[Page]:
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 860}, **options})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    if script:
        page.add_init_script(f"({script})()")
    errors, strangers = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: said.type == "error" and errors.append(said.text))
    page.on("request", lambda request: _is_ours(request.url) or strangers.append(request.url))
    page.goto(address)
    expect(page.locator("p.answer")).to_have_count(1)
    yield page
    context.close()
    assert errors == []
    assert strangers == []


def pair_portraits(size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Put the two portraits side by side."""
    canvas, half = Image.new("RGB", size, (60, 60, 60)), size[0] // 2
    for left, name in ((0, "astronaut.png"), (half, "hopper.jpg")):
        portrait = Image.open(SAMPLES / name).convert("RGB").resize((half, half))
        canvas.paste(portrait, (left, (size[1] - half) // 2))
    return canvas


def to_jpeg(image: Image.Image, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=92, **options)
    return file.getvalue()


def _is_ours(url: str) -> bool:
    return url.startswith(("http://localhost:", "ws://localhost:", "data:", "blob:"))


def _wait(health: str, server: subprocess.Popen) -> None:
    end = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < end:
        assert server.poll() is None, "the server did not start"
        try:
            with urlopen(health, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"no answer from {health}")

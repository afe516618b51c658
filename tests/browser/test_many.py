"""Many pictures: reading them can be stopped, and what was read stays."""

import os
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import SAMPLES, SETTLED, to_jpeg
from tests.browser.test_accessibility import find_violations
from tests.browser.test_demo import choose, upload

FILES = 60
SIDE = 2400  # pixels of a picture, which takes a while to read
NOT_READ = re.compile(r"^(\d+) of (\d+) pictures were not read\.$")


@pytest.fixture(scope="module")
def large() -> bytes:
    portrait = Image.open(SAMPLES / "astronaut.png").convert("RGB")
    return to_jpeg(portrait.resize((SIDE, SIDE)))


def count_rows(page) -> int:
    """Return how many faces the table holds, as the buttons that filter it say."""
    texts = page.locator(".st-key-answers").get_by_role("button").all_inner_texts()
    return sum(int(text.split()[-1]) for text in texts if text)  # one has a sign alone: help


def stop(page) -> tuple[int, int]:
    """Stop when some are read and some are not; return how many were left, and of how many."""
    progress = page.get_by_test_id("stProgress")
    expect(progress).to_contain_text(re.compile(r"^[1-9]\d* of \d+ pictures read, about .* left"))
    page.get_by_role("button", name="Stop", exact=True).click()
    note = page.locator(".st-key-progress .notice")
    expect(note).to_have_text(NOT_READ)
    page.wait_for_function(SETTLED)
    expect(progress).to_have_count(0)
    left, total = map(int, NOT_READ.match(note.inner_text()).groups())
    assert 0 < left < total
    return left, total


# the name below the only picture, and whether an answer is on the page
SHOWN = """() => {
    const names = [...document.querySelectorAll("figcaption h2")].map(one => one.textContent);
    const answered = document.querySelectorAll("p.answer").length > 0;
    window.shown.push(`${names.join()}: ${answered ? "answered" : "being read"}`);
}"""
WATCH = f"""() => {{
    window.shown = [];
    new MutationObserver({SHOWN}).observe(document.body, {{ childList: true, subtree: true }});
}}"""


def test_the_last_answer_is_gone_while_a_large_picture_is_read(page):
    portrait = Image.open(SAMPLES / "astronaut.png").convert("RGB")
    page.evaluate(WATCH)
    upload(page, ("large.jpg", to_jpeg(portrait.resize((7000, 7000)))))
    expect(page.locator(".reading:not(.waiting) h2")).to_have_text("large.jpg")
    expect(page.locator("p.answer")).to_have_count(1)
    shown = page.evaluate("window.shown")
    named = list(dict.fromkeys(line for line in shown if line.startswith("large.jpg")))
    assert named == ["large.jpg: being read", "large.jpg: answered"]
    page.wait_for_function(SETTLED)  # who leaves before makes Streamlit log an error


def test_stopping_keeps_what_was_read_and_says_how_many_were_left(page, large):
    choose(page, "Table")
    upload(page, *((f"{number}.jpg", large) for number in range(FILES)))
    left, total = stop(page)
    assert total == FILES
    busy = os.cpu_count() or 1  # those that were being read may still be finished
    assert FILES - left <= count_rows(page) <= FILES - left + busy
    assert find_violations(page) == []
    page.get_by_role("button", name="Read the rest").click()
    expect(page.locator(".st-key-progress .notice")).to_have_count(0)
    expect(page.locator(".st-key-answers")).to_contain_text(f"happy {FILES}")
    assert count_rows(page) == FILES
    page.wait_for_function(SETTLED)


def test_pictures_that_were_not_read_keep_their_places(page, large):
    upload(page, *((f"{number}.jpg", large) for number in range(12)))
    left, total = stop(page)
    assert total == 12
    expect(page.locator("figcaption h2")).to_have_text([f"{n}.jpg" for n in range(12)])
    expect(page.get_by_text("Not read.", exact=True)).to_have_count(
        page.locator(".reading.waiting").count()
    )
    assert page.locator("article.card").count() >= total - left
    page.get_by_role("button", name="Read the rest").click()
    expect(page.locator("article.card")).to_have_count(12)
    expect(page.locator(".reading.waiting")).to_have_count(0)
    page.wait_for_function(SETTLED)

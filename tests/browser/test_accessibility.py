"""The page for those who do not see it, or not well: no rule of axe is broken in any view."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import SAMPLES, SETTLED, pair_portraits, to_jpeg, visit
from tests.browser.test_demo import choose, upload


@pytest.fixture(params=["light", "dark"])
def themed(request, browser, address):
    """Open the page in a theme."""
    yield from visit(browser, address, color_scheme=request.param)


def find_violations(page) -> list[tuple[str, list[str]]]:
    """Return the rules of accessibility that are broken, with the elements that break them."""
    page.wait_for_function(SETTLED)  # what fades has the contrast of neither end
    found = Axe().run(page).response["violations"]
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]


def test_no_rule_of_accessibility_is_broken_by_what_can_be_opened(themed):
    themed.get_by_text("Model and threshold").click()
    expect(themed.locator("dl.facts")).to_be_visible()
    themed.get_by_text("pixels it gets").click()
    themed.get_by_text("Where it looked").click()
    expect(themed.locator(".card img")).to_have_count(2)
    assert find_violations(themed) == []
    choose(themed, "Happy or sad?")
    expect(themed.locator("p.answer.large")).to_have_count(1)
    choose(themed, "Samples")
    expect(themed.locator(".st-key-sample")).to_be_visible()
    assert find_violations(themed) == []
    for view, mark in (("Table", "[data-testid=stDataFrame]"), ("How it works", "ol.steps")):
        choose(themed, view)  # of the question with two answers
        expect(themed.locator(mark)).to_be_visible()
        assert find_violations(themed) == []
    choose(themed, "Faces")
    themed.locator(".st-key-sample").get_by_role("radio").last.click()
    expect(themed.locator(".reading.none")).to_be_visible()
    assert find_violations(themed) == []


def test_no_rule_of_accessibility_is_broken_by_cameras(themed):
    choose(themed, "Snapshot")
    expect(themed.get_by_role("button", name="Take Photo")).to_be_visible()
    assert find_violations(themed) == []
    choose(themed, "Live")
    expect(themed.get_by_role("button", name="Start the camera")).to_be_visible()
    assert find_violations(themed) == []
    themed.get_by_role("button", name="Start the camera").click()
    expect(themed.locator(".cards h2")).to_have_count(2)
    assert find_violations(themed) == []
    themed.route("**/live/*", lambda route: None)  # never answered
    expect(themed.locator(".status")).to_contain_text("No answer")
    assert find_violations(themed) == []


def test_no_rule_of_accessibility_is_broken_by_many_pictures(themed):
    crop = (SAMPLES / "faces" / "hopper.png").read_bytes()
    upload(themed, *((f"{number}.png", crop) for number in range(13)))
    expect(themed.locator("article.card")).to_have_count(12)
    assert find_violations(themed) == []


def test_an_uploader_that_comes_after_the_script_of_the_page_has_a_role_too(browser, address):
    page, held = browser.new_page(), []
    page.route("**/FileUploader.*.js", lambda route: held.append(route))
    page.goto(address)
    expect(page.locator("#fer-onnx-said")).to_be_attached()
    held[0].continue_()
    dropzone = page.get_by_test_id("stFileUploaderDropzone")
    expect(dropzone).to_have_attribute("role", "group")
    expect(dropzone.locator("input")).to_have_attribute("accept", re.compile(r"\.png"))
    page.close()


# every text that the region has had since
LISTEN = """() => {
    const region = document.getElementById("fer-onnx-said");
    window.said = [];
    new MutationObserver(() => window.said.push(region.textContent))
        .observe(region, { childList: true, characterData: true, subtree: true });
}"""


def test_a_changed_answer_is_said_to_screen_readers_and_no_other(page):
    region = page.locator("#fer-onnx-said")
    expect(region).to_be_attached()
    expect(region).to_have_text("")
    page.evaluate(LISTEN)
    upload(page, ("pair.jpg", to_jpeg(pair_portraits((1280, 800)))))
    expect(region).to_contain_text("pair.jpg: happy (")
    page.get_by_text("Where it looked").click()
    page.wait_for_function(SETTLED)
    for view in ("Table", "How it works", "Faces"):
        choose(page, view)
        page.wait_for_function(SETTLED)
    assert len(page.evaluate("window.said")) == 1  # another view is no other answer
    choose(page, "Happy or sad?")
    expect(page.locator("p.answer.large")).to_have_count(2)
    page.wait_for_function("window.said.length === 2")
    first, second = page.evaluate("window.said")
    assert first != second

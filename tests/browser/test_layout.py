"""The page on screens of several widths and in both themes: what is where, and what moves."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import pair_portraits, to_jpeg, visit
from tests.browser.test_demo import choose, frames, upload

SIZES = {1440: 900, 390: 844, 320: 700}
WATCH = """() => {
    window.shifts = [];
    new PerformanceObserver(list => window.shifts.push(...list.getEntries().map(one => one.value)))
        .observe({ type: "layout-shift", buffered: true });
}"""
# rows of text in each button: its height over that of a line
ROWS = """elements => elements.filter(one => one.getClientRects().length).map(one =>
    Math.round(one.getBoundingClientRect().height / parseFloat(getComputedStyle(one).lineHeight))
)"""


SETTLED = """!document.querySelector('[data-stale="true"]')
    && document.getAnimations().every(one => one.playState !== "running")"""
SCREENS = [
    (1440, "light"), (1440, "dark"), (390, "light"), (390, "dark"), (320, "dark"),
]  # fmt: skip


@pytest.fixture(params=SCREENS)
def screen(request, browser, address):
    """Open the page at a width, in a theme; shifts of its layout are counted."""
    width, theme = request.param
    size = {"width": width, "height": SIZES[width]}
    yield from visit(browser, address, script=WATCH, viewport=size, color_scheme=theme)


def widest(page) -> int:
    return page.evaluate("document.querySelector('.stMain').scrollWidth")


@pytest.mark.xfail(
    reason="Streamlit draws parts of the page late: shifts of 0.2 to 0.6", strict=False
)
def test_the_layout_holds_still_while_the_page_opens(screen):
    screen.wait_for_load_state("networkidle")
    assert sum(screen.evaluate("window.shifts")) < 0.1


def test_the_answer_is_above_the_fold_and_nothing_is_wider_than_the_screen(screen):
    if screen.viewport_size["width"] > 320:  # on the narrowest, the choices above it take more rows
        answer = screen.locator("p.answer").bounding_box()
        assert answer["y"] + answer["height"] < screen.viewport_size["height"]
    upload(screen, ("pair.jpg", to_jpeg(pair_portraits((1280, 800)))))
    expect(screen.locator(".reading .card")).to_have_count(2)
    for view in ("Faces", "Table", "How it works"):
        choose(screen, view)
        expect(screen.get_by_text("Looks, not feelings.")).to_be_attached()
        assert widest(screen) <= screen.viewport_size["width"]


def test_buttons_stay_on_one_line(screen):
    texts = screen.get_by_role("radio").locator("p")
    expect(texts.last).to_be_visible()
    assert set(texts.evaluate_all(ROWS)) == {1}


def test_no_rule_of_accessibility_is_broken(screen):
    axe = Axe()
    upload(screen, ("pair.jpg", to_jpeg(pair_portraits((1280, 800)))), ("text.jpg", b"hello"))
    expect(screen.locator(".notice.error")).to_be_visible()
    for origin in ("Upload", "Samples"):
        choose(screen, origin)
        for view in ("Faces", "Table", "How it works"):
            choose(screen, view)
            expect(screen.get_by_role("radio", name=view)).to_be_checked()
            screen.wait_for_function(SETTLED)  # what fades has the contrast of neither end
            found = axe.run(screen).response["violations"]
            assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []


def test_uploads_and_switches_stay_when_the_view_changes(page):
    upload(page, ("pair.jpg", to_jpeg(pair_portraits((1280, 800)))))
    expect(frames(page)).to_have_text("pair.jpg")
    page.get_by_text("pixels it gets").click()
    expect(page.locator(".card img.pixels")).to_have_count(2)
    for name in ("Samples", "Table", "Upload", "Faces"):
        choose(page, name)
    expect(frames(page)).to_have_text("pair.jpg")
    expect(page.locator(".card img.pixels")).to_have_count(2)
    expect(page.get_by_test_id("stFileUploader")).to_contain_text("pair.jpg")


def test_the_address_leads_back_to_view_question_and_model(page):
    choose(page, "Table")
    expect(page).to_have_url(re.compile("view=Table"))
    page.reload()
    expect(page.locator("[data-testid=stDataFrame]")).to_be_visible()
    choose(page, "Happy or sad?")
    expect(page).to_have_url(re.compile("question=Happy"))


def test_hovering_a_card_lights_its_frame(page):
    upload(page, ("pair.jpg", to_jpeg(pair_portraits((1280, 800)))))
    cards, marks = page.locator(".reading .card"), page.locator(".frame")
    expect(cards).to_have_count(2)
    for number in (0, 1):
        cards.nth(number).hover()
        expect(page.locator(".frame.lit")).to_have_count(1)
        key = cards.nth(number).get_attribute("data-face")
        assert page.locator(".frame.lit").get_attribute("data-face") == key
    assert [box.bounding_box()["x"] for box in marks.all()] == sorted(
        box.bounding_box()["x"] for box in marks.all()
    )


def test_a_changed_answer_is_said_to_screen_readers(page):
    region = page.locator("#fer-onnx-said")
    expect(region).to_have_text("")
    upload(page, ("pair.jpg", to_jpeg(pair_portraits((1280, 800)))))
    expect(region).to_contain_text("pair.jpg: happy (")

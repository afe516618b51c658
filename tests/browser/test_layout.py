"""The page on screens of several widths and in both themes: what is where, and what moves."""

import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import SAMPLES, SETTLED, pair_portraits, to_jpeg, visit
from tests.browser.test_accessibility import find_violations
from tests.browser.test_demo import choose, frames, upload
from tests.browser.test_phone import expect_above_the_fold

SIZES = {1440: 900, 1280: 800, 768: 1024, 390: 844, 320: 700}
WATCH = """() => {
    window.shifts = [];
    new PerformanceObserver(list => window.shifts.push(...list.getEntries().map(one => one.value)))
        .observe({ type: "layout-shift", buffered: true });
}"""
# rows of text in each button: its height over that of a line
ROWS = """elements => elements.filter(one => one.getClientRects().length).map(one =>
    Math.round(one.getBoundingClientRect().height / parseFloat(getComputedStyle(one).lineHeight))
)"""


# what only one view has
MARKS = {
    "Faces": ".st-key-pixels", "Table": "[data-testid=stDataFrame]", "How it works": "ol.steps",
}  # fmt: skip
SCREENS = [
    (1440, "light"), (1440, "dark"), (1280, "light"), (768, "dark"), (390, "light"), (390, "dark"),
    (320, "dark"),
]  # fmt: skip


@pytest.fixture(params=SCREENS, ids=[f"{width}-{theme}" for width, theme in SCREENS])
def screen(request, browser, address):
    """Open the page at a width, in a theme; shifts of its layout are counted."""
    width, theme = request.param
    size = {"width": width, "height": SIZES[width]}
    yield from visit(browser, address, script=WATCH, viewport=size, color_scheme=theme)


def widest(page) -> int:
    return page.evaluate("document.querySelector('.stMain').scrollWidth")


def test_the_layout_holds_still_while_the_page_opens(screen):
    screen.wait_for_load_state("networkidle")
    screen.wait_for_function(SETTLED)
    assert sum(screen.evaluate("window.shifts")) < 0.1


def test_the_answer_is_above_the_fold_and_nothing_is_wider_than_the_screen(screen):
    shown = screen.locator("p.answer" if screen.viewport_size["width"] == 320 else ".card")
    expect_above_the_fold(shown)
    upload(screen, ("pair.jpg", to_jpeg(pair_portraits((1280, 800)))))
    expect(screen.locator(".reading .card")).to_have_count(2)
    for view in ("Faces", "Table", "How it works"):
        choose(screen, view)
        expect(screen.get_by_text("Looks, not feelings.")).to_be_attached()
        assert widest(screen) <= screen.viewport_size["width"]


def test_a_small_picture_is_enlarged_twice_at_most(page):
    small = Image.open(SAMPLES / "astronaut.png").convert("RGB").resize((160, 160))
    upload(page, ("small.jpg", to_jpeg(small)))
    expect(frames(page)).to_have_text("small.jpg")
    expect(page.locator(".frames img")).to_have_js_property("naturalWidth", 160)
    page.wait_for_function(SETTLED)
    assert page.locator(".frames").bounding_box()["width"] == 320


def test_title_and_buttons_stay_on_one_line(screen):
    screen.wait_for_function(SETTLED)
    texts = screen.get_by_role("radio").locator("p")
    expect(texts.last).to_be_visible()
    assert set(texts.evaluate_all(ROWS)) == {1}
    for group in ("question", "origin", "view"):
        buttons = screen.locator(f".st-key-{group}").get_by_role("radio").all()
        assert len({button.bounding_box()["y"] for button in buttons}) == 1
    title, menu = screen.locator("h1 span").first, screen.get_by_label("Main menu")
    assert screen.locator("h1").evaluate_all(ROWS) == [1]
    assert title.bounding_box()["x"] + title.bounding_box()["width"] <= menu.bounding_box()["x"]


def test_samples_stand_in_one_row_and_the_one_that_is_shown_is_marked(screen):
    choose(screen, "Samples")
    samples = screen.locator(".st-key-sample").get_by_role("radio")
    expect(samples).to_have_count(5)
    assert len({each.bounding_box()["y"] for each in samples.all()}) == 1
    for number in (0, 4):
        samples.nth(number).click()
        marks = "all => all.map(one => getComputedStyle(one).boxShadow !== 'none')"
        expect(samples.nth(number)).to_be_checked()
        screen.wait_for_function(SETTLED)
        assert samples.evaluate_all(marks) == [number == i for i in range(5)]
    expect(screen.locator(".reading.none .notice")).to_be_in_viewport()


def test_every_column_of_the_table_is_in_view_on_a_wide_screen(screen):
    choose(screen, "Table")
    table = screen.locator(".dvn-scroller")
    expect(table).to_be_visible()
    hidden = table.evaluate("one => one.scrollWidth - one.clientWidth")
    assert (hidden <= 0) == (screen.viewport_size["width"] >= 1280)


def test_notices_and_the_card_in_hand_stand_out(screen):
    upload(screen, ("pair.jpg", to_jpeg(pair_portraits((1280, 800)))), ("text.jpg", b"hello"))
    expect(screen.locator(".notice.error")).to_have_css("background-color", re.compile("0.14"))
    card = screen.locator("article.card").first  # the place that waits for it is no article
    card.hover()
    expect(card).to_have_css("box-shadow", re.compile("rgb.* 0px 0px 0px 2px"))


def test_no_rule_of_accessibility_is_broken(screen):
    upload(screen, ("pair.jpg", to_jpeg(pair_portraits((1280, 800)))), ("text.jpg", b"hello"))
    expect(screen.locator(".notice.error")).to_be_visible()
    for origin in ("Upload", "Samples"):
        choose(screen, origin)
        expect(screen.locator(".st-key-sample")).to_have_count(int(origin == "Samples"))
        for view, mark in MARKS.items():
            choose(screen, view)
            for other in MARKS.values():
                expect(screen.locator(other)).to_have_count(int(other == mark))
            assert find_violations(screen) == []


def test_uploads_and_switches_stay_when_the_view_changes(page):
    upload(page, ("pair.jpg", to_jpeg(pair_portraits((1280, 800)))))
    expect(frames(page)).to_have_text("pair.jpg")
    page.get_by_text("pixels it gets").click()
    expect(page.locator(".card img.pixels")).to_have_count(2)
    for name in ("Samples", "Table", "Live", "Snapshot", "How it works", "Upload", "Faces"):
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


def test_the_address_opens_what_it_names(page, address):
    page.goto(f"{address}/?view=Table&model=emotions-fer2013")
    expect(page.locator("[data-testid=stDataFrame]")).to_be_visible()
    page.get_by_text("Model and threshold").click()
    expect(page.locator("dl.facts")).to_contain_text("emotions-fer2013")
    page.goto(f"{address}/?question=Happy+or+sad%3F")
    expect(page.locator("p.answer.large")).to_have_count(1)


@pytest.mark.parametrize("model", ["/etc/passwd", "faces", "..%2Fown.onnx", "%3Cb%3E"])
def test_the_address_opens_no_model_but_those_offered(page, address, model):
    page.goto(f"{address}/?view=How+it+works&model={model}")
    expect(page.locator("ol.steps")).to_be_visible()
    page.get_by_text("Model and threshold").click()
    expect(page.locator("dl.facts dd").first).to_have_text("emotions")
    expect(page.locator(".notice.error")).to_have_count(0)
    assert "model=" not in page.url


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

"""The page on screens of several widths and in both themes: what is where, and what moves."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import SAMPLES, pair_portraits, to_jpeg, visit
from tests.browser.test_demo import choose, frames, upload

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


SETTLED = """document.querySelector('[data-test-script-state="notRunning"]')
    && !document.querySelector('[data-stale="true"]')
    && document.getAnimations().every(one => one.playState !== "running")"""
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
    box = shown.bounding_box()
    assert box["y"] + box["height"] < screen.viewport_size["height"]
    upload(screen, ("pair.jpg", to_jpeg(pair_portraits((1280, 800)))))
    expect(screen.locator(".reading .card")).to_have_count(2)
    for view in ("Faces", "Table", "How it works"):
        choose(screen, view)
        expect(screen.get_by_text("Looks, not feelings.")).to_be_attached()
        assert widest(screen) <= screen.viewport_size["width"]


def test_title_and_buttons_stay_on_one_line(screen):
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

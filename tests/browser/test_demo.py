"""The demo as people use it: every way to give a picture, every view, and what is taken home."""

import base64
import io
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from fer_onnx.cli import main
from tests.browser.conftest import ROOT, SAMPLES, SETTLED, pair_portraits, to_jpeg

SHOT = ROOT / "docs" / "images" / "demo.png"
# tells whether the page took the picture; before its script is there, nobody does
PASTE = """encoded => {
    const bytes = Uint8Array.from(atob(encoded), character => character.charCodeAt(0));
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([bytes], "pasted.png", { type: "image/png" }));
    const event = new ClipboardEvent("paste", { clipboardData, cancelable: true });
    return !document.dispatchEvent(event);
}"""

# the camera is granted when the test says so
HOLD_BACK = """() => {
    const devices = navigator.mediaDevices, get = devices.getUserMedia.bind(devices);
    window.asked = [];
    window.given = [];
    devices.getUserMedia = async wanted => {
        await new Promise(grant => window.asked.push(grant));
        const stream = await get(wanted);
        window.given.push(stream);
        return stream;
    };
}"""
# after what waits for a stream has run
LIVE = """() => new Promise(done => setTimeout(done, 500)).then(
    () => window.given.filter(stream => stream.active).length)"""


def choose(page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click()


def upload(page, *files: tuple[str, bytes]) -> None:
    page.locator("input[type=file]").set_input_files(
        [{"name": name, "mimeType": "image/jpeg", "buffer": data} for name, data in files]
    )


def take_photo(page) -> None:
    """Press the button until it works: while the camera starts, Streamlit ignores it."""
    taken = page.get_by_role("button", name="Clear photo")
    page.wait_for_function("document.querySelector('video')?.currentTime > 1")  # past black frames
    for _ in range(12):
        page.get_by_role("button", name="Take Photo").click()
        with suppress(AssertionError):
            return expect(taken).to_be_visible(timeout=5_000)
    raise AssertionError("no photo was taken in a minute")


def frames(page):
    """The names of the pictures, below them."""
    return page.locator("figcaption h2")


@pytest.fixture(scope="module")
def sideways() -> bytes:
    """A picture as phones write it: it lies on its side, and EXIF says so."""
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = Image.open(SAMPLES / "hopper.jpg").transpose(Image.Transpose.ROTATE_90)
    return to_jpeg(turned, exif=exif)


def test_it_opens_on_a_result(page):
    expect(frames(page)).to_have_text("Eileen Collins · NASA, public domain")
    expect(page.locator("ul.bars li")).to_have_count(7)


def test_several_faces_stand_side_by_side(page):
    upload(page, ("pair.jpg", to_jpeg(pair_portraits((1280, 800)))))
    expect(frames(page)).to_have_text("pair.jpg")
    cards = page.locator(".reading .card")
    expect(cards).to_have_count(2)
    left, right = (card.bounding_box() for card in cards.all())
    assert left["y"] == right["y"]
    assert left["x"] < right["x"]


def test_visitors_at_once_each_see_their_own_picture_of_the_same_name(page, phone, sideways):
    upload(page, ("me.jpg", sideways))
    upload(phone, ("me.jpg", to_jpeg(pair_portraits())))
    for visitor, faces in ((page, 1), (phone, 2)):
        expect(frames(visitor)).to_have_text("me.jpg")
        expect(visitor.locator("p.answer")).to_have_count(faces)


def test_a_phone_picture_stands_upright(page, sideways):
    upload(page, ("phone.jpg", sideways))
    expect(frames(page)).to_have_text("phone.jpg")
    expect(page.locator("p.answer")).to_have_count(1)
    shown = page.locator(".frames img")
    expect(shown).to_have_js_property("naturalHeight", 600)
    expect(shown).to_have_js_property("naturalWidth", 512)
    box = shown.bounding_box()
    assert box["height"] > box["width"]


def test_what_cannot_be_read_is_told_in_words_and_the_rest_is_answered(page, sideways):
    bomb = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(bomb, "PNG")
    upload(page, ("text.jpg", b"hello"), ("bomb.png", bomb.getvalue()), ("me.jpg", sideways))
    notices = page.locator(".notice.error")  # the first is said to screen readers too
    expect(notices).to_have_count(2)
    expect(notices.first).to_have_text("text.jpg: not a JPEG, PNG, WebP, BMP or GIF image")
    expect(notices.last).to_contain_text("bomb.png: 10000x10000 pixels, more than 80")
    expect(frames(page)).to_have_text("me.jpg")


VIEWS = ["Upload", "Snapshot", "Live", "Samples", "Table", "How it works", "Happy or sad?"]
# notes from now on whether the page runs its script
NOTE_RUNS = """() => {
    const app = document.querySelector("[data-test-script-state]");
    const note = () => { window.ran ||= app.dataset.testScriptState !== "notRunning"; };
    new MutationObserver(note).observe(app, { attributes: true });
}"""


@pytest.mark.parametrize("view", VIEWS)
def test_a_picture_from_the_clipboard_is_answered_in_every_view(page, view):
    page.evaluate(NOTE_RUNS)
    choose(page, view)
    expect(page.get_by_role("radio", name=view)).to_be_checked()
    if view != "Upload":  # which is open already
        page.wait_for_function("window.ran")
    page.wait_for_function(SETTLED)  # Streamlit may drop what is uploaded while a view is drawn
    portrait = (SAMPLES / "hopper.jpg").read_bytes()
    page.wait_for_function(PASTE, arg=base64.b64encode(portrait).decode())
    expect(page.get_by_test_id("stFileUploader")).to_contain_text("pasted.png")
    if view in ("Table", "How it works"):
        choose(page, "Faces")
    expect(frames(page)).to_have_text("pasted.png")
    expect(page.locator("p.answer")).to_have_count(1)


def test_a_picture_from_the_clipboard_is_uploaded_once(page):
    portrait = (SAMPLES / "hopper.jpg").read_bytes()
    page.wait_for_function(PASTE, arg=base64.b64encode(portrait).decode())
    expect(frames(page)).to_have_text("pasted.png")
    page.wait_for_timeout(2000)  # longer than until one that was not taken is handed over again
    expect(page.get_by_test_id("stFileChip")).to_have_count(1)


def test_the_server_logs_no_warning_when_a_picture_comes_while_another_view_is_open(
    page, server_log
):
    choose(page, "Samples")
    upload(page, ("me.jpg", to_jpeg(pair_portraits())))
    expect(frames(page)).to_have_text("me.jpg")
    for name in ("Happy or sad?", "Table", "How it works", "Faces", "Live", "Upload"):
        choose(page, name)
        expect(page.get_by_role("radio", name=name)).to_be_checked()
    assert server_log.read_text() == ""


def test_a_snapshot_of_the_camera_is_answered(page):
    choose(page, "Snapshot")
    take_photo(page)
    expect(frames(page)).to_have_text("Your face")
    expect(page.locator("p.answer")).to_have_count(2)


def test_the_camera_is_read_continuously_until_it_is_stopped(page):
    choose(page, "Live")
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator(".cards .answer")).to_have_count(2)
    expect(page.locator(".speed")).to_contain_text("pictures a second")
    page.get_by_role("button", name="Stop the camera").click()
    expect(page.locator(".status")).to_have_text("Camera off.")
    expect(page.locator(".cards .answer")).to_have_count(0)


def test_a_camera_that_is_granted_too_late_is_released(page):
    choose(page, "Live")
    button = page.get_by_role("button", name="Start the camera")
    expect(button).to_be_visible()
    page.evaluate(HOLD_BACK)
    button.click()
    button.click()  # while the browser still asks
    page.wait_for_function("window.asked.length === 2")
    page.evaluate("window.asked.splice(0).forEach(grant => grant())")
    expect(page.get_by_role("button", name="Stop the camera")).to_be_visible()
    assert page.evaluate(LIVE) == 1
    page.get_by_role("button", name="Stop the camera").click()
    assert page.evaluate(LIVE) == 0
    button.click()
    page.wait_for_function("window.asked.length === 1")
    choose(page, "Samples")
    expect(button).to_have_count(0)
    page.evaluate("window.asked.splice(0).forEach(grant => grant())")
    page.wait_for_function("window.given.length === 3")
    assert page.evaluate(LIVE) == 0


def test_happy_or_sad_gives_one_large_answer(page):
    choose(page, "Happy or sad?")
    expect(page.locator("p.answer.large")).to_have_count(1)
    expect(page.locator("ul.bars.two li")).to_have_count(2)


def test_evidence_and_pixels_are_on_switches(page):
    pictures = page.locator(".card img")
    expect(pictures).to_have_count(1)
    page.get_by_text("pixels it gets").click()
    expect(pictures).to_have_count(2)
    shown = page.locator(".frames img")
    before = shown.get_attribute("src")
    page.get_by_text("Where it looked").click()
    expect(shown).not_to_have_attribute("src", before)


def test_the_explanation_has_charts_drawn_without_the_network(page):
    choose(page, "How it works")
    expect(page.get_by_alt_text("The face in 48 × 48 pixels")).to_be_visible()
    expect(page.locator("[data-testid=stVegaLiteChart] :is(canvas, svg)").first).to_be_visible()


def test_the_csv_taken_home_is_that_of_the_command_line(page, sideways, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pair = to_jpeg(pair_portraits((1280, 800)))
    files = {"pair.jpg": pair, "phone.jpg": sideways, "text.jpg": b"hello"}
    for name, data in files.items():
        Path(name).write_bytes(data)
    main(["predict", *files, "--format", "csv", "--output", "expected.csv"])
    upload(page, *files.items())
    choose(page, "Table")
    expect(page.get_by_role("radio", name="Table")).to_be_visible()
    expect(page.get_by_text("cannot be read 1")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    assert Path(download.value.path()).read_bytes() == Path("expected.csv").read_bytes()


def test_a_result_is_saved_under_the_name_of_its_picture(page, sideways):
    upload(page, ("me.jpg", sideways))
    expect(frames(page)).to_have_text("me.jpg")
    expect(page.locator("article.card")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save this result").click()
    assert download.value.suggested_filename == "me-expressions.png"
    result = Image.open(download.value.path())
    assert result.width == 1024
    assert result.height > 600  # the picture stands upright, and bars are below it


def test_the_picture_for_the_readme_is_taken(page):
    """With the portraits, which are in the public domain; in few colours, so that it is small."""
    photograph = page.locator("[data-testid=stMain] img").first
    plain = photograph.get_attribute("src")
    page.get_by_text("Where it looked").click()
    expect(page.get_by_role("switch", name="Where it looked")).to_be_checked()
    expect(photograph).not_to_have_attribute("src", plain)  # the map is drawn
    page.wait_for_function("[...document.images].every(image => image.complete)")
    expect(page.locator("[data-testid=stStatusWidget]")).to_have_count(0)
    upper = {"x": 0, "y": 0, "width": 1280, "height": 660}  # below, the page is empty
    shot = Image.open(io.BytesIO(page.screenshot(clip=upper))).convert("RGB")
    small = shot.quantize(192, dither=Image.Dither.NONE)
    file = io.BytesIO()
    small.save(file, "PNG", optimize=True)
    assert file.tell() < 300_000
    SHOT.write_bytes(file.getvalue())

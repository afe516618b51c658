"""The camera in the browser: cameras of every shape, faces that move, and lost connections."""

from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ROOT, SAMPLES, pair_portraits, to_jpeg, visit

DEMO = ROOT / "runtime/fer_onnx/demo"
FOLLOW = (DEMO / "follow.js").read_text(encoding="utf-8")
SPEECH = (DEMO / "speech.js").read_text(encoding="utf-8")
LOST = "No answer: the connection is lost, or the server is busy. Trying again …"
OFFLINE = "Offline: this device has no connection. Trying again …"
STRIP = 10  # pixels of the width of a strip that moves with the face
STEPS = 90  # pixels that it moves to the right, one a picture, and back

# small grey pictures of stripes and spots, the second moved by what is wanted, or another picture
MOVE = """([x, y, other]) => {
    const [width, height] = [192, 144];
    const paint = (dx, dy, phase) => {
        const grey = new Uint8Array(width * height);
        for (let row = 0; row < height; row++)
            for (let column = 0; column < width; column++) {
                const [u, v] = [(column - dx + phase) / 9, (row - dy + phase) / 7];
                const wave = Math.sin(u * u / 9) + Math.cos(v * v / 8);
                grey[row * width + column] = 128 + 60 * wave;
            }
        return { grey, width, height };
    };
    return follow(paint(0, 0, 0), paint(x, y, other), [70, 50, 40, 40]);
}"""
# where the strip is in the picture on view, and the frame around the face, in pixels of the video
WHERE = """() => new Promise(done => requestAnimationFrame(() => {
    const [video, drawn] = [".stage video", ".stage canvas"].map(s => document.querySelector(s));
    const { videoWidth: width, videoHeight: height } = video;
    const canvas = new OffscreenCanvas(width, height), pen = canvas.getContext("2d");
    pen.drawImage(video, 0, 0);
    const row = pen.getImageData(0, Math.round(0.4 * height), width, 1).data;
    let strip = 0;
    while (strip < width && !(row[4 * strip] > 180 && row[4 * strip + 1] < 90
        && row[4 * strip + 2] > 180)) strip++;
    pen.clearRect(0, 0, width, height);
    pen.drawImage(drawn, 0, 0, width, height);
    const frames = pen.getImageData(0, Math.round(0.4 * height), width, 1).data;
    let right = width - 1;
    while (right >= 0 && !frames[4 * right + 3]) right--;
    done([strip, width - 1 - right]);  // the video is mirrored, and so is the frame
}))"""


# what is said when answers are heard, as [text, milliseconds]
HEAR = """answers => {
    const said = [];
    const region = { set textContent(text) { if (text) said.push(text); } };
    const speech = new Speech(region);
    for (const [text, now] of answers) speech.hear(text, now);
    return said;
}"""
# the words on the frames that are drawn from now on
READ = """() => {
    window.drawn = new Set();
    const draw = CanvasRenderingContext2D.prototype.fillText;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
        window.drawn.add(text);
        return draw.call(this, text, ...rest);
    };
}"""


def start(page: Page) -> None:
    page.get_by_role("radio", name="Live", exact=True).click()
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator(".stage.on")).to_be_visible()


def open_camera(launch, address, film: bytes, path) -> Iterator[Page]:
    """Open the page in a browser whose camera shows a film."""
    path.write_bytes(film)
    browser: Browser = launch(f"--use-file-for-fake-video-capture={path}")
    yield from visit(browser, address)
    browser.close()


@pytest.fixture(params=[(640, 480), (480, 640), (1280, 720)], ids=["4:3", "portrait", "wide"])
def shaped(request, launch, address, tmp_path) -> Iterator[tuple[Page, tuple[int, int]]]:
    """The page, and the size of what the camera sees."""
    width, height = request.param
    film = 5 * to_jpeg(pair_portraits((width, height)))
    for page in open_camera(launch, address, film, tmp_path / "camera.mjpeg"):
        yield page, (width, height)


@pytest.fixture
def moving(launch, address, tmp_path) -> Iterator[Page]:
    """The page, before whose camera a face moves to and fro."""
    portrait = Image.open(SAMPLES / "hopper.jpg").convert("RGB").resize((410, 480))
    pictures = []
    for x in range(STEPS):
        canvas = Image.new("RGB", (640, 480), (60, 60, 60))
        canvas.paste((255, 0, 255), (20 + x, 0, 20 + x + STRIP, 480))
        canvas.paste(portrait, (20 + x + STRIP, 0))
        pictures.append(to_jpeg(canvas))
    film = b"".join([*pictures, *reversed(pictures)])
    yield from open_camera(launch, address, film, tmp_path / "camera.mjpeg")


@pytest.fixture
def two_cameras(launch, address) -> Iterator[Page]:
    """The page in a browser that has two cameras, which see no face."""
    browser = launch("--use-fake-device-for-media-stream=device-count=2")
    yield from visit(browser, address)
    browser.close()


def test_the_stage_has_the_shape_of_the_camera(shaped):
    page, (width, height) = shaped
    start(page)
    expect(page.locator(".cards .answer")).to_have_count(2)
    stage = page.locator(".stage").bounding_box()
    assert stage["width"] / stage["height"] == pytest.approx(width / height, rel=0.01)
    assert stage["height"] <= page.viewport_size["height"]
    drawn = page.evaluate(
        "(({ width, height }) => width / height)(document.querySelector('canvas'))"
    )
    assert drawn == pytest.approx(width / height, rel=0.01)


@pytest.mark.parametrize("moved", [(0, 0), (9, -6), (-20, 3), (4, 15)])
def test_a_face_that_moved_is_found_again(browser, moved):
    page = browser.new_page()
    found = page.evaluate(f"{FOLLOW}; ({MOVE})({[*moved, 0]})")
    assert found == pytest.approx(list(moved), abs=0.3)
    page.close()


def test_what_resembles_nothing_stays_where_it_was(browser):
    page = browser.new_page()
    assert page.evaluate(f"{FOLLOW}; ({MOVE})([0, 0, 57])") == [0, 0]
    page.close()


def test_the_frame_follows_a_face_that_moves_while_no_answer_comes(moving):
    answers = []

    def answer_once(route):
        if not answers:
            answers.append(route.fetch())
            route.fulfill(response=answers[0])

    moving.route("**/live/*", answer_once)
    start(moving)
    expect(moving.locator(".cards .answer")).to_have_count(1)
    places = []
    for _ in range(60):
        strip, frame = moving.evaluate(WHERE)
        if frame < 640:  # it is still drawn
            places.append((strip, frame))
    strips = [strip for strip, _ in places]
    assert max(strips) - min(strips) > 20
    offsets = sorted(frame - strip for strip, frame in places)
    assert offsets[-1] - offsets[0] < 15


def test_five_seconds_without_an_answer_are_said_and_the_answer_is_gone(page):
    start(page)
    expect(page.locator(".cards .answer")).to_have_count(2)
    page.route("**/live/*", lambda route: None)  # never answered
    page.wait_for_function("Number(document.querySelector('.cards').style.opacity) < 0.9")
    expect(page.locator(".status")).to_have_text(LOST)
    expect(page.locator(".cards .answer")).to_have_count(0)
    expect(page.locator(".speed")).to_have_text("")
    page.evaluate("Object.defineProperty(navigator, 'onLine', { value: false })")
    expect(page.locator(".status")).to_have_text(OFFLINE)
    page.unroute("**/live/*")
    expect(page.locator(".cards .answer")).to_have_count(2)
    expect(page.locator(".status")).to_have_text("")


def test_another_camera_can_be_chosen_and_only_a_front_camera_is_mirrored(two_cameras):
    page = two_cameras
    page.evaluate("""() => {
        const settings = MediaStreamTrack.prototype.getSettings;
        MediaStreamTrack.prototype.getSettings = function () {
            const facingMode = this.label.endsWith("1") ? "environment" : "user";
            return { ...settings.call(this), facingMode };
        };
    }""")
    start(page)
    choice = page.get_by_label("Which camera")
    expect(choice.locator("option")).to_have_count(2)
    video = page.locator(".stage video")
    expect(video).to_have_class("mirrored")
    first = page.evaluate(
        "document.querySelector('.stage video').srcObject.getVideoTracks()[0].label"
    )
    assert first.endswith("0")
    choice.select_option(index=1)
    expect(video).not_to_have_class("mirrored")
    second = page.evaluate(
        "document.querySelector('.stage video').srcObject.getVideoTracks()[0].label"
    )
    assert second.endswith("1")
    expect(page.locator(".status")).to_have_text("No face in view: come closer, or into the light.")


def test_several_faces_are_numbered_from_left_to_right_and_said(page):
    page.evaluate(READ)
    start(page)
    expect(page.locator(".cards h2")).to_have_text(["Face 1", "Face 2"])
    expect(page.locator(".said")).to_have_text("1 not sure, 2 happy")  # mirrored
    drawn = page.evaluate("[...window.drawn]")
    assert {word.split()[0] for word in drawn} == {"1", "2"}
    assert all(word.startswith(("1  neutral? 0.", "2  happy 0.")) for word in drawn)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([["happy", t] for t in range(0, 20_000, 200)], ["happy"]),  # once, however long it holds
        ([["happy", 0], ["happy", 1400]], []),
        ([[("happy", "sad")[i % 2], 200 * i] for i in range(100)], []),  # what flickers is not said
        (
            [["happy", 0], ["happy", 1500], ["sad", 1700], ["sad", 3300]],
            ["happy"],
        ),  # too soon
        ([["happy", 0], ["happy", 1500], ["sad", 1700], ["sad", 5500]], ["happy", "sad"]),
    ],
)
def test_an_answer_is_said_once_it_has_held_and_not_too_often(browser, answers, said):
    page = browser.new_page()
    assert page.evaluate(f"answers => {{ {SPEECH}; return ({HEAR})(answers); }}", answers) == said
    page.close()

"""The page on a phone: the answer comes first, whatever was given."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SAMPLES, pair_portraits, to_jpeg
from tests.browser.test_accessibility import SETTLED
from tests.browser.test_demo import upload


def is_above_the_fold(page, shown) -> bool:
    box = shown.bounding_box()
    return box["y"] + box["height"] < page.viewport_size["height"]


@pytest.mark.parametrize("files", [1, 5, 13])
def test_the_answer_comes_before_the_fold_on_a_phone_however_many_files_are_given(phone, files):
    crop = (SAMPLES / "faces" / "hopper.png").read_bytes()
    upload(phone, *((f"a picture of somebody {number}.png", crop) for number in range(files)))
    expect(phone.locator("article.card")).to_have_count(min(files, 12))
    phone.wait_for_function(SETTLED)
    first = phone.locator("article.card").first
    assert is_above_the_fold(phone, first)
    box = first.bounding_box()
    remove = phone.get_by_role("button", name="Remove a picture of somebody 0.png").bounding_box()
    add = phone.get_by_role("button", name="Add files").bounding_box()
    for button in (add, remove):  # in view, and large enough for a finger
        assert min(button["width"], button["height"]) >= 24
        assert button["y"] + button["height"] < box["y"]
        assert button["x"] + button["width"] <= phone.viewport_size["width"]


@pytest.mark.parametrize("size", [(1280, 800), (900, 1400)], ids=["wide", "tall"])
def test_the_first_of_several_answers_is_before_the_fold_on_a_phone(phone, size):
    upload(phone, ("pair.jpg", to_jpeg(pair_portraits(size))))
    expect(phone.locator("article.card")).to_have_count(2)
    phone.wait_for_function(SETTLED)
    assert is_above_the_fold(phone, phone.locator("article p.answer").first)


def test_refused_pictures_leave_the_answer_before_the_fold_on_a_phone(phone):
    crop = (SAMPLES / "faces" / "hopper.png").read_bytes()
    upload(phone, ("a.heic", b"\0\0\0\x18ftypheic" + bytes(16)), ("b.png", crop))
    expect(phone.locator(".notice.error")).to_have_text(re.compile("HEIC image; convert it"))
    expect(phone.locator("article.card")).to_have_count(1)
    phone.wait_for_function(SETTLED)
    assert is_above_the_fold(phone, phone.locator("article p.answer"))

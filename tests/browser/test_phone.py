"""The page on a phone: the answer comes first, whatever was given."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SAMPLES, SETTLED, pair_portraits, to_jpeg
from tests.browser.test_demo import upload


def expect_above_the_fold(shown) -> None:
    """Expect an element to be in view as a whole, without scrolling."""
    expect(shown).to_be_in_viewport(ratio=0.99)


@pytest.mark.parametrize("files", [1, 5, 13])
def test_the_answer_comes_before_the_fold_on_a_phone_however_many_files_are_given(phone, files):
    crop = (SAMPLES / "faces" / "hopper.png").read_bytes()
    upload(phone, *((f"a picture of somebody {number}.png", crop) for number in range(files)))
    expect(phone.locator("article.card")).to_have_count(min(files, 12))
    phone.wait_for_function(SETTLED)
    expect_above_the_fold(phone.locator("article.card").first)
    for name in ("Remove a picture of somebody 0.png", "Add files"):
        button = phone.get_by_role("button", name=name)
        expect_above_the_fold(button)
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 24  # pixels, for a finger


@pytest.mark.parametrize("size", [(1280, 800), (900, 1400)], ids=["wide", "tall"])
def test_the_first_of_several_answers_is_before_the_fold_on_a_phone(phone, size):
    upload(phone, ("pair.jpg", to_jpeg(pair_portraits(size))))
    expect(phone.locator("article.card")).to_have_count(2)
    phone.wait_for_function(SETTLED)
    expect_above_the_fold(phone.locator("article p.answer").first)


def test_refused_pictures_leave_the_answer_before_the_fold_on_a_phone(phone):
    crop = (SAMPLES / "faces" / "hopper.png").read_bytes()
    upload(phone, ("a.heic", b"\0\0\0\x18ftypheic" + bytes(16)), ("b.png", crop))
    expect(phone.locator(".notice.error")).to_have_text(re.compile("HEIC image; convert it"))
    expect(phone.locator("article.card")).to_have_count(1)
    phone.wait_for_function(SETTLED)
    expect_above_the_fold(phone.locator("article p.answer"))

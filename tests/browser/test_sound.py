"""Aloud on the officer's screen: what Chromium allows after the sign-in, and what shows that it does not."""

import pytest
from playwright.sync_api import expect

from tests.browser import demonstration as house

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SOMETHING = "document.body.insertAdjacentHTML('beforeend', '<p data-aloud>Au secours</p>')"


def told(page):
    return page.evaluate("({...document.documentElement.dataset})")


def test_the_press_on_sign_in_allows_the_sound_of_the_pages_behind_it(chromium, demo):
    context = chromium.new_context(viewport=house.WIDE, locale="fr-BE")
    page = context.new_page()
    house.sign_in(page, demo)
    expect(page.locator("html")).to_have_attribute("data-sound", "allowed")
    expect(page.locator("#sound")).to_be_hidden()
    assert "rings" not in told(page)
    page.evaluate(SOMETHING)
    expect(page.locator("html")).to_have_attribute("data-rings", "1", timeout=8000)
    context.close()


def test_where_nobody_pressed_anything_it_is_said_and_one_press_allows_it(signed_in, demo):
    page = signed_in.new_page()
    page.goto(f"{demo.url}/")
    button = page.locator("#sound")
    expect(button).to_be_visible()
    assert told(page)["sound"] == "muted"
    page.evaluate(SOMETHING)
    button.click()
    expect(page.locator("html")).to_have_attribute("data-sound", "allowed")
    expect(button).to_be_hidden()
    expect(page.locator("html")).to_have_attribute("data-rings", "1", timeout=8000)
    page.close()

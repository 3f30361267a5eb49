"""What cannot be taken back: a press says what it means, in place, and only a second button does it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.demonstration import NARROW, WIDE, Demonstration

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("window", [WIDE, NARROW], ids=["1440", "390"])
def test_one_press_deletes_nothing_and_two_do(page: Page, demo: Demonstration, window):
    page.set_viewport_size(window)
    service = f"Dépannage {window['width']}"
    page.goto(f"{demo.url}/directory/add")
    page.locator("#service").fill(service)
    page.locator("#contact").fill("04 000 00 00")
    with page.expect_navigation():
        page.get_by_role("button", name="Enregistrer").click()
    page.goto(f"{demo.url}/directory")
    page.locator("tr, li").filter(has_text=service).get_by_role("link").first.click()
    question = page.locator(".plp-sure .plp-card")
    expect(question).to_be_hidden()
    page.locator(".plp-sure summary").click()
    expect(question).to_contain_text(f"{service}, 04 000 00 00")
    box = question.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= window["width"]
    assert violations(page) == []
    question.get_by_role("button", name="Supprimer ce numéro utile").click()
    expect(page.get_by_text(f"« {service} » est supprimé des numéros utiles.")).to_be_visible()

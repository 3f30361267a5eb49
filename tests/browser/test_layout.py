"""Every page in both windows: nothing scrolls sideways, the main button is in view; of each kind no rule is broken."""

import pytest
from playwright.sync_api import Page

from base.catalogues import catalogue
from rules.languages import LANGUAGES
from tests.browser.axe import violations
from tests.browser.demonstration import NARROW, WIDE, Demonstration, write_alert
from tests.browser.pages import PAGES, sideways
from tests.support.sampling import left_to_soak

pytestmark = [pytest.mark.browser, pytest.mark.slow]


# Pages of each kind, and every page of an alert. `make soak` has every page, and tests/soak/test_axe.py holds each
# against the accessibility rules, in four languages.
AGAINST_THE_RULES = {name for name in PAGES if "{id}" in PAGES[name]} | {
    "accueil", "rediger", "messages", "modems", "membres", "membre", "membres-importer", "quartiers-carte",
    "inscription-publique", "garde", "bulletin-ecrire", "journal", "plan-b", "parametres", "mon-compte", "absente",
}  # fmt: skip


@pytest.mark.parametrize("name", [each if each in AGAINST_THE_RULES else left_to_soak(each) for each in PAGES])
def test_nothing_scrolls_sideways_and_no_rule_is_broken(reader: Page, demo: Demonstration, sent: int, name):
    page = reader
    page.set_viewport_size(NARROW)
    answer = page.goto(demo.url + PAGES[name].format(id=sent))
    assert answer is not None
    assert answer.status == (404 if name == "absente" else 200)
    for window in (NARROW, WIDE):
        page.set_viewport_size(window)
        assert page.locator("h1").count() == 1
        assert sideways(page) <= 0, window
        assert "aucun SMS" in page.locator("body").inner_text()
    assert name not in AGAINST_THE_RULES or violations(page) == []


def test_the_confirm_page_on_a_phone(page: Page, demo: Demonstration):
    page.set_viewport_size(NARROW)
    write_alert(page, demo, "Mise en page " * 20)
    assert sideways(page) <= 0
    button = page.locator(".alert-next button")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


@pytest.mark.parametrize("path", ["/", "/alerts/new", "/members"])
def test_the_main_button_is_in_view(reader: Page, demo: Demonstration, path):
    page = reader
    page.set_viewport_size(NARROW)
    page.goto(demo.url + path)
    button = page.locator("main .home-tile, main .plp-button-primary, main .plp-button-live").first
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


def test_what_waits_stands_beside_the_button_of_the_menu_and_not_under_it(reader: Page, demo: Demonstration, sent: int):
    """In words as long as the Dutch ones are."""
    page = reader
    page.set_viewport_size(NARROW)
    page.goto(f"{demo.url}/members")
    pill = page.locator(".plp-now > .plp-running, .plp-now > .plp-waiting").first
    pill.evaluate("pill => { pill.className = 'plp-waiting'; pill.textContent = '1.234 berichten te behandelen'; }")
    words, button = pill.bounding_box(), page.locator(".plp-drawer summary").bounding_box()
    assert words is not None
    assert button is not None
    assert words["x"] + words["width"] <= button["x"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_button_of_the_sound_leaves_the_emergency_numbers_in_view(reader: Page, demo: Demonstration, language):
    page, words = reader, catalogue(language).gettext("Son coupé : activer")
    page.set_viewport_size(NARROW)
    page.goto(f"{demo.url}/members")
    page.locator("#sound").evaluate(
        "(button, words) => { button.hidden = false; button.querySelector('span').textContent = words; }", words
    )
    numbers, button = page.locator(".plp-emergency strong").last.bounding_box(), page.locator("#sound").bounding_box()
    assert numbers is not None
    assert button is not None
    assert numbers["x"] + numbers["width"] <= button["x"]

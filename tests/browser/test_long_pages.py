"""Long pages: parts one at a time without a script, lists in pages on a phone, what is shown once is copied."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.demonstration import NARROW, WIDE, Demonstration, sign_in, write_alert

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def height(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollHeight"))


def test_a_modem_s_page_shows_one_part_at_a_time_without_a_script(chromium: Browser, demo: Demonstration):
    context = chromium.new_context(viewport=WIDE, locale="fr-BE", java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, demo)
    page.goto(f"{demo.url}/modems/")
    page.get_by_role("link", name="demo").first.click()
    expect(page.locator("#standing")).to_be_visible()
    for part, heading in (("Réception", "Réception du réseau"), ("Vérifications", "Relevé AT pour le support")):
        page.get_by_role("link", name=part, exact=True).click()
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        expect(page.locator("#standing")).to_be_hidden()
        expect(page.get_by_role("link", name=part, exact=True)).to_be_in_viewport()
    page.get_by_role("button", name="Demander le relevé AT").click()
    expect(page.get_by_role("heading", name="Relevé AT pour le support")).to_be_visible()
    context.close()


@pytest.mark.parametrize(("path", "most"), [("/members", 3400), ("/ready-made", 4300), ("/ready-made#words", 2200)])
def test_a_list_on_a_phone_has_an_end(page: Page, demo: Demonstration, path: str, most: int):
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.goto(demo.url + path)
    assert height(page) <= most


def test_the_confirm_page_has_at_most_three_windows_of_a_phone(page: Page, demo: Demonstration):
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    write_alert(page, demo, "Essai sur un GSM")
    assert height(page) <= 3 * NARROW["height"]


def test_the_part_that_is_shown_is_named_to_whoever_does_not_see_it(page: Page, demo: Demonstration):
    page.goto(f"{demo.url}/ready-made")
    words = page.get_by_role("link", name="Début et fin du texte")
    expect(page.get_by_role("link", name="Modèles d'alerte").last).to_have_attribute("aria-current", "true")
    words.click()
    expect(words).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("button", name="Enregistrer le début et la fin du texte")).to_be_visible()


def test_the_link_of_a_new_account_is_copied(page: Page, demo: Demonstration):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{demo.url}/accounts/add")
    page.locator("#name").fill("Copiée Dubois")
    page.locator("input[name=role][value=coordinator]").check()
    page.locator("main form button[type=submit]").last.click()
    page.get_by_role("button", name="Copier le lien").click()
    expect(page.get_by_text("Lien copié")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator(".plp-once").inner_text()
    assert re.match(r"https?://\S+/setup/\S+", copied)

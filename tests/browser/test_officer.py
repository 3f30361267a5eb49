"""What an officer does: sign in, write, confirm, watch the bar reach the end."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.demonstration import NARROW, Demonstration, confirm_alert, let_the_modem_finish, sign_in, write_alert

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# A street of its own: other modules of the same run send the usual text from the same demonstration.
TEXT = "Vol avec violence avenue des Saules. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"
ENDS_WITHIN_MS = 60_000


def test_from_login_to_the_last_phone(chromium: Browser, demo: Demonstration):
    context = chromium.new_context(viewport=NARROW, locale="fr-BE")
    page = context.new_page()
    let_the_modem_finish(demo)
    sign_in(page, demo)
    expect(page.get_by_text("Démonstration : aucun SMS n'est réellement envoyé").first).to_be_visible()
    write_alert(page, demo, TEXT)
    expect(page.locator(".alert-bubble")).to_have_text(TEXT)
    confirm_alert(page)
    expect(page.get_by_role("button", name="Annuler")).to_be_visible()
    # the page follows by itself: nobody reloads it
    expect(page.locator("main")).to_contain_text("45 reçus sur 48", timeout=ENDS_WITHIN_MS)
    expect(page.get_by_role("button", name="Arrêter")).to_have_count(0)

    page.reload()
    page.goto(f"{demo.url}/alerts/")
    expect(page.get_by_role("link", name=re.compile("avenue des Saules"))).to_have_count(1)
    context.close()


def test_the_count_is_the_servers_and_an_accent_shows_its_price(page: Page, demo: Demonstration):
    page.goto(f"{demo.url}/alerts/new")
    page.locator("#text").fill("Fenêtre forcée")
    expect(page.locator("#measure")).to_contain_text("ê")
    page.get_by_role("button", name=re.compile("Remplacer")).first.click()
    expect(page.locator("#text")).to_have_value("Fenetre forcée")


def test_a_wrong_number_sends_nothing(page: Page, demo: Demonstration):
    write_alert(page, demo, "Un autre texte")
    page.locator("#typed").fill("3")
    page.get_by_role("button", name=re.compile("^Envoyer")).click()
    expect(page.get_by_role("alert")).to_contain_text("Aucun SMS n'a été envoyé")
    page.goto(f"{demo.url}/alerts/")
    expect(page.get_by_role("link", name=re.compile("Un autre texte"))).to_have_count(0)


def test_a_double_click_sends_once(page: Page, demo: Demonstration):
    write_alert(page, demo, "Deux fois sur le bouton")
    page.locator("#typed").fill("45")
    page.get_by_role("button", name=re.compile("^Envoyer")).dblclick()
    page.wait_for_url(re.compile(r"/alerts/\d+$"))
    page.goto(f"{demo.url}/alerts/")
    expect(page.get_by_role("link", name=re.compile("Deux fois sur le bouton"))).to_have_count(1)


def test_undo_while_the_seconds_run(page: Page, demo: Demonstration):
    write_alert(page, demo, "Parti trop vite")
    confirm_alert(page)
    page.get_by_role("button", name="Annuler").click()
    expect(page.locator("main")).to_contain_text(re.compile("annulé|arrêté", re.IGNORECASE))


def test_without_javascript_the_essential_path_works(chromium: Browser, demo: Demonstration):
    context = chromium.new_context(java_script_enabled=False, locale="fr-BE")
    page = context.new_page()
    sign_in(page, demo)
    write_alert(page, demo, "Sans JavaScript")
    confirm_alert(page)
    expect(page.locator("main")).to_contain_text("Sans JavaScript")
    context.close()
